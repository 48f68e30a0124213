"""How an export is cut into parts: each walks segments of the table of its own, in a file of its own."""

from typing import Final

from chalicelib.vault.walks import SEGMENTS

PARTS: Final = (1, 2, 4, 8, 16)
"""How many parts an export may have: whole segments each, and all of them as many."""


def part_numbers(parts: int) -> list[int | None]:
    """The numbers of an export's parts, from 1; an export in one piece has one without a number."""
    return [None] if parts == 1 else list(range(1, parts + 1))


def part_segments(part: int | None, parts: int) -> range:
    """The segments of the table that a part walks."""
    size = SEGMENTS // parts
    first = 0 if part is None else (part - 1) * size
    return range(first, first + size)
