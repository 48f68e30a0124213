"""Telephone numbers that became other numbers of the same subscribers.

Address books, messengers and old databases go on using the former number, so it is a spelling of the one that
replaced it. Each change is complete and dated; none of the former numbers has been given to anybody else. An
entry applies only where libphonenumber's metadata has no number in use that reads like the former one.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Change:
    """What numbers of a country were (`former`, the national number) and are (`present`, as for `re.sub`)."""

    since: str
    country_code: str
    former: str
    present: str


_BENIN: Final = Change("2024-11-30", "229", r"([2-79]\d{7})", r"01\1")
"""ARCEP Bénin, decision 2020-349 on the numbering plan of ten digits: 01 stands before every number.
https://github.com/twcclegg/libphonenumber-csharp/issues/272 has how it went."""

_BRAZIL: Final = Change("2016-11-06", "55", r"([1-9][1-9])([689]\d{7})", r"\g<1>9\2")
"""Anatel, Resolution 553/2010: a ninth digit before mobile numbers, first in São Paulo (2012-07-29), last in
the south (2016-11-06). Numbers of trunked radio (7...) kept eight digits."""

_MEXICO: Final = Change("2019-08-03", "52", r"1([2-9]\d{9})", r"\1")
"""IFT, Plan Técnico Fundamental de Numeración (DOF 2018-05-11): the 1 of mobile numbers was dropped. WhatsApp
still sends it."""

_VIETNAM: Final = {
    **{"120": "70", "121": "79", "122": "77", "126": "76", "128": "78"},
    **{"123": "83", "124": "84", "125": "85", "127": "81", "129": "82"},
    **{f"16{digit}": f"3{digit}" for digit in range(2, 10)},
    **{"186": "56", "188": "58", "199": "59"},
}
"""Ministry of Information and Communications of Vietnam: numbers of eleven digits, with the 0 in front,
became ones of ten from 2018-09-15 on, operator by operator."""

CHANGES: Final = (
    _BENIN,
    _BRAZIL,
    _MEXICO,
    *(Change("2018-11-15", "84", rf"{old}(\d{{7}})", rf"{new}\1") for old, new in _VIETNAM.items()),
)


def renumbered(country_code: str, national: str) -> str | None:
    """The national number of today of one that was replaced, or None where none was."""
    for change in CHANGES:
        if change.country_code == country_code and re.fullmatch(change.former, national):
            return re.sub(change.former, change.present, national)
    return None
