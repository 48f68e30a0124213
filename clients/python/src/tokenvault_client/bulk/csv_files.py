"""A CSV file as a source of rows."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from tokenvault_client.bulk import values
from tokenvault_client.bulk.csv_cells import Cutter, Record
from tokenvault_client.bulk.errors import BadValue, NotImportable
from tokenvault_client.bulk.mapping import Column, CsvOptions, ImportMap
from tokenvault_client.bulk.rows import Bad, Cell, Position, Row
from tokenvault_client.encoding import without_mark

_ONE_COLUMN: Final = ": the first line is one column; is the delimiter right ([csv] of the map)?"


class CsvFile:
    """A CSV file whose mapped cells are to be replaced. Raises `NotImportable`."""

    def __init__(self, path: Path, mapped: ImportMap) -> None:
        options = csv_options(path.suffix, mapped)
        self._path, self._columns, self._cutter = path, mapped.columns, Cutter(options)
        self.total = path.stat().st_size
        with path.open("rb") as file:
            mark = _mark(file.read(4))
            file.seek(len(mark))
            first = next(self._cutter.records(file), Record([b""], b"", 0))
        self._width = len(first.cells)
        self.first_end = len(mark) + first.size
        """Where the first record ends, which tells the width of all others; a header or not."""
        named = first.cells if options.header else [str(n).encode() for n in range(1, self._width + 1)]
        self._places = self._located(named, mapped.names)
        self.head = mark + (self._cutter.join(first.cells) + first.end if options.header else b"")
        self.start = Position(len(self.head), 0)

    def rows(self, start: Position) -> Iterator[Row]:
        """The rows from a position on. Raises `NotImportable`."""
        at, number = start.at, start.row
        with self._path.open("rb") as file:
            file.seek(at)
            for record in self._cutter.records(file):
                at, number = at + record.size, number + 1
                yield self._row(record, Position(at, number))

    def finished(self, part: Path) -> Path:
        """The rendered rows are the output."""
        return part

    def _located(self, cells: list[bytes], wanted: frozenset[str]) -> dict[str, int]:
        """The places of the columns that are read."""
        try:
            names = [self._cutter.text(cell) for cell in cells]
        except BadValue as error:
            raise NotImportable(f"header: {error.detail}") from None
        for name in sorted(wanted):
            if (found := names.count(name)) != 1:
                shown = json.dumps(name, ensure_ascii=False)
                hint = _ONE_COLUMN if len(names) == 1 and not found and names[0] else ""
                raise NotImportable(
                    f"header: {'no' if not found else 'more than one'} column is named {shown}{hint}"
                )
        return {name: names.index(name) for name in wanted}

    def _row(self, record: Record, place: Position) -> Row:
        cells = record.cells
        row = Row(place, list(cells), self._cutter.glue, record.end, size=record.size)
        if len(cells) != self._width:
            self._emptied(row, record)
            return row
        for column in self._columns:
            try:
                self._add(row, cells, column)
            except BadValue as error:
                where = self._places[column.name]
                row.pieces[where] = self._blank(cells[where])
                row.bad.append(Bad(place.row, column.name, error.rule, error.detail))
        return row

    def _emptied(self, row: Row, record: Record) -> None:
        """A row whose cells may stand in the wrong columns: none of it may pass for what is not sensitive."""
        if record.cells == [b""]:
            return  # An empty line holds nothing.
        detail = f"the row has {len(record.cells)} cells, and the first row of the file {self._width}"
        row.pieces = [self._blank(b"")] * self._width
        row.bad.append(Bad(row.place.row, None, "cell_count", detail))

    def _add(self, row: Row, cells: list[bytes], column: Column) -> None:
        where = self._places[column.name]
        cell, cutter = cells[where], self._cutter
        text = cutter.text(cell)
        if values.is_empty(text, column):
            return
        item = values.item(text, column, lambda name: cutter.text(cells[self._places[name]]))
        write = partial(_written, cutter, cell.startswith(b'"'))
        row.cells.append(Cell(column.name, item, where, write, self._blank(cell)))

    def _blank(self, cell: bytes) -> bytes:
        """An empty cell in place of this one; quoted where it is the row, since readers skip empty lines."""
        return self._cutter.blank(b'"' if self._width == 1 else cell)


def csv_options(suffix: str, mapped: ImportMap) -> CsvOptions:
    """How a file whose name has that ending is written, as far as the map does not say it."""
    return mapped.csv or CsvOptions(delimiter="\t" if suffix.lower() == ".tsv" else ",")


def _written(cutter: Cutter, quoted: bool, token: str) -> bytes:
    return cutter.written(token, b'"' if quoted else b"")


def _mark(beginning: bytes) -> bytes:
    """The byte-order mark of UTF-8, if there is one. Raises `NotImportable` for that of another encoding."""
    try:
        return beginning[: len(beginning) - len(without_mark(beginning))]
    except ValueError as error:
        raise NotImportable(str(error)) from None
