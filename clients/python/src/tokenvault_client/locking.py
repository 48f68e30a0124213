"""A file that one process holds at a time."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


class Busy(Exception):  # an outcome: another run is at work, or there are no locks here
    """The file cannot be held. The text says why."""


@contextlib.contextmanager
def locked(path: Path) -> Iterator[BinaryIO]:
    """The file, readable by its user alone, under a lock that ends with the process. Raises `Busy`."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with open(descriptor, "r+b", buffering=0) as file:
            _lock(file, path)
            # Between opening and locking, a run that came to its end may have removed the file.
            if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
                yield file
                return


def _lock(file: BinaryIO, path: Path) -> None:
    try:
        import fcntl  # noqa: PLC0415  # Windows has none
    except ImportError:
        raise Busy("this needs a lock that this system lacks; use Linux or macOS") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy(f"another run is at work on this output: it holds {path.name}") from None
