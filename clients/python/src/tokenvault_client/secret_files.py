"""Files that only their user may read, written whole or not at all, and one process at a time."""

import contextlib
import os
import stat
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from tokenvault_client.deadlines import Deadline
from tokenvault_client.retries import Pause

_MOST_BYTES: Final = 64 * 1024
_LOCK_WAIT_SECONDS: Final = 10.0
_LOCK_POLL_SECONDS: Final = 0.05


def make_folder(folder: Path) -> None:
    """Makes a folder that nobody else may write to. Raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_private(folder, 0o022):
        raise OSError("another user may write to the folder")


@contextlib.asynccontextmanager
async def locked(path: Path, deadline: Deadline, pause: Pause) -> AsyncIterator[None]:
    """Holds a lock that one process has at a time, or goes on without it when another has it for long."""
    descriptor = await _lock(path, deadline, pause)
    try:
        yield
    finally:
        if descriptor is not None:
            _unlock(descriptor)


async def _lock(path: Path, deadline: Deadline, pause: Pause) -> int | None:
    try:
        import fcntl  # noqa: PLC0415  # Windows has none; processes may then ask at the same time

        make_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except (ImportError, OSError):
        return None
    end = min(deadline.left(), _LOCK_WAIT_SECONDS) + time.monotonic()
    had = False
    try:
        while not had and time.monotonic() < end:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                had = True
            if not had:
                await pause(_LOCK_POLL_SECONDS)
    finally:
        # Not had in time, or given up by a task that was cancelled.
        if not had:
            os.close(descriptor)
    return descriptor if had else None


def _unlock(descriptor: int) -> None:
    import fcntl  # noqa: PLC0415  # there is one, or it would not be locked

    # By name: a child process that was forked meanwhile has the descriptor open too.
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def secret_file(path: Path) -> bytes:
    """The content of a file that only this user can read or write. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with open(descriptor, "rb") as file:
        if not _is_ours(os.fstat(descriptor), 0o077):
            raise OSError("not a secret file of this user")
        return file.read(_MOST_BYTES)


def replace(path: Path, content: bytes) -> None:
    """Writes a file that only this user can read, whole or not at all. Raises `OSError`."""
    descriptor, made = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(made, path)
    except OSError:
        os.unlink(made)
        raise


def is_private(folder: Path, forbidden: int) -> bool:
    return _is_ours(folder.lstat(), forbidden) and folder.is_dir()


def _is_ours(found: os.stat_result, forbidden: int) -> bool:
    """Whether a file or folder is this user's, no link, and has none of the forbidden rights."""
    if not hasattr(os, "getuid"):
        return True
    right_kind = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    return right_kind and found.st_uid == os.getuid() and not found.st_mode & forbidden
