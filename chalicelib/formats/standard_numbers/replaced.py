"""Schemes whose rules python-stdnum has not followed.

Each function returns the canonical form of a number, or raises `InvalidValue` or python-stdnum's
`ValidationError`.
"""

import re
from datetime import date
from typing import Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.luhn import passes_luhn

_PERSONNUMMER: Final = re.compile(r"((?:1[89]|20)?)([0-9]{2})([0-9]{2})([0-9]{2})([-+]?)([0-9]{4})")
_COORDINATION: Final = 60
"""Added to the day of birth in coordination numbers: SFS 2022:1697, and the act of 1991 before it."""

_ITIN: Final = re.compile(r"9[0-9]{2}([0-9]{2})[0-9]{4}")
_ITIN_GROUPS: Final = frozenset((*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)))
"""As the IRS widened them: Internal Revenue Manual 3.21.263."""

_WORLDWIDE: Final = frozenset(("EZ", "XT", "ZZ"))
"""Prefixes of no country that python-stdnum 2.2 does not have. https://www.anna-web.org/standards/isin-iso-6166/
names EZ, https://dtif.org/isin-dti-complementary-standards-bridging-traditional-and-digital-markets/ XT."""

_RANDOM_SINCE: Final = date(2020, 10, 5)
"""Since then six of the seven last digits are random, with no place of birth and no check digit: Enforcement
Rules of the Resident Registration Act of the Republic of Korea, as amended in 2020."""


def fi_hetu(text: str) -> str:
    """With the last numbers of a day, 900 to 999: hospitals give them to patients whose own is not known."""
    from stdnum.fi import hetu  # noqa: PLC0415  # only this scheme needs it

    return str(hetu.validate(text, allow_temporary=True))


def se_personnummer(text: str) -> str:
    """Twelve digits: the century belongs to the number (SFS 1991:481, § 18).

    In ten digits a hyphen, or none, says that the person is not yet 100 this year, and a plus that they are;
    in twelve, the separator says nothing. Raises `InvalidValue`.
    """
    parts = _PERSONNUMMER.fullmatch(text.replace(" ", ""))
    if not parts:
        raise InvalidValue("must be 10 or 12 digits, with a hyphen or a plus before the last four")
    century, year, month, day, sign, rest = parts.groups()
    if not passes_luhn(year + month + day + rest):
        raise InvalidValue("fails the check digit: mistyped, or a token already")
    today = date.today()  # the rule knows no hour and no time zone
    if not century:
        latest = today.year - 100 if sign == "+" else today.year
        century = str((latest - int(year)) // 100)
    born = int(day) - _COORDINATION if int(day) > _COORDINATION else int(day)
    try:
        date(int(century + year), int(month), born)
    except ValueError:
        raise InvalidValue("does not begin with a day that exists") from None
    return century + year + month + day + rest


def personnummer_check_digit(text: str) -> str:
    """What stands behind the first eleven digits; the century does not count."""
    return next(digit for digit in "0123456789" if passes_luhn(text[2:] + digit))


def us_itin(text: str) -> str:
    """With the groups 50 to 65, which the IRS added: Internal Revenue Manual 3.21.263.

    Raises `InvalidValue`.
    """
    parts = _ITIN.fullmatch(text)
    if not parts or int(parts[1]) not in _ITIN_GROUPS:
        raise InvalidValue("is no ITIN: nine digits that begin with 9, of a group that is issued")
    return text


def mac(text: str) -> str:
    """Of any maker: the list that comes with python-stdnum is older than many devices."""
    from stdnum.mac import validate  # noqa: PLC0415  # only this scheme needs it

    return str(validate(text, validate_manufacturer=False))


def isin(text: str) -> str:
    """With the prefixes EZ and ZZ (ISO 6166:2021, 4.1), under which derivatives and others are numbered the
    world over, and XT, under which its registration authority ANNA numbers crypto-assets. Raises what
    python-stdnum raises of other numbers.
    """
    from stdnum import isin  # noqa: PLC0415  # only this scheme needs it
    from stdnum.exceptions import InvalidComponent  # noqa: PLC0415  # as above

    try:
        return str(isin.validate(text))
    except InvalidComponent:
        if text[:2] not in _WORLDWIDE or isin.calc_check_digit(text[:-1]) != text[-1]:
            raise
        return text


def kr_rrn(text: str) -> str:
    """Without place of birth and check digit, which numbers given out since 5 October 2020 have not:
    Enforcement Rules of the Resident Registration Act. Raises what python-stdnum raises of other numbers.
    """
    from stdnum.exceptions import InvalidChecksum, InvalidComponent  # noqa: PLC0415  # as above
    from stdnum.kr import rrn  # noqa: PLC0415  # only this scheme needs it

    try:
        return str(rrn.validate(text))
    except (InvalidChecksum, InvalidComponent):
        if rrn.get_birth_date(text) < _RANDOM_SINCE:
            raise
        return text
