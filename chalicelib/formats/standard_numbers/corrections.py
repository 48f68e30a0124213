"""Where python-stdnum lags a standard or takes what the standard rules out, and schemes that it has not.

`OURS` judges a scheme's numbers in python-stdnum's place; `LATER` looks at what python-stdnum has accepted.
Each function takes a canonical form and returns one, or raises `InvalidValue`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.luhn import passes_luhn
from chalicelib.formats.standard_numbers import added, replaced

Correction = Callable[[str], str]

_ROUTING: Final = frozenset((*range(13), *range(21, 33), *range(61, 73), 80))
"""First two digits of routing numbers: Federal Reserve districts, the same for thrifts and for electronic
payments, traveller's cheques. American Bankers Association, Routing Number Policy."""

_BANKS: Final = ("iban", "be.iban", "es.iban", "me.iban", "no.iban", "iso11649", "eu.at_02")
"""Schemes whose check digits stand behind two letters: ISO 13616, ISO 11649, EPC AT-02."""


def _head_office(text: str) -> str:
    """Without the branch `XXX`, which is the head office, as eight characters are: ISO 9362:2022, 5.4.

    The first four are letters, as SWIFT's BIC policy wants; a token begins with a digit, which that standard
    allows, so a library that goes by it alone takes a token for a BIC.
    """
    return text[:8] if text[8:] == "XXX" else text


def _with_check_digit(text: str) -> str:
    """Fourteen digits name the same device as with their Luhn digit: 3GPP TS 23.003, 6.2.1."""
    if len(text) != 14:
        return text
    return next(made for digit in range(10) if passes_luhn(made := f"{text}{digit}"))


def _thirteen(text: str) -> str:
    """Ten digits name the same book as thirteen: ISO 2108:2017, Annex A."""
    from stdnum.isbn import to_isbn13  # noqa: PLC0415  # only this scheme needs it

    return str(to_isbn13(text)).replace("-", "")


def _music(text: str) -> str:
    """`M` and nine digits name the same music as 9790 and those: ISO 10957:2021."""
    return f"9790{text[1:]}" if text[:1] == "M" else text


def _language(text: str) -> str:
    """The endings of the four languages are one: Swiss Federal Tax Administration, MWST, TVA, IVA, TPV."""
    return f"{text[:12]}MWST"


def _without_country(text: str) -> str:
    """Registered for value added tax or not, it is the same company."""
    return text.removeprefix("RO")


def _postcode(text: str) -> str:
    """A hyphen for the space, which could not stand in a URL."""
    return text.replace(" ", "-")


def _legal_entity(text: str) -> str:
    """Twenty characters, the last two check digits from 02 to 98: ISO 17442-1:2020 and ISO/IEC 7064."""
    if not re.fullmatch(r"[0-9A-Z]{18}[0-9]{2}", text):
        raise InvalidValue("must be 20 letters and digits, the last two digits")
    return _as_calculated(text, slice(18, 20))


def _in_front(text: str) -> str:
    """Two letters, and check digits from 02 to 98 behind them: python-stdnum takes letters for these, too."""
    if not re.match(r"[A-Z]{2}[0-9]{2}", text):
        raise InvalidValue("must begin with two letters and two check digits")
    return _as_calculated(text, slice(2, 4))


def _at_the_end(text: str) -> str:
    """The last two are check digits from 02 to 98."""
    return _as_calculated(text, slice(-2, None))


def _as_calculated(text: str, place: slice) -> str:
    """Refuses 00, 01 and 99: other spellings of 97, 98 and 02 that ISO/IEC 7064 does not calculate."""
    if text[place] in ("00", "01", "99"):
        raise InvalidValue("has check digits that are never calculated: ISO/IEC 7064")
    return text


def _no_repdigit(text: str) -> str:
    """Eleven equal digits pass the check digits, and the Receita Federal issues none of them."""
    if len(set(text)) == 1:
        raise InvalidValue("must not be one digit repeated")
    return text


def _routing(text: str) -> str:
    """Begins with a Federal Reserve district, or another range of the American Bankers Association."""
    if int(text[:2]) not in _ROUTING:
        raise InvalidValue("does not begin with a Federal Reserve district or another range of the ABA")
    return text


def _work(text: str) -> str:
    """Without check digits, as python-stdnum compares: ISO 15706."""
    from stdnum.isan import compact  # noqa: PLC0415  # only this scheme needs it

    return str(compact(text))


LATER: Final[Mapping[str, tuple[Correction, ...]]] = {
    "bic": (_head_office,),
    "br.cpf": (_no_repdigit,),
    "ch.vat": (_language,),
    "imei": (_with_check_digit,),
    "isan": (_work,),
    "isbn": (_thirteen,),
    "ismn": (_music,),
    "iso9362": (_head_office,),
    "lei": (_legal_entity,),
    "ma.ice": (_at_the_end,),
    "nl.postcode": (_postcode,),
    "ro.cf": (_without_country,),
    "us.rtn": (_routing,),
    **dict.fromkeys(_BANKS, (_in_front,)),
}

OURS: Final[Mapping[str, Correction]] = {
    "fi.hetu": replaced.fi_hetu,
    "gb.nino": added.gb_nino,
    "isin": replaced.isin,
    "kr.rrn": replaced.kr_rrn,
    "mac": replaced.mac,
    "se.personnummer": replaced.se_personnummer,
    "us.itin": replaced.us_itin,
    "us.mbi": added.us_mbi,
    "us.npi": added.us_npi,
    "vin": added.vin,
}
