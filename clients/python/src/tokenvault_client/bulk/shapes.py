"""Shapes that a map may ask for: rough checks made here, so that a wrong column is found early.

They take whatever spelling in ASCII the service's format of that name takes, and perhaps more: a check that
refused a value which the service takes would leave its row out.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

Check = Callable[[str], str | None]
"""Why a text has not the shape, by its rule and never by what stands in it; None for one that has it."""

_SPACES: Final = re.compile(r"\s+")
_AROUND: Final = re.compile(r" ?([-./_:()\[\]]) ?")
_SEPARATED: Final = re.compile(r"[ .-]")
_DIGIT: Final = re.compile(r"[0-9]")
_IBAN_BEGINS: Final = re.compile(r"[A-Z]{2}[0-9]{2}")
_DAY: Final = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})")
_DIGITS: Final = re.compile(r"[0-9](?: ?[0-9])*")
_SSN: Final = re.compile(r"[0-9]{3}[ .-]?[0-9]{2}[ .-]?[0-9]{4}")
_PUNCTUATION: Final = r"[ ()\[\]./~-]{0,4}"
_INTERNATIONAL: Final = re.compile(r"(?:[Tt][Ee][Ll]:)?[(\[]?\+")
_PHONE: Final = re.compile(rf"{_INTERNATIONAL.pattern}(?:{_PUNCTUATION}[0-9]){{5,20}}[)\]]?")
# Within quotes, white space is part of an address.
_EMAIL: Final = re.compile(r"\s*(?:[^\s@]+@[^\s@]+\.[^\s@]+|\"[^\n]+\"@[^\s@]+)\s*")


def _card_number(text: str) -> str | None:
    """12 to 19 digits that pass the Luhn check (ISO/IEC 7812-1, annex B), spaces, hyphens and dots aside."""
    digits = _SEPARATED.sub("", text)
    if not re.fullmatch(r"[0-9]*", digits):
        return "it has characters that are not digits from 0 to 9, spaces, dots or hyphens"
    if (wrong := _length(len(digits), 12, 19, "digits")) is not None:
        return wrong
    doubled = "".join(str(int(digit) * 2) for digit in digits[-2::-2])
    fails = sum(map(int, doubled + digits[::-2])) % 10
    return "its check digit is wrong (Luhn): mistyped, or a token already" if fails else None


def _iban(text: str) -> str | None:
    """A country, two check digits and up to 30 characters, with remainder 1 modulo 97 (ISO 13616-1)."""
    iban = _SEPARATED.sub("", text).upper()
    if not _IBAN_BEGINS.match(iban):
        return "it does not begin with the two letters of a country and two check digits"
    if not re.fullmatch(r"[A-Z0-9]+", iban):
        return "it has characters that are not letters from A to Z, digits, spaces, dots or hyphens"
    if (wrong := _length(len(iban), 15, 34, "characters")) is not None:
        return wrong
    fails = int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97 != 1
    return "its check digits are wrong (mod 97): mistyped, or a token already" if fails else None


def _date(text: str) -> str | None:
    """A day that exists, year first (ISO 8601-1)."""
    if not (written := _DAY.fullmatch(text)):
        return "it is not a year, a month and a day in this order, such as 2026-01-31 or 20260131"
    try:
        date(*map(int, written.group(1, 3, 4)))
    except ValueError:
        return "there is no such day"
    return None


def _digits(text: str) -> str | None:
    allowed = _DIGITS.fullmatch(text)
    return None if allowed else "it has characters that are not digits from 0 to 9, or single spaces between"


def _email(text: str) -> str | None:
    if _EMAIL.fullmatch(text):
        return None
    return "it is not a name and a domain around an @" if "@" in text else "it has no @"


def _phone(text: str) -> str | None:
    """With its country code: as it is dialled within a country, it is a number of many (ITU-T E.164)."""
    if _PHONE.fullmatch(text):
        return None
    if not _INTERNATIONAL.match(text):
        return "it does not begin with + and a country code"
    wrong = _length(len(_DIGIT.findall(text)), 5, 20, "digits")
    return wrong or "it has characters that are not digits or separators, or too many separators in a row"


def _us_ssn(text: str) -> str | None:
    if _SSN.fullmatch(text):
        return None
    right = len(_DIGIT.findall(text)) == 9
    return "it is not written as 3, 2 and 4 digits" if right else "it has another number of digits than 9"


def _length(length: int, least: int, most: int, what: str) -> str | None:
    """Why a length will not do, by the limit and not by itself."""
    if length < least:
        return f"it has fewer than {least} {what}"
    return f"it has more than {most} {what}" if length > most else None


def _plain(check: Check) -> Check:
    """The check of a text without the white space that means nothing: at its ends, doubled, at separators."""
    return lambda text: check(_AROUND.sub(r"\1", _SPACES.sub(" ", text)).strip())


SHAPES: Final[Mapping[str, Check]] = {
    "card_number": _plain(_card_number),
    "date": _plain(_date),
    "digits": _plain(_digits),
    "email": _email,
    "iban": _plain(_iban),
    "phone": _plain(_phone),
    "us_ssn": _plain(_us_ssn),
}
"""The service has the last word: its policy may take less, and by an option some dates and cards more."""
