"""Numbers that are strings of digits and no more: account, customer, or policy numbers."""

from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.options import OptionReader
from chalicelib.formats.preserved import Limits, Preserved, read_preserved
from chalicelib.formats.shapes import DIGITS, is_digits, is_lettered, lettered, pattern_space
from chalicelib.formats.spelling import plain, refused

_SHORTEST: Final = 6
_SHORTEST_OF_ALL: Final = 3
"""Account numbers of banks in the United States have 3 to 17 digits."""

_LONGEST: Final = 32
_LIMITS: Final = Limits(last=4)

_LEAST_DRAWN: Final = 8
"""Short values have longer tokens: this many characters are drawn, 4 * 10**11 tokens, however short."""


@dataclass(frozen=True)
class Digits:
    """6 to 32 digits, leading zeros and all; tokens begin with a letter.

    By `min_length` from 3 digits on: account numbers of some banks are as short. Spaces between digits fall
    away. Other separators are refused: in some numbers they tell where a part begins.

    Every string of digits of these lengths is a value, so none can be a token. Tokens with digits only had
    to be longer than 32; with a letter in front they keep the length of any value of 12 digits or more.
    """

    name: ClassVar[str] = "digits"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="0012345678",
        canonical="6 to 32 digits (from `min_length` on, 3 to 32) without spaces; leading zeros count",
        mask="the last 4 digits (`mask_last`, 0 to 4), at most half of them, and the length",
        keeps="length, from 8 characters and the kept ones on; by `keep_last` up to 4 last digits, "
        "at most half of them",
        told_apart="a token begins with a letter",
    )
    kept: Preserved
    shown: Preserved
    shortest: int = _SHORTEST

    def canonicalize(self, value: object) -> str:
        spelled = plain(value, 2 * _LONGEST)
        digits = spelled.replace(" ", "")
        if not (self.shortest <= len(digits) <= _LONGEST and is_digits(digits)):
            rule = f"must be {self.shortest} to {_LONGEST} digits, with at most spaces between them"
            raise refused(spelled, f"{DIGITS} ", rule)
        return digits

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        return _halved(self.shown, canonical).mask(canonical)

    def space(self, canonical: str) -> TokenSpace:
        kept = _halved(self.kept, canonical)
        drawn = max(kept.replaced(canonical), _LEAST_DRAWN)
        return pattern_space([*lettered(drawn), *kept.tail(canonical)])

    def capacity(self) -> Capacity:
        classes = 10 ** _halved(self.kept, "0" * self.shortest).last
        return Capacity(pattern_space(lettered(_LEAST_DRAWN)).size, classes)

    def recognizes(self, text: str) -> bool:
        return _LEAST_DRAWN <= len(text) <= _LONGEST and is_lettered(text)


def _halved(preserved: Preserved, digits: str) -> Preserved:
    """Short values keep and show fewer digits, so that at least half of one stays hidden."""
    return Preserved(last=min(preserved.last, len(digits) // 2))


def build(_type_name: str, options: Options) -> Digits:
    """Options: `keep_last`, `mask_last`, `min_length` (6). Raises `ConfigurationError`."""
    read = OptionReader(options)
    kept, shown = read_preserved(read, _LIMITS)
    shortest = read.integer("min_length", _SHORTEST, _SHORTEST_OF_ALL, _LONGEST)
    read.close()
    return Digits(kept, shown, shortest)
