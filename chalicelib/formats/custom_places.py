"""What may stand at each place of a custom value: an alphabet over a range of lengths, or a pattern."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import contains
from typing import Final

from chalicelib.formats.options import OptionReader
from chalicelib.formats.shapes import DIGITS

CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SMALL: Final = CAPITALS.lower()
FILLER: Final = "<"
"""Of machine-readable travel documents (ICAO Doc 9303). It is not fit for a URL, so no token has it."""

FIT_FOR_URLS: Final = frozenset(DIGITS + CAPITALS + SMALL + "-._~")
"""Unreserved characters of RFC 3986: tokens stand in paths."""

SHORTEST: Final = 4
LONGEST: Final = 128

_ITEM: Final = re.compile(r"(?:\[([^\[\]]+)\]|([A-Za-z0-9_~<-]))(?:\{([0-9]{1,3})\})?")
_MEMBER: Final = re.compile(r"([A-Za-z0-9])-([A-Za-z0-9])|(.)")
_RANGE: Final = re.compile(r"(?=([0-9]-[0-9]|[A-Z]-[A-Z]|[a-z]-[a-z]))")

Shape = tuple[str, ...]
"""The characters that each place may have, in order."""

_ANY: Final[Shape] = (DIGITS,) * LONGEST
"""In place of what cannot be read: so many places break no rule that another option has with them."""

_ANY_PATTERN: Final = f"[0-9]{{{LONGEST}}}"


@dataclass(frozen=True)
class Places:
    """The shapes that values have; one of a length, unless a pattern says several."""

    shapes: tuple[Shape, ...]

    @property
    def shortest(self) -> int:
        """The length of the shortest value."""
        return min(map(len, self.shapes))

    @property
    def longest(self) -> int:
        """The length of the longest value."""
        return max(map(len, self.shapes))

    @property
    def characters(self) -> frozenset[str]:
        """All that any value may have, at whatever place."""
        return frozenset("".join("".join(set(shape)) for shape in self.shapes))

    def shape_of(self, text: str) -> Shape | None:
        """The first shape that a text has, or None."""
        return next((shape for shape in self.shapes if _fits(shape, text)), None)


def read_places(read: OptionReader) -> Places:
    """From `pattern`, or from `alphabet` and lengths. Notes what is wrong and then goes on with digits."""
    pattern = read.text("pattern", _ANY_PATTERN if read.given("pattern") else "")
    alphabet = read.text("alphabet", DIGITS if read.given("alphabet") else "")
    given = [name for name in ("length", "min_length", "max_length") if read.given(name)]
    lengths = {name: read.integer(name, SHORTEST, SHORTEST, LONGEST) for name in given}
    if not (pattern or alphabet or given):
        read.problem("needs option pattern, or alphabet and length")
        return Places((_ANY,))
    if not pattern:
        return Places(_of_alphabet(read, alphabet, lengths))
    if alphabet or given:
        read.problem("option pattern says it all: leave alphabet and lengths out")
    return Places(_of_pattern(read, pattern))


def _fits(shape: Shape, text: str) -> bool:
    return len(shape) == len(text) and all(map(contains, shape, text))


def _of_alphabet(read: OptionReader, alphabet: str, lengths: dict[str, int]) -> tuple[Shape, ...]:
    if _has_ranges(alphabet):
        read.problem(
            "option alphabet has what reads as a range; write all characters out, a hyphen of their own "
            "first or last, or take option pattern, which has sets like [0-9]"
        )
    elif not (len(set(alphabet)) == len(alphabet) >= 2 and set(alphabet) <= FIT_FOR_URLS | {FILLER}):
        read.problem("option alphabet must be two or more of A-Z, a-z, 0-9, - . _ ~ <, each once")
        alphabet = DIGITS
    if set(lengths) not in ({"length"}, {"min_length", "max_length"}):
        read.problem("needs option length, or min_length and max_length")
        return ((alphabet,) * LONGEST,)
    least, most = min(lengths.values()), max(lengths.values())
    if lengths.get("min_length", least) > least:
        read.problem("option max_length must not be less than min_length")
    return tuple((alphabet,) * length for length in range(least, most + 1))


def _has_ranges(alphabet: str) -> bool:
    """Whether some characters stand for those between, which are not there: taken as three, they are few."""
    return any(set(_members(found)) - set(alphabet) for found in _RANGE.findall(alphabet))


def _of_pattern(read: OptionReader, pattern: str) -> tuple[Shape, ...]:
    shapes = [_shape(alternative) for alternative in pattern.split("|")]
    several = len({*"".join("".join(shape) for shape in shapes)} - {FILLER}) >= 2
    if not (several and all(SHORTEST <= len(shape) <= LONGEST for shape in shapes)):
        read.problem(
            "option pattern must be characters and sets like [A-Z0-9], each with a number of places like "
            f"{{4}}, {SHORTEST} to {LONGEST} places in all, or several such with | between"
        )
        return (_ANY,)
    return tuple(shapes)


def _shape(alternative: str) -> Shape:
    """Nothing, where it is not written as it must be."""
    shape: list[str] = []
    position = 0
    for item in _ITEM.finditer(alternative):
        characters = item[2] or _members(item[1])
        if item.start() != position or not set(characters) <= FIT_FOR_URLS | {FILLER}:
            return ()
        shape += [characters] * int(item[3] or 1)
        position = item.end()
    return tuple(shape) if position == len(alternative) else ()


def _members(inside: str) -> str:
    """The characters of a set, each once; a range that counts down has none."""
    made: Sequence[str] = [
        chr(code)
        for first, last, alone in _MEMBER.findall(inside)
        for code in range(ord(first or alone), ord(last or alone) + 1)
    ]
    return "".join(dict.fromkeys(made))
