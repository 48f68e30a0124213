"""Dates: days as the standard library counts them."""

from hypothesis import strategies as st

from tests.unit.formats.cases.case import Case, Strategy

dates = st.dates()


def spell(day) -> Strategy:
    """In the extended and in the basic form of ISO 8601."""
    text = f"{day.year:04d}-{day.month:02d}-{day.day:02d}"
    return st.sampled_from([text, text.replace("-", "")])


def of_the_same_year(day) -> Strategy:
    """Other days of that year."""
    return st.dates(day.replace(month=1, day=1), day.replace(month=12, day=31))


CASES = [
    Case("date", {}, dates, spell, of_the_same_year),
    Case("date", {"keep_year": True}, dates, spell, of_the_same_year),
    Case("date", {"mask_year": False}, dates, spell, lambda _: dates),
]
