r"""Where the records of a segment end, before anybody knows what came before it.

At the start of a line a CSV file is in one of two states: between two records, or within quotes. A line
that begins within quotes is cut like one that has a quote in front of it. So each segment is scanned for
both states at once, on its own, and `planning.parts` picks the one that holds, from the first segment on.
That is exact, and not a guess: see `tests/bulk/test_scanning.py`. (A border inside a cell is found by its
line end, so a segment begins with the first line that starts in it.)
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from tokenvault_client.bulk.csv_cells import Cutter
from tokenvault_client.bulk.lines import MAX_ROW


@dataclass(frozen=True)
class Borders:
    """What a segment holds if it begins in a certain state.

    `rows` records end in it. `cuts` are places where one does, each with the number of those that end up to
    it; the last is that of the last record. `is_open`: the segment ends within quotes.
    """

    rows: int
    cuts: tuple[tuple[int, int], ...]
    is_open: bool


@dataclass(frozen=True)
class Scanned:
    """A segment that begins between records, or within quotes; None for what cannot be."""

    outside: Borders | None
    inside: Borders | None

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Scanned":
        """From JSON."""
        return cls(_borders(document["outside"]), _borders(document["inside"]))


def scan(lines: Iterator[bytes], at: int, every: int, cutter: Cutter | None) -> Scanned:
    """The borders in lines that begin at a place of the file, with a cut at least each `every` records.

    Without a `cutter`, each line is a record. Raises `NotImportable` for a line that is too long.
    """
    outside = _Walk(every, cutter, is_open=False)
    inside = None if cutter is None else _Walk(every, cutter, is_open=True)
    for line in lines:
        at += len(line)
        outside.take(line, at)
        if inside is not None:
            inside.take(line, at)
    return Scanned(outside.borders(), None if inside is None else inside.borders())


class _Walk:
    """Goes through lines, of which the first begins a record or is within quotes."""

    def __init__(self, every: int, cutter: Cutter | None, *, is_open: bool) -> None:
        self._every, self._cutter, self._is_open = every, cutter, is_open
        self._rows, self._cuts, self._last = 0, list[tuple[int, int]](), 0
        self._size, self._too_long = 0, False

    def take(self, line: bytes, end: int) -> None:
        """The next line, which ends at that place of the file."""
        self._size += len(line)
        self._too_long = self._too_long or self._size > MAX_ROW
        if self._too_long:
            return
        if self._cutter is None or self._cutter.is_whole(line, within_quotes=self._is_open):
            self._is_open, self._size = False, 0
            self._rows, self._last = self._rows + 1, end
            if self._rows % self._every == 0:
                self._cuts.append((end, self._rows))
        else:
            self._is_open = True

    def borders(self) -> Borders | None:
        """What was found; None if a record would be longer than any that is taken in."""
        if self._too_long:
            return None
        cuts = list(self._cuts)
        if self._rows and (not cuts or cuts[-1][0] != self._last):
            cuts.append((self._last, self._rows))
        return Borders(self._rows, tuple(cuts), self._is_open)


def _borders(document: dict[str, Any] | None) -> Borders | None:
    if document is None:
        return None
    cuts = tuple((int(at), int(rows)) for at, rows in document["cuts"])
    return Borders(document["rows"], cuts, document["is_open"])
