"""Schemes that python-stdnum does not have. Each function returns the number, or raises `InvalidValue`."""

import re
from typing import Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.luhn import passes_luhn

_NINO: Final = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]")
"""HMRC, National Insurance Manual NIM39110: no D, F, I, Q, U or V in the prefix, no O as its second letter,
and seven prefixes that are not allocated."""

_NPI: Final = re.compile(r"[12][0-9]{9}")

_ISSUER: Final = "80840"
"""Of health identifiers of the United States; the check digit is computed with it in front:
CMS, "Requirements for National Provider Identifier (NPI) and NPI check digit", 45 CFR 162.406."""

_MBI_LETTER: Final = "AC-HJKMNP-RT-Y"
_MBI: Final = re.compile(
    f"[1-9][{_MBI_LETTER}][0-9{_MBI_LETTER}][0-9][{_MBI_LETTER}][0-9{_MBI_LETTER}][0-9][{_MBI_LETTER}]{{2}}[0-9]{{2}}"
)
"""CMS, "Understanding the Medicare Beneficiary Identifier (MBI) format": no S, L, O, I, B or Z."""

_VIN: Final = re.compile(r"[0-9A-HJ-NPR-Z]{13}[0-9]{4}")
"""ISO 3779:2009: 17 characters without I, O and Q, the last four digits."""

_VALUES: Final = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", "12345678123457923456789" + "0123456789", strict=True)
)
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_NORTH_AMERICA: Final = "12345"


def gb_nino(text: str) -> str:
    """National insurance number of the United Kingdom.

    Raises `InvalidValue`.
    """
    if not _NINO.fullmatch(text):
        raise InvalidValue("must be an allocated prefix of two letters, six digits and a letter from A to D")
    return text


def us_npi(text: str) -> str:
    """National provider identifier of the United States.

    Raises `InvalidValue`.
    """
    if not _NPI.fullmatch(text):
        raise InvalidValue("must be ten digits, the first 1 or 2")
    if npi_check_digit(text[:-1]) != text[-1]:
        raise InvalidValue("fails the check digit: mistyped, or a token already")
    return text


def npi_check_digit(text: str) -> str:
    """What stands behind the first nine digits."""
    return next(digit for digit in "0123456789" if passes_luhn(_ISSUER + text + digit))


def us_mbi(text: str) -> str:
    """Medicare beneficiary identifier of the United States.

    Raises `InvalidValue`.
    """
    if not _MBI.fullmatch(text):
        raise InvalidValue(
            "must be 11 letters and digits, each of its place's kind, without S, L, O, I, B and Z"
        )
    return text


def vin(text: str) -> str:
    """Vehicle identification number. Vehicles of North America have a check digit: 49 CFR 565.15(c).

    Raises `InvalidValue`.
    """
    if not _VIN.fullmatch(text):
        raise InvalidValue("must be 17 letters and digits without I, O and Q, the last four digits")
    total = sum(weight * int(_VALUES[sign]) for weight, sign in zip(_WEIGHTS, text, strict=True))
    if text[0] in _NORTH_AMERICA and text[8] != "0123456789X"[total % 11]:
        raise InvalidValue("fails the check digit: mistyped")
    return text
