"""Payment card numbers (PAN) of all networks: ISO/IEC 7812-1."""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.luhn import failing, passes_luhn
from chalicelib.formats.options import OptionReader
from chalicelib.formats.preserved import Limits, Preserved, read_preserved
from chalicelib.formats.shapes import DIGITS, is_digits, numbered, string

_SHORTEST: Final = 13
_LONGEST: Final = 19
_SPELLING: Final = re.compile(r"[0-9](?:[ -]?[0-9])*")
_LIMITS: Final = Limits(first=6, last=4, default_kept=4)

_ALWAYS_REPLACED: Final = 5
"""PCI SSC FAQ 1091 lets the first six and last four digits of any card number stand, but of a 15-digit
one at least five must go. Shorter ones keep fewer first digits, so that the token space stays wide."""


@dataclass(frozen=True)
class CardNumber:
    """13 to 19 digits that pass the Luhn check; tokens are as many digits and fail it.

    PCI SSC allows the first eight of a 16-digit number to stand too, but then four digits were left to
    replace: 9,000 tokens for all the cards of an issuer that end alike.
    """

    name: ClassVar[str] = "card_number"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="4111111111111111",
        canonical="13 to 19 digits that pass the Luhn check, without spaces and hyphens",
        mask="the last 4 digits, and by `mask_first` up to 6 first ones; at least 5 are starred",
        keeps="length; the last 4 digits (`keep_last`, 0 to 4), and by `keep_first` up to 6 first ones",
        told_apart="a token fails the Luhn check",
    )
    kept: Preserved
    shown: Preserved

    def canonicalize(self, value: object) -> str:
        spelled = string(value, 2 * _LONGEST)
        if not _SPELLING.fullmatch(spelled):
            raise InvalidValue("must be digits, with at most one space or hyphen between two of them")
        digits = spelled.replace(" ", "").replace("-", "")
        if not _SHORTEST <= len(digits) <= _LONGEST:
            raise InvalidValue(f"must have {_SHORTEST} to {_LONGEST} digits")
        if not passes_luhn(digits):
            raise InvalidValue("fails the Luhn check: mistyped, or a token already")
        if not digits.strip("0"):
            raise InvalidValue("must not be zeros only")
        return digits

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        return self.shown.leaving(_ALWAYS_REPLACED, len(canonical)).mask(canonical)

    def space(self, canonical: str) -> TokenSpace:
        kept = self.kept.leaving(_ALWAYS_REPLACED, len(canonical))
        head, tail, free = kept.head(canonical), kept.tail(canonical), kept.replaced(canonical)

        def token_at(point: int) -> str:
            rest, choice = divmod(point, 9)
            return failing(head + numbered(rest, [DIGITS] * (free - 1)), choice, tail)

        return TokenSpace(9 * 10 ** (free - 1), token_at)

    def capacity(self) -> Capacity:
        replaced = max(_ALWAYS_REPLACED, self.kept.replaced("0" * _SHORTEST))
        return Capacity(9 * 10 ** (replaced - 1), 10**self.kept.last)

    def recognizes(self, text: str) -> bool:
        return _SHORTEST <= len(text) <= _LONGEST and is_digits(text) and not passes_luhn(text)


def build(_type_name: str, options: Options) -> CardNumber:
    """Options: `keep_first`, `keep_last`, `mask_first`, `mask_last`. Raises `ConfigurationError`."""
    read = OptionReader(options)
    kept, shown = read_preserved(read, _LIMITS)
    read.close()
    return CardNumber(kept, shown)
