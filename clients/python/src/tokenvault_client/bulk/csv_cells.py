"""CSV as bytes: cells are found and replaced where they stand; nothing else is read, guessed or written anew.

RFC 4180, with any one-byte delimiter and with line ends of any kind, also within a file.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from tokenvault_client.bulk.errors import BadValue, NotImportable
from tokenvault_client.bulk.lines import MAX_ROW, lines, too_long
from tokenvault_client.bulk.mapping import CsvOptions

_QUOTE: Final = b'"'
_QUOTED: Final = re.compile(rb'"((?:[^"]++|"")*+)"')


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of a row, each as its bytes, quotes included, and what ends the row; `size` is all of it."""

    cells: list[bytes] = field(repr=False)
    end: bytes
    size: int


class Cutter:
    """Cuts records into cells. A line end within quotes ends nothing."""

    def __init__(self, options: CsvOptions) -> None:
        self._delimiter, self._encoding = options.delimiter.encode(), options.encoding
        apart = re.escape(self._delimiter)
        plain = rb"[^" + apart + rb"\r\n]*+"
        # What follows a closing quote belongs to the cell, as readers have it; a quote elsewhere is a letter.
        cell = rb'(?:"(?:[^"]++|"")*+"' + plain + rb'|(?!")' + plain + rb")"
        self._cell, self._row = re.compile(cell), re.compile(cell + rb"(?:" + apart + cell + rb")*+")
        self._special = re.compile(rb'[\r\n"' + apart + rb"]|\A\s|\s\Z")

    def records(self, file: BinaryIO) -> Iterator[Record]:
        """The records from where the file stands. Raises `NotImportable`."""
        read = lines(file)
        for line in read:
            yield self._whole(line) if _QUOTE not in line else self._quoted(line, read)

    def is_whole(self, line: bytes, *, within_quotes: bool = False) -> bool:
        """Whether a line ends a record, which begins with it, or began in lines before and has a quote open.

        That a quote is open is all that counts of what came before: the rest is cut as if one stood in front.
        """
        if _QUOTE not in line:
            return not within_quotes
        line = _QUOTE + line if within_quotes else line
        found = self._row.match(line)
        return found is not None and line[found.end() : found.end() + 1] != self._delimiter

    def join(self, cells: Sequence[bytes]) -> bytes:
        """The cells as a row, without its end."""
        return self._delimiter.join(cells)

    @property
    def glue(self) -> bytes:
        """What stands between cells."""
        return self._delimiter

    def text(self, cell: bytes) -> str:
        """What stands in a cell. Raises `BadValue`."""
        try:
            return _unquoted(cell).decode(self._encoding)
        except UnicodeDecodeError:
            raise BadValue("encoding", f"the cell is not {self._encoding}") from None

    def written(self, token: str, cell: bytes) -> bytes:
        """The token in place of the cell, quoted if that was or has to be. Raises `ValueError`."""
        raw = token.encode(self._encoding)
        if cell.startswith(_QUOTE) or self._special.search(raw):
            return _QUOTE + raw.replace(_QUOTE, b'""') + _QUOTE
        return raw

    def blank(self, cell: bytes) -> bytes:
        """An empty cell in place of this one."""
        return b'""' if cell.startswith(_QUOTE) else b""

    def _whole(self, line: bytes) -> Record:
        body = line.rstrip(b"\r\n")
        return Record(body.split(self._delimiter), line[len(body) :], len(line))

    def _quoted(self, line: bytes, more: Iterator[bytes]) -> Record:
        """A record that has quotes, and goes on for as many lines as these enclose."""
        return self._cells(line) or self._enclosed(line, more)

    def _enclosed(self, line: bytes, more: Iterator[bytes]) -> Record:
        """A record of several lines. Each is looked at once for its end, however many there are."""
        read, left = [line], MAX_ROW - len(line)
        while True:
            for added in _up_to_quote(more, left):
                read.append(added)
                left -= len(added)
            if self.is_whole(read[-1], within_quotes=True) and (found := self._cells(b"".join(read))):
                return found

    def _cells(self, line: bytes) -> Record | None:
        """The cells of a record; None if a quote is still open where it ends."""
        cells, at = list[bytes](), 0
        while cell := self._cell.match(line, at):
            cells.append(cell[0])
            at = cell.end()
            if line[at : at + 1] != self._delimiter:
                return Record(cells, line[at:], len(line))
            at += 1
        return None


def _up_to_quote(more: Iterator[bytes], most: int) -> Iterator[bytes]:
    """The lines up to the next one with a quote: before it no cell can end. Raises `NotImportable`."""
    for line in more:
        most -= len(line)
        if most < 0:
            raise too_long()
        yield line
        if _QUOTE in line:
            return
    raise NotImportable("the file ends within a quoted cell: is a quote missing?")


def _unquoted(cell: bytes) -> bytes:
    """A cell without its quotes. Raises `BadValue` where readers would not agree on what it says."""
    if _QUOTE not in cell:
        return cell
    whole = _QUOTED.fullmatch(cell)
    if whole is None:
        raise BadValue(
            "csv_quoting", "the cell has a quote that neither encloses it nor is doubled (RFC 4180)"
        )
    return whole[1].replace(b'""', _QUOTE)
