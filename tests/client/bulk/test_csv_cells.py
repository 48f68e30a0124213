"""CSV in bytes: cells that are not mapped stay as they are, however they are quoted."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenvault_client.bulk.csv_cells import Cutter
from tokenvault_client.bulk.errors import BadValue, NotImportable
from tokenvault_client.bulk.lines import MAX_ROW
from tokenvault_client.bulk.mapping import CsvOptions

CUTTER = Cutter(CsvOptions())
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
LETTERS = st.text(alphabet='aé0,;"\n\r\t \\', max_size=8)


def quoted(text: str) -> bytes:
    return b'"' + text.replace('"', '""').encode() + b'"'


def plain(text: str) -> bytes:
    return "".join(letter for letter in text if letter not in ',"\r\n').encode()


CELLS = st.one_of(LETTERS.map(quoted), LETTERS.map(plain))
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, ENDS), min_size=1, max_size=8)


class SmallReads(io.BytesIO):
    """A file whose reads end anywhere, so within quotes and line ends too."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(3)


@given(ROWS, st.booleans())
def test_cells_put_together_again_are_the_file(
    rows: list[tuple[bytes, bytes, bytes, bytes]], ended: bool
) -> None:
    """Whatever stands in quotes and whatever ends the lines, also where a read cuts them apart."""
    content = b"".join(b",".join(cells) + end for *cells, end in rows)
    content = content if ended or not content.endswith((b"\n", b"\r")) else content.rstrip(b"\r\n")
    records = list(CUTTER.records(SmallReads(content)))
    assert b"".join(CUTTER.join(record.cells) + record.end for record in records) == content
    assert sum(record.size for record in records) == len(content)


@given(ROWS)
def test_cells_are_those_that_pythons_reader_finds(rows: list[tuple[bytes, bytes, bytes, bytes]]) -> None:
    """The places and texts of cells are nothing of our own."""
    content = b"".join(b",".join(cells) + end for *cells, end in rows)
    records = CUTTER.records(io.BytesIO(content))
    found = [[CUTTER.text(cell) for cell in record.cells] for record in records]
    assert found == list(csv.reader(io.StringIO(content.decode(), newline="")))


def test_a_cell_of_many_lines_with_quotes_is_one_cell() -> None:
    """Each of its lines is looked at once; what came before it is a quote that is open."""
    cell = quoted('say "x"\n' * 20_000)
    content = b"1," + cell + b',2\n3,"4"\n'
    first, second = CUTTER.records(io.BytesIO(content))
    assert (first.cells, second.cells) == ([b"1", cell, b"2"], [b"3", b'"4"'])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_one_byte_delimiter(delimiter: str) -> None:
    """The others are letters then, also those that mean something in a pattern."""
    cutter = Cutter(CsvOptions(delimiter=delimiter))
    letters = "a,;|^]\\\t".replace(delimiter, "")
    [record] = cutter.records(io.BytesIO(f'{letters}{delimiter}"x{delimiter}y"\n'.encode()))
    assert [cutter.text(cell) for cell in record.cells] == [letters, f"x{delimiter}y"]


@pytest.mark.parametrize(
    ("cell", "token", "written"),
    [
        (b"41", "99", b"99"),
        (b'"41"', "99", b'"99"'),
        (b"41", "9,9", b'"9,9"'),
        (b"41", '9"9', b'"9""9"'),
        (b"41", " 99", b'" 99"'),
        (b"41", "9\n9", b'"9\n9"'),
    ],
)
def test_a_token_is_quoted_if_the_cell_was_or_if_it_has_to_be(
    cell: bytes, token: str, written: bytes
) -> None:
    """A token with a delimiter would be two cells."""
    assert CUTTER.written(token, cell) == written


@pytest.mark.parametrize("cell", [b'4"1', b'"4"1', b'"4"1"'])
def test_a_cell_that_readers_read_differently_is_refused(cell: bytes) -> None:
    """A quote that neither encloses the cell nor is doubled."""
    with pytest.raises(BadValue, match="csv_quoting"):
        CUTTER.text(cell)


def test_a_quote_that_never_ends_is_told() -> None:
    """The rest of the file is no cell."""
    with pytest.raises(NotImportable, match="ends within a quoted cell"):
        list(CUTTER.records(io.BytesIO(b'a,"b\nc,d\n')))


@pytest.mark.parametrize("row", [b'a,"b\n' + b"c\n" * MAX_ROW, b"a" * (MAX_ROW + 300_000)])
def test_a_row_without_an_end_does_not_fill_the_memory(row: bytes) -> None:
    """A missing quote or line end is told after some megabytes."""
    with pytest.raises(NotImportable, match=f"more than {MAX_ROW} bytes"):
        list(CUTTER.records(io.BytesIO(row)))
