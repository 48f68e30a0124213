"""International bank account numbers: ISO 13616, of all countries in SWIFT's registry, by option of more."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from operator import contains
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats import iban_unregistered
from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.iban_countries import STRUCTURES
from chalicelib.formats.mod97 import check_digits
from chalicelib.formats.options import OptionReader
from chalicelib.formats.preserved import Limits, Preserved, read_preserved
from chalicelib.formats.shapes import DIGITS, numbered
from chalicelib.formats.spelling import plain, refused

_LONGEST: Final = 34
_CHECKED: Final = 4
"""Country and check digits stand in front."""

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_KINDS: Final = {"n": DIGITS, "a": _LETTERS, "c": DIGITS + _LETTERS}
_SPELLING: Final = re.compile(r"[A-Z0-9](?:[ .-]?[A-Z0-9])*")
_LIMITS: Final = Limits(last=4)

_NOWHERE: Final = "ZZ"
"""A code that ISO 3166-1 leaves to users and that no registry gives a country."""

_CHECKS: Final = [f"{number:02d}" for number in range(2, 99)]
"""Check digits; one of them is right."""

_CHOICES: Final = len(_CHECKS) - 1


@dataclass(frozen=True)
class Iban:
    """An account number that its country could issue; tokens are as long and fail the mod-97 check.

    Countries and structures are those of SWIFT's IBAN registry, release 101 of December 2025, and Brazil's is
    that of a later one (`chalicelib/formats/iban_countries.py` says which).
    With the country kept, a token has letters where the country's numbers have letters; else only digits.
    Check digits of 00, 01 and 99 are refused: no bank makes them, and they were other spellings of 97, 98
    and 02. Check digits that a country has within its numbers are not looked at: the registry has no rules of
    them. By `accept_unregistered`, 22 countries are taken that use the same form outside the registry:
    AO, BF, BJ, CF, CG, CI, CM, CV, DZ, GA, GQ, GW, IR, KM, MA, MG, ML, MZ, NE, SN, TD and TG.
    """

    name: ClassVar[str] = "iban"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="GB82WEST12345698765432",
        canonical="capital letters and digits without spaces, hyphens and dots; the country's length and "
        "structure, and the mod-97 check",
        mask="length, the country (unless `keep_country` is false), and the last 4 characters "
        "(`mask_last`, 0 to 4)",
        keeps="length; the country, unless `keep_country` is false; by `keep_last` up to 4 last characters",
        told_apart="a token fails the mod-97 check",
    )
    kept: Preserved
    shown: Preserved
    keep_country: bool
    structures: Mapping[str, str] = field(repr=False)

    def canonicalize(self, value: object) -> str:
        spelled = plain(value, 2 * _LONGEST)
        if not (spelled.isascii() and _SPELLING.fullmatch(spelled.upper())):
            rule = "must be letters and digits, with at most one space, hyphen or dot between two"
            raise refused(spelled, " .-", rule)
        iban = re.sub("[ .-]", "", spelled.upper())
        if iban[:2] not in self.structures:
            raise InvalidValue("does not begin with a country of the IBAN registry, or one that is accepted")
        if not _fits(iban[_CHECKED:], self._account(iban[:2])):
            raise InvalidValue("has not the length and structure of its country's account numbers")
        if iban[2:_CHECKED] != _right(iban[:2], iban[_CHECKED:]):
            raise InvalidValue("fails the mod-97 check: mistyped, or a token already")
        return iban

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        return Preserved(2 if self.keep_country else 0, self.shown.last).mask(canonical)

    def space(self, canonical: str) -> TokenSpace:
        country = canonical[:2] if self.keep_country else _NOWHERE
        alphabets, tail = self._replaced(canonical[:2]), self.kept.tail(canonical)

        def token_at(point: int) -> str:
            rest, choice = divmod(point, _CHOICES)
            return _failing(country, choice, numbered(rest, alphabets) + tail)

        return TokenSpace(_CHOICES * prod(map(len, alphabets)), token_at)

    def capacity(self) -> Capacity:
        """Where a country's numbers do not end in digits, the space alone is larger than it counts here."""
        smallest = min(prod(map(len, self._replaced(country))) for country in self.structures)
        return Capacity(_CHOICES * smallest, 10**self.kept.last, self.kept.room)

    def recognizes(self, text: str) -> bool:
        country, check, account = text[:2], text[2:_CHECKED], text[_CHECKED:]
        if not (_fits(account, self._alphabets(country, len(account))) and _fits(check, [DIGITS] * 2)):
            return False
        return check in _CHECKS and check != _right(country, account)

    def _replaced(self, country: str) -> Sequence[str]:
        alphabets = self._account(country)
        replaced = alphabets[: len(alphabets) - self.kept.last]
        return replaced if self.keep_country else [DIGITS] * len(replaced)

    def _alphabets(self, country: str, length: int) -> Sequence[str]:
        """What a token of this country may be made of; nothing where there is no such token."""
        if self.keep_country:
            return self._account(country)
        if country != _NOWHERE or length not in map(len, map(self._account, self.structures)):
            return ()
        return [DIGITS] * (length - self.kept.last) + [_KINDS["c"]] * self.kept.last

    def _account(self, country: str) -> Sequence[str]:
        return _alphabets(self.structures.get(country, ""))


def build(_type_name: str, options: Options) -> Iban:
    """Options: `keep_country` (true), `keep_last`, `mask_last`, `accept_unregistered` (false).

    Raises `ConfigurationError`.
    """
    read = OptionReader(options)
    kept, shown = read_preserved(read, _LIMITS)
    keep_country = read.flag("keep_country", default=True)
    more = read.flag("accept_unregistered", default=False)
    read.close()
    return Iban(
        kept, shown, keep_country, {**STRUCTURES, **iban_unregistered.STRUCTURES} if more else STRUCTURES
    )


def _alphabets(structure: str) -> list[str]:
    parts = re.findall(r"([0-9]+)([nac])", structure)
    return [_KINDS[kind] for count, kind in parts for _ in range(int(count))]


def _fits(text: str, alphabets: Sequence[str]) -> bool:
    return 0 < len(text) == len(alphabets) and all(map(contains, alphabets, text))


def _right(country: str, account: str) -> str:
    return f"{check_digits(account + country):02d}"


def _failing(country: str, choice: int, account: str) -> str:
    right = _CHECKS.index(_right(country, account))
    return f"{country}{_CHECKS[choice if choice < right else choice + 1]}{account}"
