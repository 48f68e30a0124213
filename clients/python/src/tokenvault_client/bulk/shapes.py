"""Shapes that a map may ask for: rough checks made here, so that a wrong column is found early.

They take whatever spelling in ASCII the service's format of that name takes, and perhaps more: a check that
refused a value which the service takes would leave its row out.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

Check = Callable[[str], bool]

_SPACES: Final = re.compile(r"\s+")
_AROUND: Final = re.compile(r" ?([-./_:()\[\]]) ?")
_SEPARATED: Final = re.compile(r"[ .-]")
_COUNTRY_ALPHABET: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_DAY: Final = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})")
_PUNCTUATION: Final = r"[ ()\[\]./~-]{0,4}"


def _is_card_number(text: str) -> bool:
    """12 to 19 digits that pass the Luhn check (ISO/IEC 7812-1, annex B), spaces, hyphens and dots aside."""
    digits = _SEPARATED.sub("", text)
    if not re.fullmatch(r"[0-9]{12,19}", digits):
        return False
    doubled = "".join(str(int(digit) * 2) for digit in digits[-2::-2])
    return sum(map(int, doubled + digits[::-2])) % 10 == 0


def _is_iban(text: str) -> bool:
    """A country, two check digits and up to 30 characters, with remainder 1 modulo 97 (ISO 13616-1)."""
    iban = _SEPARATED.sub("", text).upper()
    if not _COUNTRY_ALPHABET.fullmatch(iban):
        return False
    return int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97 == 1


def _is_date(text: str) -> bool:
    """A day that exists, year first (ISO 8601-1)."""
    if not (written := _DAY.fullmatch(text)):
        return False
    try:
        date(*map(int, written.group(1, 3, 4)))
    except ValueError:
        return False
    return True


def _matching(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _plain(check: Check) -> Check:
    """The check of a text without the white space that means nothing: at its ends, doubled, at separators."""
    return lambda text: check(_AROUND.sub(r"\1", _SPACES.sub(" ", text)).strip())


SHAPES: Final[Mapping[str, Check]] = {
    "card_number": _plain(_is_card_number),
    "date": _plain(_is_date),
    "digits": _plain(_matching(r"[0-9](?: ?[0-9])*")),
    # Within quotes, white space is part of an address.
    "email": _matching(r"\s*(?:[^\s@]+@[^\s@]+\.[^\s@]+|\"[^\n]+\"@[^\s@]+)\s*"),
    "iban": _plain(_is_iban),
    # With its country code: as it is dialled within a country, it is a number of many (ITU-T E.164).
    "phone": _plain(_matching(rf"(?:[Tt][Ee][Ll]:)?[(\[]?\+(?:{_PUNCTUATION}[0-9]){{5,20}}[)\]]?")),
    "us_ssn": _plain(_matching(r"[0-9]{3}[ .-]?[0-9]{2}[ .-]?[0-9]{4}")),
}
"""The service has the last word: its policy may take less, and by an option some dates and cards more."""
