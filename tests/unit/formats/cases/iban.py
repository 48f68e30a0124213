"""IBANs: an account number of its country's structure, and the check digits after python-stdnum."""

import re

from hypothesis import strategies as st
from stdnum import numdb
from stdnum.iso7064 import mod_97_10

from tests.unit.formats.cases.case import Case, Strategy, copied, separated, text_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KINDS = {"n": "0123456789", "a": LETTERS, "c": "0123456789" + LETTERS}
LATER = {"BR": "8!c5!n10!n1!c1!c"}
"""What a release of the registry after python-stdnum's has changed, as schwifty 2026.10.1 has it."""

STRUCTURES = {country: facts["bban"] for _, country, _, facts, _ in numdb.get("iban").prefixes} | LATER
"""SWIFT's registry, as python-stdnum has it, and later changes."""


def lengths(country: str) -> list[tuple[int, str]]:
    """How many of each kind of characters, in order."""
    return [(int(count), kind) for count, kind in re.findall(r"([0-9]+)!([nac])", STRUCTURES[country])]


def with_check_digits(country: str, account: str) -> str:
    """The IBAN of an account."""
    return country + mod_97_10.calc_check_digits(account + country) + account


def of_country(country: str) -> Strategy:
    """IBANs of one country."""
    parts = [text_of(KINDS[kind], count) for count, kind in lengths(country)]
    return st.tuples(*parts).map(lambda made: with_check_digits(country, "".join(made)))


ibans = st.sampled_from(sorted(STRUCTURES)).flatmap(of_country)


def spell(iban: str) -> Strategy:
    """With spaces or hyphens between characters, in capital or small letters."""
    spelled = separated(iban, " -.").flatmap(lambda text: st.sampled_from([text, text.lower()]))
    return spelled.flatmap(copied)


moroccan = text_of("0123456789", 24).map(lambda account: with_check_digits("MA", account))


def ending_alike(iban: str) -> Strategy:
    """Others of the country that end as it does."""
    country, tail = iban[:2], iban[-4:]
    if country == "MA":
        return moroccan.map(lambda other: with_check_digits(country, other[4:-4] + tail))
    return of_country(country).map(lambda other: with_check_digits(country, other[4:-4] + tail))


def of_this_length(iban: str) -> Strategy:
    """Others as long, of whatever country."""
    length = len(iban) - 4
    countries = [one for one in STRUCTURES if sum(count for count, _ in lengths(one)) == length]
    return st.sampled_from(countries).flatmap(of_country)


CASES = [
    Case("iban", {}, ibans, spell, ending_alike),
    Case("iban", {"keep_last": 4}, ibans, spell, ending_alike),
    Case("iban", {"accept_unregistered": True}, ibans | moroccan, spell, ending_alike),
    Case("iban", {"keep_country": False, "mask_last": 0}, ibans, spell, of_this_length),
    Case("iban", {"keep_country": False, "keep_last": 3}, ibans, spell, ending_alike),
]
