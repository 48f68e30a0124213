"""Primary account numbers of payment cards (ISO/IEC 7812-1): 13 to 19 digits, the last a Luhn check.

A token has as many digits, keeps what the policy keeps, and fails the Luhn check: so no token is a card
number, a token handed in as a value is refused, and a system that checks digits notices a mix-up.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.errors import ConfigurationError, InvalidValue
from chalicelib.formats.base import Options, TokenSpace
from chalicelib.formats.luhn import luhn_sum
from chalicelib.formats.options import read_options

SHORTEST: Final = 13
LONGEST: Final = 19
MOST_CHARACTERS: Final = 2 * LONGEST - 1
"""Every digit but the last may be followed by one separator."""

_SPELLING: Final = re.compile(r"[0-9](?:[ -]?[0-9])*")

MOST_KEPT_FIRST: Final = 6
MOST_KEPT_LAST: Final = 4
"""PCI DSS truncation leaves at most the first six (eight of sixteen digits or more) and any other four:
https://www.pcisecuritystandards.org/faqs (FAQ 1091). Six holds for every length."""

LEAST_FREE_DIGITS: Final = 7
"""Of a 16-digit number that keeps six and four, six digits are free: 900,000 tokens for all cards of an
issuer that end alike. That is refused; what is kept must leave seven in the commonest length."""

COMMON_LENGTH: Final = 16


@dataclass(frozen=True)
class CardNumber:
    """`keep_first` and `keep_last` are the digits that a token shares with its card number."""

    name: ClassVar[str] = "card_number"
    keep_first: int
    keep_last: int

    @classmethod
    def build(cls, type_name: str, options: Options) -> "CardNumber":
        """From the policy's options: `keep_first` (default 0) and `keep_last` (default 4).

        Raises `ConfigurationError`.
        """
        read = read_options(options, keep_first=(0, MOST_KEPT_FIRST, 0), keep_last=(0, MOST_KEPT_LAST, 4))
        free = COMMON_LENGTH - sum(read.values())
        if free < LEAST_FREE_DIGITS:
            raise ConfigurationError(
                [f"keeps so much that only {9 * 10 ** (free - 1):,} tokens are left for a card of 16 digits"]
            )
        return cls(**read)

    def canonicalize(self, value: object) -> str:
        """The digits alone; spaces and hyphens may stand between them."""
        if not isinstance(value, str):
            raise InvalidValue("a card number must be a string")
        if len(value) > MOST_CHARACTERS or not _SPELLING.fullmatch(value):
            raise InvalidValue("a card number has digits only, with single spaces or hyphens between them")
        digits = value.replace(" ", "").replace("-", "")
        if not SHORTEST <= len(digits) <= LONGEST:
            raise InvalidValue(f"a card number has {SHORTEST} to {LONGEST} digits")
        if luhn_sum(digits) != 0:
            raise InvalidValue("a card number's check digit must fit; a token's never does")
        if not digits.strip("0"):
            raise InvalidValue("a card number is not all zeros")
        return digits

    def present(self, canonical: str) -> object:
        """The digits, as a string."""
        return canonical

    def mask(self, canonical: str) -> str:
        """Stars for all but the digits that tokens keep anyway."""
        hidden = len(canonical) - self.keep_first - self.keep_last
        return canonical[: self.keep_first] + "*" * hidden + canonical[len(canonical) - self.keep_last :]

    def space(self, canonical: str) -> TokenSpace:
        """All numbers of the same length and kept digits that fail the Luhn check: nine in ten."""
        first, last = canonical[: self.keep_first], canonical[len(canonical) - self.keep_last :]
        free = len(canonical) - len(first) - len(last)

        def token_at(point: int) -> str:
            body, choice = divmod(point, 9)
            head, tail = f"{first}{body:0{free - 1}d}", last
            right = _right_digit(head, tail)
            # Nine digits in this place break the check; the right one is passed over.
            wrong = choice if choice < right else choice + 1
            return f"{head}{wrong}{tail}"

        return TokenSpace(9 * 10 ** (free - 1), token_at)

    def recognizes(self, text: str) -> bool:
        """Whether a text has the shape of a token of this type."""
        shaped = SHORTEST <= len(text) <= LONGEST and text.isascii() and text.isdigit()
        return shaped and luhn_sum(text) != 0


def _right_digit(head: str, tail: str) -> int:
    """The digit between head and tail with which the whole passes the Luhn check."""
    return next(digit for digit in range(10) if luhn_sum(f"{head}{digit}{tail}") == 0)
