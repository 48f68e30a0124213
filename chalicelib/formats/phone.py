"""Telephone numbers of all countries: ITU-T E.164.

Which numbers are spellings of one, with a trunk prefix in parentheses or a digit for mobile ones, is known
to Google's libphonenumber; `phonenumberslite` is its Python port without the names of places. Where the
digits as they stand are a number in use, nothing in them is a prefix: the international form has none (ITU-T
E.123). Libphonenumber by itself cuts the 8 off Belarusian numbers that begin with one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
    is_valid_number,
    parse,
)

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.options import OptionReader
from chalicelib.formats.phone_renumbering import renumbered
from chalicelib.formats.preserved import Limits, Preserved, read_preserved
from chalicelib.formats.shapes import DIGITS, is_lettered, lettered, pattern_space
from chalicelib.formats.spelling import plain, refused

_LONGEST_SPELLING: Final = 64
_SIGNS: Final = " ()[]./~-"
_SEPARATOR: Final = r"[ ()\[\]./~-]{0,4}"
_SPELLING: Final = re.compile(rf"[(\[]?\+{_SEPARATOR}[0-9](?:{_SEPARATOR}[0-9])*[)\]]?")
_URI: Final = re.compile("tel:", re.IGNORECASE)
_TRUNK: Final = re.compile(rf"[(\[]?\+{_SEPARATOR}((?:[0-9]{_SEPARATOR}){{1,3}})[(\[]0[)\]]")
"""A country code, and a trunk prefix in brackets: `+44 (0)20`."""

_LIMITS: Final = Limits(last=4)

_LENGTH: Final = 16
"""As long as the longest number of E.164 and its +."""

_CODES: Final = frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))
_LONGEST_CODE: Final = 3


@dataclass(frozen=True)
class Phone:
    """A number with its country code, as long as its country's numbers are; tokens begin with a letter.

    A token of `+` and digits, as it once was, is read as a number by whatever reads tables, which drops the
    sign and a zero, and as a formula by spreadsheets. So tokens have a shape that stays text, and none passes
    for a number anywhere.

    Some numbers that are in use by libphonenumber's tables are longer than E.164's 15 digits, as toll-free
    ones of Japan; they are taken too, so a canonical form has up to 20 characters.

    Numbers that were replaced in Benin, Brazil, Mexico and Vietnam are spellings of those in their place
    (`chalicelib/formats/phone_renumbering.py`). A `tel:` URI (RFC 3966) of a global number without parameters
    is a spelling too. Numbers of ranges that are not in use yet are taken as well: ranges open every week,
    and a new customer must not wait for a release. A number without a `+` is refused, since its country is
    not known.
    """

    name: ClassVar[str] = "phone"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="+12025550123",
        canonical="`+` and digits, country code first; trunk prefixes, `tel:`, brackets, spaces and "
        "punctuation fall away",
        mask="the last 4 digits (`mask_last`, 0 to 4), at most half of those behind the country code, "
        "and the length",
        keeps="nothing, not even the length; by `keep_last` up to 4 last digits, at most half of those "
        "behind the country code",
        told_apart="a token begins with a letter",
    )
    kept: Preserved
    shown: Preserved

    def canonicalize(self, value: object) -> str:
        spelled = plain(value, _LONGEST_SPELLING)
        spelled = _URI.sub("", spelled, count=1) if _URI.match(spelled) else spelled
        if ";" in spelled:
            raise InvalidValue("is a tel: URI with parameters, an extension maybe: not a number alone")
        if not _SPELLING.fullmatch(spelled):
            rule = "must be + and digits, with spaces and punctuation between digits only"
            raise refused(spelled, f"+{DIGITS}{_SIGNS}", rule)
        number = _number(spelled)
        if _number(number) != number:
            raise InvalidValue("can be read as more than one number")
        return number

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        return _halved(self.shown, canonical).mask(canonical)

    def space(self, canonical: str) -> TokenSpace:
        kept = _halved(self.kept, canonical)
        return pattern_space([*lettered(_LENGTH - kept.last), *kept.tail(canonical)])

    def capacity(self) -> Capacity:
        drawn = lettered(_LENGTH - self.kept.last)
        return Capacity(pattern_space(drawn).size, 10**self.kept.last, self.kept.room)

    def recognizes(self, text: str) -> bool:
        return len(text) == _LENGTH and is_lettered(text)


def _halved(preserved: Preserved, number: str) -> Preserved:
    """Some countries have numbers of four digits: such keep and show fewer, so that half stays hidden."""
    national = number[len("+") + len(_code(number[1:])) :]
    return Preserved(last=min(preserved.last, len(national) // 2))


def _code(digits: str) -> str:
    """The country code that digits begin with; none is the beginning of another."""
    lengths = (length for length in range(1, _LONGEST_CODE) if digits[:length] in _CODES)
    return digits[: next(lengths, _LONGEST_CODE)]


def build(_type_name: str, options: Options) -> Phone:
    """Options: `keep_last`, `mask_last`. Raises `ConfigurationError`."""
    read = OptionReader(options)
    kept, shown = read_preserved(read, _LIMITS)
    read.close()
    return Phone(kept, shown)


def _number(spelled: str) -> str:
    """The number in E.164 that a spelling is of; the one in use, where it could be several."""
    digits = re.sub("[^0-9]", "", spelled)
    code = _code(digits)
    national = digits[len(code) :]
    if code in _CODES and national:
        for reading in _readings(code, national, bracketed=bool(_TRUNK.match(spelled))):
            if is_valid_number(_as_it_stands(code, reading)):
                return f"+{code}{reading}"
        if present := renumbered(code, national):
            return f"+{code}{present}"
        if _has_form(code, national):
            return f"+{digits}"
    return _as_dialled(f"+{digits}")


def _readings(code: str, national: str, *, bracketed: bool) -> Iterator[str]:
    """What the digits behind the country code may mean, without doubt of a prefix first.

    Numbers keep a 0 in front in a few countries only, and not all numbers there: an Italian mobile number
    with one (since 2001 none has it) means the number without.
    """
    without = national[1:] if national.startswith("0") else ""
    yield from (without, national) if bracketed else (national, without)


def _as_it_stands(code: str, national: str) -> PhoneNumber:
    zeros = len(national) - len(national.lstrip("0"))
    return PhoneNumber(
        country_code=int(code),
        national_number=int(national or "0"),
        italian_leading_zero=zeros > 0,
        number_of_leading_zeros=zeros,
    )


def _has_form(code: str, national: str) -> bool:
    """Whether numbers of the country may look so, in use or not."""
    for region in COUNTRY_CODE_TO_REGION_CODE[int(code)]:
        known = PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
        form = known.general_desc if known else None
        if form and len(national) in form.possible_length:
            return bool(re.fullmatch(form.national_number_pattern or "", national))
    return False


def _as_dialled(digits: str) -> str:
    try:
        number = parse(digits)
    except NumberParseException:
        raise InvalidValue("is no telephone number of any country") from None
    # A number without its area code, which `is_possible_number` takes, is one of many people's.
    if is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise InvalidValue("has not the length of its country's telephone numbers")
    return format_number(number, PhoneNumberFormat.E164)
