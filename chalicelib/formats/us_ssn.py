"""United States social security numbers, and by option individual taxpayer identification numbers."""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.options import OptionReader
from chalicelib.formats.preserved import Limits, Preserved, read_preserved
from chalicelib.formats.shapes import DIGITS, is_digits, is_lettered, lettered, pattern_space
from chalicelib.formats.spelling import plain, refused

_LENGTH: Final = 9
_SPELLING: Final = re.compile(r"([0-9]{3})[ .-]?([0-9]{2})[ .-]?([0-9]{4})")
_LIMITS: Final = Limits(last=4, default_kept=4)

_ITIN_GROUPS: Final = frozenset({*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)})
"""Fourth and fifth digit of an ITIN, as the IRS widened them in 2016: Internal Revenue Manual 3.21.263."""


@dataclass(frozen=True)
class UsSsn:
    """Nine digits that SSA may have issued; tokens are as many characters and begin with a letter.

    The numbers that are never issued, by area, group and serial, are too few to be tokens of a country:
    some 6,000 for all people whose last four digits agree. So tokens have letters.
    """

    name: ClassVar[str] = "us_ssn"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="219099999",
        canonical="9 digits without separators; area, group and serial as SSA issues them, "
        "and by `accept_itin` ITINs too",
        mask="the last 4 digits (`mask_last`, 0 to 4)",
        keeps="length; the last 4 digits (`keep_last`, 0 to 4)",
        told_apart="a token begins with a letter",
    )
    kept: Preserved
    shown: Preserved
    accept_itin: bool = False

    def canonicalize(self, value: object) -> str:
        text = plain(value, _LENGTH + 2)
        spelled = _SPELLING.fullmatch(text)
        if not spelled:
            rule = "must be 9 digits, as 3, 2 and 4 with at most a space, hyphen or dot between"
            raise refused(text, f"{DIGITS} .-", rule)
        area, group, serial = spelled.groups()
        if self.accept_itin and area >= "900":
            if int(group) not in _ITIN_GROUPS:
                raise InvalidValue("is no ITIN: no such group is issued")
        elif area in ("000", "666") or area >= "900" or group == "00" or serial == "0000":
            raise InvalidValue("is no number that SSA issues")
        return area + group + serial

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        return self.shown.mask(canonical)

    def space(self, canonical: str) -> TokenSpace:
        return pattern_space([*lettered(_LENGTH - self.kept.last), *self.kept.tail(canonical)])

    def capacity(self) -> Capacity:
        return Capacity(
            pattern_space(lettered(_LENGTH - self.kept.last)).size, 10**self.kept.last, self.kept.room
        )

    def recognizes(self, text: str) -> bool:
        head, tail = text[: _LENGTH - self.kept.last], self.kept.tail(text)
        return len(text) == _LENGTH and is_lettered(head) and (not tail or is_digits(tail))


def build(_type_name: str, options: Options) -> UsSsn:
    """Options: `keep_last`, `mask_last`, `accept_itin` (false). Raises `ConfigurationError`."""
    read = OptionReader(options)
    kept, shown = read_preserved(read, _LIMITS)
    accept_itin = read.flag("accept_itin", default=False)
    read.close()
    return UsSsn(kept, shown, accept_itin)
