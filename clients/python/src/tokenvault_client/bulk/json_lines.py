"""JSON Lines as a source of rows: the texts of mapped members are replaced where they stand in the line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from json.decoder import JSONDecoder
from pathlib import Path
from typing import Any, BinaryIO, Final

from tokenvault_client.bulk import values
from tokenvault_client.bulk.errors import BadValue, NotImportable
from tokenvault_client.bulk.lines import lines
from tokenvault_client.bulk.mapping import Column, ImportMap
from tokenvault_client.bulk.rows import Bad, Cell, Position, Row
from tokenvault_client.encoding import without_mark

_SPACE: Final = " \t\r\n"


class _Integer(str):
    """A number without a fraction or an exponent, as it is written."""

    __slots__ = ()


class _Float(str):
    """Any other number, as it is written."""

    __slots__ = ()


_DECODER: Final = JSONDecoder(parse_int=_Integer, parse_float=_Float, parse_constant=_Float)
"""Numbers stay the text that they are: a `float` keeps seventeen digits of a card's nineteen."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object: its value, and where in the line the text of that begins and ends."""

    value: Any = field(repr=False)
    start: int
    end: int


class JsonLinesFile:
    """A file with a JSON object a line, whose mapped members are to be replaced. Raises `NotImportable`."""

    def __init__(self, path: Path, mapped: ImportMap) -> None:
        self._path, self._columns, self._names = path, mapped.columns, mapped.names
        self.total = path.stat().st_size
        with path.open("rb") as file:
            beginning = file.read(4)
        try:
            self.head = beginning[: len(beginning) - len(without_mark(beginning))]
        except ValueError as error:
            raise NotImportable(str(error)) from None
        self.start = Position(len(self.head), 0)

    def rows(self, start: Position) -> Iterator[Row]:
        """The rows from a position on; each line is one. Raises `NotImportable`."""
        at, number = start.at, start.row
        with self._path.open("rb") as file:
            file.seek(at)
            for line in json_lines(file):
                at, number = at + len(line), number + 1
                yield self._row(line, Position(at, number))

    def finished(self, part: Path) -> Path:
        """The rendered rows are the output."""
        return part

    def _row(self, line: bytes, place: Position) -> Row:
        row = Row(place, [line], size=len(line))
        if not line.strip():
            return row
        # Bytes that are no UTF-8 come out again as they were; in a mapped member they are refused.
        text = line.decode(errors="surrogateescape")
        try:
            members = members_of(text, self._names)
        except BadValue as error:
            # What it holds cannot be told apart, so none of it may come out. The line stays a line.
            row.pieces = [b"null" + line[len(line.rstrip(b"\r\n")) :]]
            row.bad.append(Bad(place.row, None, error.rule, error.detail))
            return row
        self._fill(row, text, members)
        return row

    def _fill(self, row: Row, text: str, members: Mapping[str, Member]) -> None:
        """The line in pieces: what stands between the mapped members, and they."""
        mapped = [(members[column.name], column) for column in self._columns if column.name in members]
        row.pieces, at = [], 0
        for member, column in sorted(mapped, key=lambda pair: pair[0].start):
            row.pieces += (_bytes(text[at : member.start]), _bytes(text[member.start : member.end]))
            at = member.end
            try:
                self._add(row, member, column, members)
            except BadValue as error:
                row.pieces[-1] = b"null"
                row.bad.append(Bad(row.place.row, column.name, error.rule, error.detail))
        row.pieces.append(_bytes(text[at:]))
        for column in self._columns:
            self._check_missing(row, column, members)

    def _add(self, row: Row, member: Member, column: Column, members: Mapping[str, Member]) -> None:
        text = _text(member.value, column.integers == "digits")
        if values.is_empty(text, column) or text is None:
            return
        item = values.item(text, column, lambda name: _beside(members, name))
        row.cells.append(Cell(column.name, item, len(row.pieces) - 1, _written, b"null"))

    def _check_missing(self, row: Row, column: Column, members: Mapping[str, Member]) -> None:
        if column.name not in members:
            try:
                values.is_empty(None, column)
            except BadValue as error:
                row.bad.append(Bad(row.place.row, column.name, error.rule, error.detail))


def members_of(line: str, names: frozenset[str]) -> dict[str, Member]:
    """The members of these names of the object in a line. Raises `BadValue` if it is no such object."""
    try:
        return _members(line, names)
    except (ValueError, IndexError, RecursionError):
        raise BadValue("not_json", "the line is no JSON object") from None


def _members(line: str, names: frozenset[str]) -> dict[str, Member]:
    found: dict[str, Member] = {}
    at = _expected(line, _skipped(line, 0), "{")
    if line[at] == "}":
        _end(line, at + 1)
        return found
    while True:
        name, at = _DECODER.raw_decode(line, at)
        if type(name) is not str:
            raise ValueError
        at = _expected(line, _skipped(line, at), ":")
        value, end = _DECODER.raw_decode(line, at)
        if name in names:
            if name in found:
                raise BadValue("duplicate_member", "the line has a mapped member twice")
            found[name] = Member(value, at, end)
        at = _skipped(line, end)
        if line[at] == "}":
            _end(line, at + 1)
            return found
        at = _expected(line, at, ",")


def _expected(line: str, at: int, sign: str) -> int:
    """Behind the sign that has to stand here, and the space after it."""
    if line[at] != sign:
        raise ValueError
    return _skipped(line, at + 1)


def _end(line: str, at: int) -> None:
    if _skipped(line, at) != len(line):
        raise ValueError


def _skipped(line: str, at: int) -> int:
    while at < len(line) and line[at] in _SPACE:
        at += 1
    return at


def _text(value: Any, digits: bool) -> str | None:
    """A member's value as text. Raises `BadValue` for what is none."""
    if value is None:
        return None
    if isinstance(value, _Integer):
        if not digits:
            raise BadValue("integer", 'a number, not a string; integers = "digits" takes its digits')
        return str(value)
    if isinstance(value, _Float):
        raise BadValue("float", "a number with a fraction or an exponent, so digits may be lost")
    if not isinstance(value, str):
        raise BadValue("not_text", "a string is needed")
    if not _is_unicode(value):
        raise BadValue("encoding", "the string is not UTF-8, or holds half of a surrogate pair")
    return value


def _beside(members: Mapping[str, Member], name: str) -> str | None:
    return _text(members[name].value, digits=True) if name in members else None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _written(token: str) -> bytes:
    return json.dumps(token).encode()


def json_lines(file: BinaryIO) -> Iterator[bytes]:
    r"""Lines that end in \n: a lone \r is white space within JSON (RFC 8259, 2). Raises `NotImportable`."""
    held = b""
    for line in lines(file):
        if line.endswith(b"\r"):
            held += line
        else:
            yield held + line
            held = b""
    if held:
        yield held
