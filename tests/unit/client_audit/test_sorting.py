"""Lines come back in order, each once, however many pieces they were sorted in."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tokenvault_client.audit.events import Event
from tokenvault_client.audit.sorting import SortedLines


def test_more_pieces_than_files_may_be_open(tmp_path: Path) -> None:
    """Pieces are merged on the way: 500 of them never need 500 open files."""
    lines = SortedLines(tmp_path / "lines", piece_bytes=1)
    wanted = [b"%d\n" % (number * 7919 % 500) for number in range(500)]
    for line in wanted:
        lines.add(line)
    assert len(list((tmp_path / "lines").iterdir())) < 64
    assert list(lines) == sorted(wanted)
    assert list(lines) == sorted(wanted)


def test_what_is_added_twice_is_there_once(tmp_path: Path) -> None:
    """In one piece or in two."""
    lines = SortedLines(tmp_path / "lines", piece_bytes=8)
    for line in (b"a\n", b"b\n", b"a\n", b"c\n", b"b\n", b"b\n"):
        lines.add(line)
    assert list(lines) == [b"a\n", b"b\n", b"c\n"]
    assert lines.added == 6


@given(
    texts=st.tuples(st.text(), st.text(), st.text()),
    number=st.integers(0, 10**15 - 1),
    binary=st.tuples(st.binary(), st.none() | st.binary()),
)
def test_an_event_survives_its_line(
    texts: tuple[str, str, str], number: int, binary: tuple[bytes, bytes | None]
) -> None:
    """Whatever somebody wrote into it: no text breaks a line or moves into another field."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return
    item = {
        "chain": {"S": "0" * 32},
        "sequence": {"N": str(number)},
        "sk": {"S": texts[0]},
        "action": {"S": texts[1]},
        "client": {"S": texts[2]},
        "mac": {"B": binary[0]},
        **({} if binary[1] is None else {"previous": {"B": binary[1]}}),
    }
    event = Event.of(item)
    assert event.line.count(b"\n") == 1
    assert Event.from_line(event.line) == event
