"""Parquet as a source of rows. While the import runs, its tokens alone are written, a JSON list a row.

A Parquet file ends with its index, so it cannot be gone on with after a sudden end; a list of tokens can.
When that is whole, the output is made of it and the input, as often as it takes.
"""

import contextlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from tokenvault_client.batches import cut
from tokenvault_client.bulk import values
from tokenvault_client.bulk.errors import BadValue, NotImportable
from tokenvault_client.bulk.mapping import Column, ImportMap
from tokenvault_client.bulk.rows import Bad, Cell, Position, Row

try:
    import pyarrow
    from pyarrow import parquet
except ImportError:
    raise NotImportable("Parquet needs the package pyarrow: pip install pyarrow") from None

_READ_ROWS: Final = 8 * 1024

_BUFFER: Final = 1024 * 1024
"""Bytes of a column that are read at once. Without it, those of a whole row group are."""

_GROUP_ROWS: Final = 64 * 1024
"""Rows of a row group of the output, which has to be in memory as a whole."""

_OTHER_TEXTS: Final = (pyarrow.string_view(), *([pyarrow.uuid()] if hasattr(pyarrow, "uuid") else []))
"""A UUID has one spelling (RFC 9562), and loses no digit. pyarrow has the type from version 18 on."""

_CODECS: Final = {
    "UNCOMPRESSED": "none",
    "SNAPPY": "snappy",
    "GZIP": "gzip",
    "BROTLI": "brotli",
    "ZSTD": "zstd",
}


