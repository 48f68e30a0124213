"""Numbers that are strings of digits and no more: account, customer, or policy numbers."""

from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.options import OptionReader
from chalicelib.formats.preserved import Limits, Preserved, read_preserved
from chalicelib.formats.shapes import is_digits, is_lettered, lettered, pattern_space, string

_SHORTEST: Final = 6
_LONGEST: Final = 32
_LIMITS: Final = Limits(last=4)

_LEAST_DRAWN: Final = 8
"""Short values have longer tokens: this many characters are drawn, 7 * 10**11 tokens, however short."""


@dataclass(frozen=True)
class Digits:
    """6 to 32 digits, leading zeros and all; tokens begin with a letter.

    Every string of digits of these lengths is a value, so none can be a token. Tokens with digits only had
    to be longer than 32; with a letter in front they keep the length of any value of 12 digits or more.
    """

    name: ClassVar[str] = "digits"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="0012345678",
        canonical="6 to 32 digits as they are; leading zeros count, no separators",
        mask="the last 4 digits (`mask_last`, 0 to 4), at most half of them, and the length",
        keeps="length, from 8 characters and the kept ones on; by `keep_last` up to 4 last digits, "
        "at most half of them",
        told_apart="a token begins with a letter",
    )
    kept: Preserved
    shown: Preserved

    def canonicalize(self, value: object) -> str:
        digits = string(value, _LONGEST)
        if not (len(digits) >= _SHORTEST and is_digits(digits)):
            raise InvalidValue(f"must be {_SHORTEST} to {_LONGEST} digits and nothing else")
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
        classes = 10 ** _halved(self.kept, "0" * _SHORTEST).last
        return Capacity(pattern_space(lettered(_LEAST_DRAWN)).size, classes)

    def recognizes(self, text: str) -> bool:
        return _LEAST_DRAWN <= len(text) <= _LONGEST and is_lettered(text)


def _halved(preserved: Preserved, digits: str) -> Preserved:
    """Short values keep and show fewer digits, so that at least half of one stays hidden."""
    return Preserved(last=min(preserved.last, len(digits) // 2))


def build(_type_name: str, options: Options) -> Digits:
    """Options: `keep_last`, `mask_last`. Raises `ConfigurationError`."""
    read = OptionReader(options)
    kept, shown = read_preserved(read, _LIMITS)
    read.close()
    return Digits(kept, shown)
