"""What was decided and done of retiring old tokens, beside the file of pairs, so that the next run goes on.

What is to be erased of all pairs is noted *before* any of it is, and never decided again: a token that this
very retirement erased must not be taken for one that somebody else erased meanwhile, or its value would be
lost with the other one. The notes name no token, only places in the file.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from tokenvault_client.durable import append, sync_folder
from tokenvault_client.export import chain
from tokenvault_client.export.fates import NEITHER, NEW, OLD, counted
from tokenvault_client.export.part import own
from tokenvault_client.locking import locked

BATCH: Final = 50
"""Pairs that are noted as begun at once, and all erased before the next ones are begun."""


class UnusableNotes(Exception):  # an outcome: the user is told what to do
    """The notes at this place are of another file of pairs, or are damaged."""


@dataclass
class Retirement:
    """The notes of one file of pairs, which this process holds alone.

    `fates` has a letter for each pair, once that was decided. `begun` and `done` are numbers of batches,
    which follow each other: of one that is begun and not done, any token may be erased. `ended` is there
    once all are done.
    """

    path: Path
    file: BinaryIO = field(repr=False)
    of: Mapping[str, Any]
    fates: str | None = None
    size: int = BATCH
    begun: int = 0
    done: int = 0
    ended: Mapping[str, int] | None = None

    @property
    def has_more(self) -> bool:
        """Whether there are batches that are not done."""
        return self.done * self.size < len(self.fates or "")

    def decide(self, fates: str, size: int) -> None:
        """Notes what is to be erased of all pairs, and in batches of how many."""
        self._add({"fates": fates, "size": size, "sha256": _digest(fates)})
        sync_folder(self.path.parent)

    def begin(self) -> None:
        """Notes that the next batch is begun."""
        self._add({"begun": self.begun})

    def finish(self) -> None:
        """Notes that what was begun is done."""
        self._add({"done": self.done})

    def end(self) -> Mapping[str, int]:
        """Notes that all of it is, and how much that was."""
        counts = counted(self.fates or "")
        self._add({"ended": counts})
        return counts

    def remove(self) -> None:
        """Nothing was done that had to be noted."""
        with suppress(FileNotFoundError):
            self.path.unlink()

    def take(self, line: Mapping[str, Any]) -> None:
        """Takes a line as it was noted. Raises `ValueError` for one that does not follow those before it."""
        match line:
            case {"fates": str(fates), "size": int(size), "sha256": str(digest)} if self.fates is None:
                _require(digest == _digest(fates) and len(fates) == self.of["pairs"] and size > 0)
                _require(set(fates) <= {OLD, NEW, NEITHER})
                self.fates, self.size = fates, size
            case {"begun": self.begun} if self.begun == self.done and self.has_more:
                self.begun += 1
            case {"done": self.done} if self.begun > self.done:
                self.done += 1
            case {"ended": counts} if not self.has_more and counts == counted(self.fates or ""):
                self.ended = counts
            case _:
                _require(False)

    def _add(self, line: Mapping[str, Any]) -> None:
        self.append(line)
        self.take(line)

    def append(self, line: Mapping[str, Any]) -> None:
        """Has a line on the disk."""
        append(self.file, own(line))


@contextmanager
def opened(path: Path, of: Mapping[str, Any]) -> Iterator[Retirement]:
    """The notes at a path, begun or gone on with, locked against every other process.

    Raises `UnusableNotes`, `Busy` if another run is at work, and `OSError`.
    """
    with locked(path) as file:
        found = Retirement(path, file, of)
        try:
            lines, whole = _read(path)
            if not lines:
                _require(own({"retire": dict(of)}).startswith(path.read_bytes()))
            elif lines[0]["retire"] != of:
                raise UnusableNotes(f"{path.name} is of another file of pairs")
            for line in lines[1:]:
                found.take(line)
        except (ValueError, KeyError):
            raise UnusableNotes(
                f"{path.name} is damaged, and what was erased cannot be told from it: nothing more was erased"
            ) from None
        file.truncate(whole)
        file.seek(whole)
        if not lines:
            found.append({"retire": dict(of)})
        yield found


def _read(path: Path) -> tuple[list[Mapping[str, Any]], int]:
    """The whole lines, and where they end: what a sudden end left of the last one does not count.

    Raises `ValueError` if another one is none: what follows it tells of erasures that it came before.
    """
    lines, whole = list[Mapping[str, Any]](), 0
    with path.open("rb") as source:
        raws = list(source)
    for number, raw in enumerate(raws, 1):
        try:
            lines.append(chain.read_line(raw))
        except ValueError:
            if number < len(raws):
                raise
            break
        whole += len(raw)
    return lines, whole


def _digest(fates: str) -> str:
    return hashlib.sha256(fates.encode()).hexdigest()


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("the notes are damaged")
