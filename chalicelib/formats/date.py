"""Calendar dates: ISO 8601-1, of birth or of anything else that tells a person."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import KEEP_LESS, Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.options import OptionReader
from chalicelib.formats.shapes import DIGITS, is_digits, is_lettered, lettered, pattern_space
from chalicelib.formats.spelling import plain, refused

_LENGTH: Final = 10
_YEAR: Final = len("1815-")
_SPELLING: Final = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})")
_PARTIAL: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")
"""Without a hyphen, a year and a month were the six digits of a day too."""

_OLDEST: Final = 120


def _today() -> date:
    """The latest date anywhere on Earth (UTC+14), so that nobody's birthday comes early to a mask."""
    return (datetime.now(UTC) + timedelta(hours=14)).date()


@dataclass(frozen=True)
class CalendarDate:
    """A day that exists, of the years 0001 to 9999; tokens are as long as one and have letters.

    By `accept_partial` a year, and a month of a year, are dates too, as in FHIR and in ISO 8601-1's reduced
    precision; their masks and tokens look like those of a day. A year under 1000 is not kept, since no token
    begins with 0. What digits leave for tokens of one year, numbers that are no month and no day, are under
    10,000: too few for all who were born in it.

    By `mask_over_age` a mask hides the year, too, of who may be older than so many years today: 45 CFR
    164.514(b)(2)(i)(C) lets no year of birth stand that tells an age over 89.
    """

    name: ClassVar[str] = "date"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="1815-12-10",
        canonical="`YYYY-MM-DD`; without the hyphens is a spelling of it. By `accept_partial` `YYYY-MM` and "
        "`YYYY` too",
        mask="the year, with month and day starred; by `mask_year` false, constant; by `mask_over_age` "
        "without the year of older people",
        keeps="length; by `keep_year` the year and the hyphen after it",
        told_apart="a token has a letter, in front or where the month begins",
    )
    keep_year: bool = False
    mask_year: bool = True
    accept_partial: bool = False
    mask_over_age: int | None = None
    today: Callable[[], date] = field(default=_today, repr=False)

    def canonicalize(self, value: object) -> str:
        text = plain(value, _LENGTH)
        spelled = _SPELLING.fullmatch(text)
        if spelled:
            return _checked(*spelled.group(1, 3, 4))
        partial = _PARTIAL.fullmatch(text) if self.accept_partial else None
        if not partial:
            forms = "YYYY-MM-DD or YYYYMMDD" + (", YYYY-MM or YYYY" if self.accept_partial else "")
            raise refused(text, f"{DIGITS}-", f"must be a calendar date of ISO 8601: {forms}")
        year, month = partial.groups()
        return _checked(year, month or "01", "01")[: len(text)]

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        year = canonical[: _YEAR - 1] if self.mask_year and not self._is_too_old(canonical) else "****"
        return f"{year}-**-**"

    def space(self, canonical: str) -> TokenSpace:
        kept = "" if canonical.startswith("0") else f"{canonical}-"[: self._first]
        return pattern_space([*kept, *lettered(_LENGTH - len(kept), at_front=not kept)])

    def capacity(self) -> Capacity:
        size = pattern_space(lettered(_LENGTH - self._first, at_front=not self.keep_year)).size
        return Capacity(size, room=KEEP_LESS if self.keep_year else "")

    def recognizes(self, text: str) -> bool:
        year, rest = text[: self._first], text[self._first :]
        kept = self.keep_year and is_digits(year[:-1]) and year[0] != "0" and year[-1:] == "-"
        return len(text) == _LENGTH and (is_lettered(text) or (kept and is_lettered(rest, at_front=False)))

    def _is_too_old(self, canonical: str) -> bool:
        if self.mask_over_age is None:
            return False
        today = self.today()
        # Of whom only the year is known, the birthday is taken to be its first day.
        birthday = f"{canonical[_YEAR:] or '01'}-01"[: len("MM-DD")]
        had_birthday = birthday <= f"{today:%m-%d}"
        return today.year - int(canonical[: _YEAR - 1]) - (not had_birthday) > self.mask_over_age

    @property
    def _first(self) -> int:
        return _YEAR if self.keep_year else 0


def build(_type_name: str, options: Options) -> CalendarDate:
    """Options: `keep_year` (false), `mask_year` (true), `accept_partial` (false), `mask_over_age` (none).

    Raises `ConfigurationError`. A mask shows the year that the token tells anyway.
    """
    read = OptionReader(options)
    keep_year = read.flag("keep_year", default=False)
    mask_year = read.flag("mask_year", default=True)
    accept_partial = read.flag("accept_partial", default=False)
    over_age = read.integer("mask_over_age", _OLDEST, 0, _OLDEST) if read.given("mask_over_age") else None
    if keep_year and not (mask_year and over_age is None):
        read.problem(
            "options mask_year false and mask_over_age hide nothing where keep_year is true: "
            "the token shows the year already"
        )
    read.close()
    return CalendarDate(keep_year, mask_year, accept_partial, over_age)


def _checked(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise InvalidValue("is no day of the calendar") from None
