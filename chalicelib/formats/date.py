"""Calendar dates: ISO 8601-1, of birth or of anything else that tells a person."""

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.options import OptionReader
from chalicelib.formats.shapes import is_digits, is_lettered, lettered, pattern_space, string

_LENGTH: Final = 10
_YEAR: Final = len("1815-")
_SPELLING: Final = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})")


@dataclass(frozen=True)
class CalendarDate:
    """A day that exists, of the years 0001 to 9999; tokens are as long as one and have letters.

    What digits leave for tokens of one year, numbers that are no month and no day, are under 10,000: too
    few for all who were born in it.
    """

    name: ClassVar[str] = "date"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="1815-12-10",
        canonical="`YYYY-MM-DD`; without the hyphens is a spelling of it",
        mask="the year, with month and day starred; by `mask_year` false, constant",
        keeps="length; by `keep_year` the year and the hyphen after it",
        told_apart="a token has a letter, in front or where the month begins",
    )
    keep_year: bool = False
    mask_year: bool = True

    def canonicalize(self, value: object) -> str:
        spelled = _SPELLING.fullmatch(string(value, _LENGTH))
        if not spelled:
            raise InvalidValue("must be a calendar date of ISO 8601: YYYY-MM-DD or YYYYMMDD")
        year, _, month, day = spelled.groups()
        try:
            return date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            raise InvalidValue("is no day of the calendar") from None

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        return (canonical[:_YEAR] if self.mask_year else "****-") + "**-**"

    def space(self, canonical: str) -> TokenSpace:
        return pattern_space([*canonical[: self._first], *lettered(_LENGTH - self._first)])

    def capacity(self) -> Capacity:
        return Capacity(pattern_space(lettered(_LENGTH - self._first)).size)

    def recognizes(self, text: str) -> bool:
        year, rest = text[: self._first], text[self._first :]
        kept = not self.keep_year or (is_digits(year[:-1]) and year[-1:] == "-")
        return len(text) == _LENGTH and kept and is_lettered(rest)

    @property
    def _first(self) -> int:
        return _YEAR if self.keep_year else 0


def build(_type_name: str, options: Options) -> CalendarDate:
    """Options: `keep_year` (false), `mask_year` (true). Raises `ConfigurationError`.

    A mask shows the year that the token tells anyway.
    """
    read = OptionReader(options)
    keep_year = read.flag("keep_year", default=False)
    mask_year = read.flag("mask_year", default=True)
    if keep_year and not mask_year:
        read.problem("option mask_year must be true where keep_year is: the token shows the year already")
    read.close()
    return CalendarDate(keep_year, mask_year)
