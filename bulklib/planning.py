"""From the size of a file to segments, and from what was found in these to parts. Pure.

A segment is a range of bytes that is scanned for borders. A part is a range of whole records, or of row
groups, that one function takes in.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any, Final

from tokenvault_client.bulk.errors import NotImportable

from bulklib.scanning import Scanned

SEGMENT_BYTES: Final = 64 * 1024 * 1024
PART_VALUES: Final = 100_000
"""Most values of a part, if all its cells hold one. At a thousand a second, which is slow, it is taken in
within two minutes; a function has fifteen."""


@dataclass(frozen=True)
class Segment:
    """The lines that start in [start, end) of the file; those of the last one go on to the file's end."""

    number: int
    start: int
    end: int


@dataclass(frozen=True)
class Part:
    """Records in [start, end) of the file: bytes, or row groups of Parquet. `row` stand before them."""

    number: int
    start: int
    end: int
    row: int
    rows: int

    @property
    def name(self) -> str:
        """How its objects are named."""
        return f"part-{self.number:06}"

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def segments(start: int, size: int, length: int) -> list[Segment]:
    """The file from a place on, in segments of that length; none of a file in which nothing follows."""
    begins = range(start, size, length)
    return [Segment(number, at, min(at + length, size)) for number, at in enumerate(begins)]


def parts(start: int, scanned: Sequence[Scanned]) -> list[Part]:
    """The parts of a file that begins between two records. Each ends with a record, and none is empty.

    Raises `NotImportable` for a file whose quotes do not end, or only after too many bytes.
    """
    found, is_open, at, row = list[Part](), False, start, 0
    for segment in scanned:
        borders = segment.inside if is_open else segment.outside
        if borders is None:
            raise NotImportable(f"the file has too long a row, behind row {row}: is a quote missing?")
        before = row
        for end, rows in borders.cuts:
            found.append(Part(len(found), at, end, row, before + rows - row))
            at, row = end, before + rows
        is_open = borders.is_open
    if is_open:
        raise NotImportable("the file ends within a quoted cell: is a quote missing?")
    return found


def group_parts(group_rows: Sequence[int], most: int) -> list[Part]:
    """The row groups of a Parquet file in parts: as many groups as have no more rows than that, or one."""
    before = [0, *accumulate(group_rows)]
    return [
        Part(number, first, end, before[first], before[end] - before[first])
        for number, (first, end) in enumerate(_together(group_rows, most))
    ]


def part_rows(values: int, columns: int) -> int:
    """Most rows of a part, where so many columns of each are mapped."""
    return max(1, values // columns)


def request_key(identity: str, part: Part, chunk: int) -> str:
    """The idempotency key of a chunk: the same for the same version of an object, map and range of records.

    `identity` names the version and the map. So neither a retry nor another execution gives a value a second
    token, while the service knows the key.
    """
    about = f"{identity}\n{part.start}-{part.end}"
    return f"{hashlib.sha256(about.encode()).hexdigest()[:48]}_{chunk}"


def _together(group_rows: Sequence[int], most: int) -> Iterator[tuple[int, int]]:
    first, rows = 0, 0
    for group, count in enumerate(group_rows):
        if group > first and rows + count > most:
            yield first, group
            first, rows = group, 0
        rows += count
    if first < len(group_rows):
        yield first, len(group_rows)
