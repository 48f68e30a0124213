"""The folders of services on ports that nobody named: each goes when its service ends.

Nobody starts another one at that port on purpose, so such folders would only pile up. A mark tells them from
those of ports that were asked for, and is claimed for as long as the service lives.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local import processes

_MARK: Final = "passing.pid"


@contextmanager
def passing(folder: Path) -> Iterator[None]:
    """Makes the folder, and removes it at the end, with those beside it that killed services left.

    It stays after an error, whose text may name a log in it, until the next one starts.
    """
    for mark in folder.parent.glob(f"*/{_MARK}"):
        _removed(mark)
    _make(folder)
    claim = processes.claim(folder / _MARK)
    try:
        yield
        if claim is not None:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        if claim is not None:
            claim.release()


@contextmanager
def staying(folder: Path) -> Iterator[None]:
    """Makes the folder of a port or a place that was asked for by name."""
    _make(folder)
    (folder / _MARK).unlink(missing_ok=True)
    yield


def _make(folder: Path) -> None:
    """For this user alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _removed(mark: Path) -> None:
    """Removes the folder of a service that is gone. Whoever starts in it just now keeps it by its claim."""
    if processes.running(mark) is None and (claim := processes.claim(mark)) is not None:
        shutil.rmtree(mark.parent, ignore_errors=True)
        claim.release()
