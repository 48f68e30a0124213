"""What was done of retiring old tokens, beside the file of pairs, so that the next run goes on.

Each batch of pairs is noted with what is to be erased of it *before* any of it is: a token that this very
retirement erased must never be taken for one that somebody else erased meanwhile, or its value would be lost
with the other one. It names no token, only places in the file.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from tokenvault_client.export import chain
from tokenvault_client.locking import locked


class OtherFile(Exception):  # an outcome: the user is told what to do
    """The notes at this place are of another file of pairs, or are none."""


@dataclass
class Retirement:
    """The notes of one file of pairs, which this process holds alone.

    `begun` has, by the number of each batch, what is to be erased of it, `done` the batches that are. `ended`
    is there once all are.
    """

    path: Path
    file: BinaryIO = field(repr=False)
    of: Mapping[str, Any]
    begun: dict[int, str] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    ended: Mapping[str, int] | None = None

    @property
    def is_new(self) -> bool:
        """Whether nothing was erased yet."""
        return not self.begun

    def begin(self, number: int, fates: str) -> None:
        """Notes what is to be erased of a batch."""
        self._append({"batch": number, "fates": fates})
        self.begun[number] = fates

    def finish(self, number: int) -> None:
        """Notes that it was."""
        self._append({"done": number})
        self.done.add(number)

    def end(self, counts: Mapping[str, int]) -> None:
        """Notes that all of it was."""
        self._append({"ended": dict(counts)})
        self.ended = counts

    def remove(self) -> None:
        """Nothing was done that had to be noted."""
        with suppress(FileNotFoundError):
            self.path.unlink()

    def note(self, line: Mapping[str, Any]) -> None:
        """Takes a line as it was noted."""
        if "fates" in line:
            self.begun[line["batch"]] = line["fates"]
        elif "done" in line:
            self.done.add(line["done"])
        else:
            self.ended = line["ended"]

    def _append(self, line: Mapping[str, Any]) -> None:
        rest = memoryview(json.dumps(line).encode() + b"\n")
        while rest:
            rest = rest[self.file.write(rest) :]
        os.fsync(self.file.fileno())


@contextmanager
def opened(path: Path, of: Mapping[str, Any]) -> Iterator[Retirement]:
    """The notes at a path, begun or gone on with, locked against every other process.

    Raises `OtherFile`, `Busy` if another run is at work, and `OSError`.
    """
    with locked(path) as file:
        lines, whole = _read(path)
        file.truncate(whole)
        file.seek(whole)
        found = Retirement(path, file, of)
        if not lines:
            found._append({"retire": dict(of)})
        elif lines[0].get("retire") != of:
            raise OtherFile(f"{path.name} is of another file of pairs")
        for line in lines[1:]:
            found.note(line)
        yield found


def _read(path: Path) -> tuple[list[Mapping[str, Any]], int]:
    """The whole lines, and where they end: what a sudden end left behind them does not count."""
    lines, whole = list[Mapping[str, Any]](), 0
    with path.open("rb") as source, suppress(ValueError):
        for raw in source:
            lines.append(chain.read_line(raw))
            whole += len(raw)
    return lines, whole
