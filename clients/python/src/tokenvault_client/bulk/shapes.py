"""Shapes that a map may ask for: rough checks made here, so that a wrong column is found early."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

_SEPARATED: Final = re.compile(r"[ -]")
_COUNTRY_ALPHABET: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_DAY: Final = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})")
_PUNCTUATION: Final = r"[ ()\[\]./~-]{0,4}"


def _is_card_number(text: str) -> bool:
    """12 to 19 digits that pass the Luhn check (ISO/IEC 7812-1, annex B), spaces and hyphens aside."""
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


def _matching(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


SHAPES: Final[Mapping[str, Callable[[str], bool]]] = {
    "card_number": _is_card_number,
    "date": _is_date,
    "digits": _matching(r"[0-9]+"),
    "email": _matching(r"[^\s@]+@[^\s@]+\.[^\s@]+|\"[^\"\n]+\"@[^\s@]+"),
    "iban": _is_iban,
    # With its country code: as it is dialled within a country, it is a number of many (ITU-T E.164).
    "phone": _matching(rf"(?:[Tt][Ee][Ll]:)?[(\[]?\+(?:{_PUNCTUATION}[0-9]){{5,20}}[)\]]?"),
    "us_ssn": _matching(r"[0-9]{3}([ -]?)[0-9]{2}\1[0-9]{4}"),
}
"""The service has the last word: what its policy takes may be narrower or wider."""