class ParquetFile:
    """A Parquet file whose mapped columns are to be replaced, or some of its row groups.

    `file` is its path, or a file that can be read from any place. Raises `NotImportable`.
    """

    head = b""

    def __init__(self, file: Path | BinaryIO, mapped: ImportMap, groups: range | None = None) -> None:
        self._file, self._columns, self._names = file, mapped.columns, sorted(mapped.names)
        with _opened(file) as opened:
            self.total, self._schema = opened.metadata.num_rows, opened.schema_arrow
            groups_there = range(opened.metadata.num_row_groups)
            self.group_rows = tuple(opened.metadata.row_group(group).num_rows for group in groups_there)
            """Rows of each row group of the file."""
        self._groups = groups_there if groups is None else groups
        before = sum(self.group_rows[: self._groups.start])
        self.start = Position(before, before)
        for name in self._names:
            if (found := self._schema.names.count(name)) != 1:
                raise NotImportable(
                    f"schema: {'no' if not found else 'more than one'} column is named {_shown(name)}"
                )
        digits = {column.name for column in self._columns if column.integers == "refuse"}
        for name in self._names:
            _check_type(name, self._schema.field(name).type, integers=name not in digits)

    def rows(self, start: Position) -> Iterator[Row]:
        """The rows from a position on. Raises `NotImportable`."""
        number = start.row
        with _opened(self._file) as file:
            for batch in _batches(file, self._names, start.row, self._groups.stop):
                columns = {name: batch.column(name).to_pylist() for name in self._names}
                for index in range(batch.num_rows):
                    number += 1
                    row = {name: _text(column[index]) for name, column in columns.items()}
                    yield self._row(row, Position(number, number))

    def finished(self, part: Path) -> Path:
        """The output as Parquet, made of the input and the tokens. Raises `NotImportable` and `OSError`."""
        made, schema = part.with_name(f"{part.name}.parquet"), self._tokenized_schema()
        with (
            _opened(self._file) as file,
            part.open("rb") as tokens,
            parquet.ParquetWriter(made, schema, **_settings(file)) as writer,
        ):
            made_batches = (
                self._tokenized(batch, schema, tokens)
                for batch in file.iter_batches(_READ_ROWS, row_groups=list(self._groups), use_threads=False)
            )
            for group in cut(made_batches, _GROUP_ROWS // _READ_ROWS):
                writer.write_table(pyarrow.Table.from_batches(group), _GROUP_ROWS)
        return made

    def _row(self, texts: Mapping[str, str | None], place: Position) -> Row:
        """The row's tokens, with what stays: nulls and empty texts."""
        row = Row(place, [b"["], size=sum(len(text) for text in texts.values() if text))
        for number, column in enumerate(self._columns):
            row.pieces += [b","] if number else []
            row.pieces.append(b"null")
            try:
                self._add(row, column, texts)
            except BadValue as error:
                row.bad.append(Bad(place.row, column.name, error.rule, error.detail))
        row.pieces.append(b"]\n")
        return row

    def _add(self, row: Row, column: Column, texts: Mapping[str, str | None]) -> None:
        text = texts[column.name]
        if values.is_empty(text, column) or text is None:
            row.pieces[-1] = _written(text)
            return
        item = values.item(text, column, texts.__getitem__)
        row.cells.append(Cell(column.name, item, len(row.pieces) - 1, _written, b"null"))

    def _tokenized_schema(self) -> Any:
        schema = self._schema
        for column in self._columns:
            index = schema.names.index(column.name)
            field = schema.field(index)
            large = pyarrow.types.is_large_string(field.type)
            kind = pyarrow.large_string() if large else pyarrow.string()
            schema = schema.set(index, field.with_type(kind).with_nullable(True))
        return schema

    def _tokenized(self, batch: Any, schema: Any, tokens: BinaryIO) -> Any:
        """A batch with tokens, of which the next rows' lines are read."""
        lists = [json.loads(line) for line in itertools.islice(tokens, batch.num_rows)]
        arrays = dict(zip(batch.schema.names, batch.columns, strict=True))
        for number, column in enumerate(self._columns):
            kind = schema.field(column.name).type
            arrays[column.name] = pyarrow.array([row[number] for row in lists], kind)
        return pyarrow.record_batch(list(arrays.values()), schema=schema)


def _check_type(name: str, kind: Any, *, integers: bool) -> None:
    """Whether a column holds text, or integers where these are meant. Raises `NotImportable`."""
    types, where = pyarrow.types, f"schema: column {_shown(name)} is {kind}"
    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_integer(kind):
        if not integers:
            raise NotImportable(
                f'{where}: zeros at the front are lost, if any; integers = "digits" takes its digits'
            )
        return
    if types.is_floating(kind) or types.is_decimal(kind):
        raise NotImportable(f"{where}: digits may be lost; take the column before it became one")
    if not (types.is_string(kind) or types.is_large_string(kind) or kind in _OTHER_TEXTS):
        raise NotImportable(f"{where}: a column of strings is needed")


def _batches(file: Any, names: Sequence[str], skip: int, end: int) -> Iterator[Any]:
    """The columns behind so many rows, up to a row group; whole groups before them are not read."""
    groups = list(range(end))
    while groups and skip >= (rows := file.metadata.row_group(groups[0]).num_rows):
        skip -= rows
        groups.pop(0)
    for batch in file.iter_batches(_READ_ROWS, row_groups=groups, columns=list(names), use_threads=False):
        if skip < batch.num_rows:
            yield batch.slice(skip)
        skip = max(0, skip - batch.num_rows)


def _settings(file: Any) -> dict[str, Any]:
    """How the input is written: the compression of each column, and timestamps of the old kind if all are."""
    if not file.metadata.num_row_groups:
        return {}
    group = file.metadata.row_group(0)
    columns = [group.column(index) for index in range(group.num_columns)]
    leaves = [file.schema.column(index) for index in range(group.num_columns)]
    times = {leaf.physical_type for leaf in leaves if "Timestamp" in str(leaf.logical_type)}
    times |= {leaf.physical_type for leaf in leaves if leaf.physical_type == "INT96"}
    return {
        "compression": {column.path_in_schema: _CODECS.get(column.compression, "zstd") for column in columns},
        "use_deprecated_int96_timestamps": times == {"INT96"},
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _written(text: str | None) -> bytes:
    return json.dumps(text).encode()


def _shown(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


@contextlib.contextmanager
def _opened(file: Path | BinaryIO) -> Iterator[Any]:
    """The file. What is wrong with it is not quoted: the text of these errors may hold parts of it."""
    try:
        with parquet.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER) as opened:
            yield opened
    except (pyarrow.ArrowException, UnicodeDecodeError):
        raise NotImportable("the file is no Parquet file, or a damaged one") from None
