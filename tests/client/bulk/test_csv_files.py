"""A CSV file as a whole: tokens in the mapped cells, and the file's own bytes everywhere else."""

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenvault_client import TokenFacts
from tokenvault_client.bulk.csv_files import CsvFile
from tokenvault_client.bulk.mapping import read_map
from tokenvault_client.bulk.rows import Chunk, cut, rendered

MAPPED = read_map(b'[columns.b]\ntype = "text"\ndecimals = "text"\n')
LETTERS = st.text(alphabet='aé0,"\n\r\t ', max_size=8)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


def quoted(text: str) -> bytes:
    return b'"' + text.replace('"', '""').encode() + b'"'


def plain(text: str) -> bytes:
    return "".join(letter for letter in text if letter not in ',"\r\n').encode()


CELLS = st.one_of(LETTERS.map(quoted), LETTERS.map(plain))
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, ENDS), max_size=250)


def answered(chunk: Chunk) -> bytes:
    """The chunk as the output has it; the token of a value names its length."""
    created = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
    facts = [TokenFacts(f"t{len(str(item.value))}", item.type, created, None) for item in chunk.items]
    content, bad = rendered(chunk, facts)
    assert bad == []
    return content


def expected(cell: bytes) -> bytes:
    text = cell[1:-1].replace(b'""', b'"').decode() if cell.startswith(b'"') else cell.decode()
    if not text:
        return cell
    token = f"t{len(text)}".encode()
    return b'"' + token + b'"' if cell.startswith(b'"') else token


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("csv") / "in.csv"


@given(ROWS, st.booleans(), ENDS, st.integers(0, 3))
def test_every_byte_outside_the_mapped_cells_stays(
    path: Path, rows: list[tuple[bytes, bytes, bytes, bytes]], marked: bool, end: bytes, after: int
) -> None:
    """For any quotes, line ends and texts, with and without a byte-order mark, from any chunk on."""
    head = (b"\xef\xbb\xbf" if marked else b"") + b'a,"b",c' + end
    # A row that is an empty cell, an end, and nothing more is an empty line; here rows have three cells.
    path.write_bytes(head + b"".join(b",".join(cells) + last for *cells, last in rows))
    source = CsvFile(path, MAPPED)
    assert source.head == head
    chunks = list(cut(source.rows(source.start), 0))
    content = b"".join(answered(chunk) for chunk in chunks)
    assert content == b"".join(b",".join((a, expected(b), c)) + last for a, b, c, last in rows)
    for done in chunks[after : after + 1]:
        following = list(cut(source.rows(done.place), done.number + 1))
        assert [(c.number, c.place, len(c.items)) for c in following] == [
            (c.number, c.place, len(c.items)) for c in chunks[after + 1 :]
        ]
