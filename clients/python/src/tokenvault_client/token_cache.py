"""Access tokens that processes of one user share: files that nobody else can read.

Cognito bills each access token, and limits how many it gives a second. So runs of the command line tool, and
worker processes of one machine, use the same ones for as long as they last.
"""

import contextlib
import hashlib
import json
import os
import stat
import tempfile
import time
from collections.abc import AsyncIterator, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tokenvault_client.deadlines import Deadline
from tokenvault_client.parsing import load_json
from tokenvault_client.retries import Pause
from tokenvault_client.settings import HEADER_TEXT, Endpoint

LONGEST_SECONDS: Final = 24 * 3600
"""What Cognito allows an access token to live. What promises more is not believed."""

_MOST_BYTES: Final = 64 * 1024
_LOCK_WAIT_SECONDS: Final = 10.0
_LOCK_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True)
class CachedToken:
    """An access token, what it allows, and for how many seconds more it is used."""

    text: str = field(repr=False)
    scopes: frozenset[str]
    seconds: float


class TokenCache:
    """The access tokens of a client in a folder. A cache that cannot be used counts as empty.

    The name of a file is a digest of the client's credentials, so that a client with another secret finds
    nothing. A file is used only if it and its folder belong to this user and nobody else may read or write
    them.
    """

    def __init__(self, folder: Path, endpoint: Endpoint) -> None:
        credentials = [endpoint.token_url, endpoint.client_id, endpoint.client_secret]
        self._folder = folder
        self._client = hashlib.sha256(json.dumps(["tokenvault/v1", *credentials]).encode()).hexdigest()

    def read(self, scopes: Set[str]) -> CachedToken | None:
        """The access token that was asked for with these scopes, if there is one that still holds."""
        try:
            found = _parsed(_secret_file(self._path(scopes))) if _is_private(self._folder, 0o022) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if found is not None and 0 < found.seconds <= LONGEST_SECONDS else None

    def write(self, scopes: Set[str], token: CachedToken) -> None:
        """Keeps an access token."""
        content = {
            "access_token": token.text,
            "scopes": sorted(token.scopes),
            "use_until": time.time() + token.seconds,
        }
        with contextlib.suppress(OSError):
            self._make_folder()
            _replace(self._path(scopes), json.dumps(content).encode())

    def remove(self, texts: Set[str]) -> None:
        """Drops these access tokens, and leaves those that another process has had in the meantime."""
        for path in self._folder.glob(f"{self._client}-*.json"):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                if _parsed(_secret_file(path)).text in texts:
                    path.unlink()

    @contextlib.asynccontextmanager
    async def locked(self, deadline: Deadline, pause: Pause) -> AsyncIterator[None]:
        """Lets one process at a time ask for an access token, so that the others find it.

        A process that holds it for long keeps nobody from asking.
        """
        descriptor = await self._lock(deadline, pause)
        try:
            yield
        finally:
            if descriptor is not None:
                _unlock(descriptor)

    def _path(self, scopes: Set[str]) -> Path:
        asked = hashlib.sha256(" ".join(sorted(scopes)).encode()).hexdigest()
        return self._folder / f"{self._client}-{asked[:16]}.json"

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(self._folder, 0o022):
            raise OSError("another user may write to the folder")

    async def _lock(self, deadline: Deadline, pause: Pause) -> int | None:
        try:
            import fcntl  # noqa: PLC0415  # Windows has none; processes may then ask at the same time

            self._make_folder()
            descriptor = os.open(self._folder / f"{self._client}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except (ImportError, OSError):
            return None
        end = min(deadline.left(), _LOCK_WAIT_SECONDS) + time.monotonic()
        locked = False
        try:
            while not locked and time.monotonic() < end:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    locked = True
                if not locked:
                    await pause(_LOCK_POLL_SECONDS)
        finally:
            # Not had in time, or given up by a task that was cancelled.
            if not locked:
                os.close(descriptor)
        return descriptor if locked else None


def _unlock(descriptor: int) -> None:
    import fcntl  # noqa: PLC0415  # there is one, or it would not be locked

    # By name: a child process that was forked meanwhile has the descriptor open too.
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _parsed(content: bytes) -> CachedToken:
    """Raises `ValueError`, `KeyError` or `TypeError` for anything that `write` has not made."""
    fields: Any = load_json(content)
    text, scopes = fields["access_token"], frozenset(map(str, fields["scopes"]))
    if not HEADER_TEXT.fullmatch(text):
        raise ValueError("not an access token")
    return CachedToken(text, scopes, float(fields["use_until"]) - time.time())


def _secret_file(path: Path) -> bytes:
    """The content of a file that only this user can read or write. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with open(descriptor, "rb") as file:
        if not _is_ours(os.fstat(descriptor), 0o077):
            raise OSError("not a secret file of this user")
        return file.read(_MOST_BYTES)


def _replace(path: Path, content: bytes) -> None:
    """Writes a file that only this user can read, whole or not at all. Raises `OSError`."""
    descriptor, made = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(made, path)
    except OSError:
        os.unlink(made)
        raise


def _is_private(folder: Path, forbidden: int) -> bool:
    return _is_ours(folder.lstat(), forbidden) and folder.is_dir()


def _is_ours(found: os.stat_result, forbidden: int) -> bool:
    """Whether a file or folder is this user's, no link, and has none of the forbidden rights."""
    if not hasattr(os, "getuid"):
        return True
    right_kind = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    return right_kind and found.st_uid == os.getuid() and not found.st_mode & forbidden
