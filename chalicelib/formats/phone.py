"""Telephone numbers of all countries: ITU-T E.164.

Which numbers are spellings of one, with a trunk prefix in parentheses or a digit for mobile ones, is known
to Google's libphonenumber; `phonenumberslite` is its Python port without the names of places.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneNumberFormat,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
    parse,
)

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.options import OptionReader
from chalicelib.formats.preserved import Limits, Preserved, read_preserved
from chalicelib.formats.shapes import DIGITS, pattern_space, string

_LONGEST_SPELLING: Final = 40
_SPELLING: Final = re.compile(r"\+[0-9](?:[ ()./-]{0,2}[0-9])*")
_LIMITS: Final = Limits(last=4)

_NOWHERE: Final = "+0"
"""No country code begins with 0: E.164, and the list in its annex."""

_DIGITS: Final = 14
"""All that E.164 has room for after the 0."""

_CODES: Final = frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))
_LONGEST_CODE: Final = 3

_TOKEN: Final = re.compile(rf"\{_NOWHERE}[0-9]{{{_DIGITS}}}")


@dataclass(frozen=True)
class Phone:
    """A number with its country code, as long as its country's numbers are; tokens have no country.

    Whether a range of numbers is in use is not asked: ranges open every week, and a new customer must not
    wait for a release. A number without a `+` is refused, since the country is not known.
    """

    name: ClassVar[str] = "phone"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="+12025550123",
        canonical="`+` and digits, country code first; trunk prefixes, spaces and punctuation fall away",
        mask="the last 4 digits (`mask_last`, 0 to 4), at most half of those behind the country code, "
        "and the length",
        keeps="nothing, not even the length; by `keep_last` up to 4 last digits, at most half of those "
        "behind the country code",
        told_apart="a token begins with `+0`, and no country code does",
    )
    kept: Preserved
    shown: Preserved

    def canonicalize(self, value: object) -> str:
        spelled = string(value, _LONGEST_SPELLING)
        if not _SPELLING.fullmatch(spelled):
            raise InvalidValue("must be + and digits, with spaces and punctuation between digits only")
        number = _e164(spelled)
        if _e164(number) != number:
            raise InvalidValue("can be read as more than one number")
        return number

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        return _halved(self.shown, canonical).mask(canonical)

    def space(self, canonical: str) -> TokenSpace:
        kept = _halved(self.kept, canonical)
        return pattern_space([*_NOWHERE, *[DIGITS] * (_DIGITS - kept.last), *kept.tail(canonical)])

    def capacity(self) -> Capacity:
        return Capacity(10 ** (_DIGITS - self.kept.last), 10**self.kept.last)

    def recognizes(self, text: str) -> bool:
        return bool(_TOKEN.fullmatch(text))


def _halved(preserved: Preserved, number: str) -> Preserved:
    """Some countries have numbers of four digits: such keep and show fewer, so that half stays hidden.

    No country code is the beginning of another.
    """
    codes = (length for length in range(1, _LONGEST_CODE) if number[1 : 1 + length] in _CODES)
    national = len(number) - len("+") - next(codes, _LONGEST_CODE)
    return Preserved(last=min(preserved.last, max(0, national) // 2))


def build(_type_name: str, options: Options) -> Phone:
    """Options: `keep_last`, `mask_last`. Raises `ConfigurationError`."""
    read = OptionReader(options)
    kept, shown = read_preserved(read, _LIMITS)
    read.close()
    return Phone(kept, shown)


def _e164(spelled: str) -> str:
    try:
        number = parse(spelled)
    except NumberParseException:
        raise InvalidValue("is no telephone number of any country") from None
    # A number without its area code, which `is_possible_number` takes, is one of many people's.
    if is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise InvalidValue("has not the length of its country's telephone numbers")
    return format_number(number, PhoneNumberFormat.E164)
