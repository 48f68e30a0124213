r"""The lines that start in a segment, read from a byte before it to wherever the last of them ends."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from bulklib.planning import Segment

Lines = Callable[[BinaryIO], Iterator[bytes]]
"""Cuts a file into lines with their ends. Raises `NotImportable`."""

_FEED, _RETURN = b"\n", b"\r"


@dataclass(frozen=True)
class SegmentLines:
    """The lines, and where in the file the first of them starts."""

    start: int
    lines: Iterator[bytes]


def segment_lines(file: BinaryIO, segment: Segment, data_start: int, cut: Lines) -> SegmentLines:
    """The lines that start in a segment. `file` is the object from the byte before it on, if there is one.

    The data begins with a line; of any other segment, what comes before the first line end is an earlier
    one's. Raises `NotImportable` for a line that is too long.
    """
    if segment.start == data_start:
        file.read(min(1, segment.start))
        return SegmentLines(segment.start, _up_to(cut(file), segment.start, segment.end))
    # The byte before the segment ends a line or does not, and with it the first line begins or is skipped.
    read, at = cut(file), segment.start - 1
    at += len(next(read, b""))
    return SegmentLines(at, _up_to(read, at, segment.end))


def _up_to(read: Iterator[bytes], at: int, end: int) -> Iterator[bytes]:
    while at < end and (line := next(read, b"")):
        at += len(line)
        yield line
