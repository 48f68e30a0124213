"""Rows and chunks: what a file is cut into. A chunk is what one request carries, so it has one key."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from tokenvault_client.batches import MAX_ITEMS
from tokenvault_client.bulk.errors import BadValue
from tokenvault_client.results import ItemError, TokenizeItem, TokenizeResult

MAX_ROWS: Final = 1000
MAX_BYTES: Final = 768 * 1024
"""Most of the input and most of a request in one chunk, as far as rows allow. The service takes 960 KB."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two rows: how far the input is read, and the number of the row before it."""

    at: int
    row: int


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that has no token, and why. Never the value. A whole row that is bad has the column None."""

    row: int
    column: str | None
    rule: str
    detail: str

    def sentence(self) -> str:
        """For a person; the file of bad cells has the fields."""
        column = "" if self.column is None else f", column {self.column}"
        return f"row {self.row}{column}: {self.rule}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell to tokenize. `hole` is its place among the row's pieces; `write` makes bytes of its token.

    `write` raises `ValueError` for a token that the file cannot hold. `blank` stands there if there is none.
    """

    column: str
    item: TokenizeItem
    hole: int
    write: Callable[[str], bytes]
    blank: bytes


@dataclass(slots=True)
class Row:
    """A row of the input, in pieces with a hole for each cell, and where it ends in the input.

    Joined by `glue` and closed by `tail`, the pieces are the row of the output.
    """

    place: Position
    pieces: list[bytes] = field(repr=False)
    glue: bytes = b""
    tail: bytes = b""
    cells: list[Cell] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    size: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that go out in one request."""

    number: int
    rows: Sequence[Row]

    @property
    def place(self) -> Position:
        """Where the chunk ends."""
        return self.rows[-1].place

    @property
    def items(self) -> list[TokenizeItem]:
        """What is sent."""
        return [cell.item for row in self.rows for cell in row.cells]


class Source(Protocol):
    """An input file. The output begins with `head`, the rows begin at `start`; positions end at `total`."""

    head: bytes
    start: Position
    total: int

    def rows(self, start: Position) -> Iterator[Row]:
        """The rows from a position on. Raises `NotImportable`."""

    def finished(self, part: Path) -> Path:
        """The output as a whole, given the file of all rendered rows."""


def cut(rows: Iterator[Row], number: int) -> Iterator[Chunk]:
    """The rows in chunks, numbered from here on. Where a chunk ends follows from its rows alone."""
    taken: list[Row] = []
    items = size = 0
    for row in rows:
        weight = max(row.size, sum(len(json.dumps(cell.item.body())) for cell in row.cells))
        full = items + len(row.cells) > MAX_ITEMS or size + weight > MAX_BYTES or len(taken) == MAX_ROWS
        if taken and full:
            yield Chunk(number, taken)
            number, taken, items, size = number + 1, [], 0, 0
        taken.append(row)
        items, size = items + len(row.cells), size + weight
    if taken:
        yield Chunk(number, taken)


def rendered(chunk: Chunk, results: Sequence[TokenizeResult]) -> tuple[bytes, list[Bad]]:
    """The chunk's part of the output, and its bad cells in the order of the file."""
    bad, given, lines = list[Bad](), iter(results), list[bytes]()
    for row in chunk.rows:
        bad += row.bad
        for cell in row.cells:
            try:
                row.pieces[cell.hole] = _written(cell, next(given))
            except BadValue as failed:
                row.pieces[cell.hole] = cell.blank
                bad.append(Bad(row.place.row, cell.column, failed.rule, failed.detail))
        lines += (row.glue.join(row.pieces), row.tail)
    return b"".join(lines), bad


def _written(cell: Cell, result: TokenizeResult) -> bytes:
    if isinstance(result, ItemError):
        raise BadValue(result.code, result.detail)
    try:
        return cell.write(result.token)
    except ValueError:
        raise BadValue("token_encoding", "the file's encoding has no bytes for the token") from None
