"""Telephone numbers: of countries with numbers of one length, which no trunk prefix changes."""

from hypothesis import strategies as st

from tests.unit.formats.cases.case import Case, Strategy, copied, separated, text_of

COUNTRIES = {
    "+1": ("2345678", 9),
    "+44": ("2", 9),
    "+33": ("12345", 8),
    "+91": ("6789", 9),
    "+65": ("689", 7),
}
"""Country code, first digits of national numbers, and how many more digits there are."""


def of_country(code: str) -> Strategy:
    """Numbers of one country."""
    first, more = COUNTRIES[code]
    return st.builds("{}{}{}".format, st.just(code), st.sampled_from(first), text_of("0123456789", more))


numbers = st.sampled_from(sorted(COUNTRIES)).flatmap(of_country)


def spell(number: str) -> Strategy:
    """With spaces and punctuation between digits, as a URI, as copied from elsewhere."""
    fronts = st.sampled_from(["", "tel:", "(", "["])
    digits = separated(number[1:], " -./")
    return st.builds("{}+{}".format, fronts, digits).flatmap(copied)


def ending_alike(number: str) -> Strategy:
    """Others of the country that end as it does."""
    code = next(code for code in COUNTRIES if number.startswith(code))
    return of_country(code).map(lambda other: other[:-4] + number[-4:])


CASES = [
    Case("phone", {}, numbers, spell, ending_alike),
    Case("phone", {"keep_last": 4}, numbers, spell, ending_alike),
]
