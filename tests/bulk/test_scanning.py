"""The borders of records, found in segments that know nothing of each other."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenvault_client.bulk import NotImportable
from tokenvault_client.bulk.csv_cells import Cutter
from tokenvault_client.bulk.json_lines import json_lines
from tokenvault_client.bulk.lines import MAX_ROW, lines
from tokenvault_client.bulk.mapping import CsvOptions

from bulklib.planning import Part, group_parts, parts, request_key, segments
from bulklib.scanning import Scanned, scan
from bulklib.segments import segment_lines

CUTTER = Cutter(CsvOptions())
CELLS = st.sampled_from(
    ["", "a", '"a"', '"a\nb"', '"a\r\nb"', '"a""b"', '"\n"', '"a"b"', 'a"b', '""', '"a,b"']
)
FILES = st.lists(
    st.tuples(st.lists(CELLS, min_size=1, max_size=4), st.sampled_from(["\n", "\r\n", "\r"])), max_size=12
).map(lambda rows: "".join(",".join(cells) + end for cells, end in rows).encode())


def planned(content: bytes, length: int, every: int, cutter: Cutter | None = CUTTER) -> list[Part]:
    """The parts of a file whose segments have that length: of CSV, or of JSON Lines without a cutter."""
    found, cut = [], json_lines if cutter is None else lines
    for segment in segments(0, len(content), length):
        read = segment_lines(io.BytesIO(content[max(0, segment.start - 1) :]), segment, 0, cut)
        found.append(scan(read.lines, read.start, every, cutter))
    return parts(0, [Scanned.of(entry.document()) for entry in found])


def records(content: bytes) -> list[int]:
    """Where each record ends, read from the beginning."""
    ends, at = [], 0
    for record in CUTTER.records(io.BytesIO(content)):
        at += record.size
        ends.append(at)
    return ends


@settings(deadline=None)
@given(FILES, st.integers(1, 20), st.integers(1, 4))
def test_segments_find_the_borders_that_a_reader_from_the_beginning_finds(
    content: bytes, length: int, every: int
) -> None:
    """Whatever the segments cut through: quotes, line ends of two bytes, cells of many lines."""
    ends = records(content)
    found = planned(content, length, every)
    assert [part.end for part in found] == [end for end in ends if end in {part.end for part in found}]
    assert sum(part.rows for part in found) == len(ends)
    assert [part.start for part in found] == [0, *(part.end for part in found)][: len(found)]
    for part in found:
        assert part.rows == len([end for end in ends if part.start < end <= part.end])
        assert part.row == len([end for end in ends if end <= part.start])
        assert part.rows <= every
    if found:
        assert found[-1].end == len(content)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([b"a", b'"', b"\n", b"\r", b"\r\n"]), max_size=30).map(b"".join),
    st.integers(1, 9),
)
def test_segments_of_json_lines_end_with_line_feeds(content: bytes, length: int) -> None:
    """A lone carriage return is white space within a line, wherever a segment begins."""
    ends, at = [], 0
    for line in json_lines(io.BytesIO(content)):
        at += len(line)
        ends.append(at)
    assert [part.end for part in planned(content, length, 1, None)] == ends


def test_a_line_end_in_a_cell_is_no_border() -> None:
    """A cell of many lines, and segments that begin in the middle of it."""
    content = b'a,"1\n2\n3\n4\n5"\nb,c\n'
    for length in range(1, len(content)):
        assert [part.end for part in planned(content, length, 1)] == [14, 18]


def test_a_file_that_ends_within_quotes_is_refused() -> None:
    """As on one machine: the rest of it would be one cell."""
    with pytest.raises(NotImportable, match="ends within a quoted cell"):
        planned(b'a\n"b\nc\n', 3, 10)


def test_quotes_that_do_not_end_are_refused() -> None:
    """A row of more than 8 MB is a missing quote."""
    line = b"x" * 1023 + b"\n"

    def endless() -> Iterator[bytes]:
        yield b'a,"\n'
        yield from (line for _ in range(MAX_ROW // 1024 + 1))

    scanned = scan(endless(), 0, 10, CUTTER)
    assert scanned.outside is None
    with pytest.raises(NotImportable, match="behind row 0"):
        parts(0, [scanned])


def test_json_lines_are_counted_line_by_line() -> None:
    """A quote is nothing but a letter there."""
    content = b'{"a": "\\""}\n\n{"b": 1}'
    scanned = scan(lines(io.BytesIO(content)), 5, 2, None)
    assert parts(5, [scanned]) == [Part(0, 5, 18, 0, 2), Part(1, 18, 26, 2, 1)]


def test_row_groups_are_taken_together() -> None:
    """Up to the most rows of a part; a larger group is a part of its own, and an empty one is in some."""
    assert group_parts([5, 5, 11, 0, 3], 10) == [
        Part(0, 0, 2, 0, 10),
        Part(1, 2, 3, 10, 11),
        Part(2, 3, 5, 21, 3),
    ]
    assert group_parts([], 10) == []


def test_keys_follow_from_version_map_and_range() -> None:
    """The same chunk of the same version has the same key; anything else, another one."""
    part = Part(3, 10, 20, 7, 2)
    key = request_key("v1", part, 0)
    again = request_key("v1", Part(9, 10, 20, 7, 2), 0)
    others = {
        request_key("v2", part, 0),
        request_key("v1", part, 1),
        request_key("v1", Part(3, 10, 21, 7, 3), 0),
    }
    assert key == again
    assert len(others - {key}) == 3
    assert 22 <= len(key) <= 112
