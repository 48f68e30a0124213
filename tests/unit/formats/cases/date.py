"""Dates: days as the standard library counts them."""

from datetime import date

from hypothesis import strategies as st

from tests.unit.formats.cases.case import Case, Strategy, copied

dates = st.dates()


def spell(day) -> Strategy:
    """In the extended and in the basic form of ISO 8601."""
    text = f"{day.year:04d}-{day.month:02d}-{day.day:02d}"
    return st.sampled_from([text, text.replace("-", "")]).flatmap(copied)


partial = st.builds("{:04d}".format, st.integers(1, 9999)) | st.builds(
    "{:04d}-{:02d}".format, st.integers(1, 9999), st.integers(1, 12)
)


def of_the_same_partial_year(text: str) -> Strategy:
    """Other months of that year, and the year alone."""
    return st.sampled_from([text[:4], *(f"{text[:4]}-{month:02d}" for month in range(1, 13))])


def of_the_same_year(day) -> Strategy:
    """Other days of that year."""
    return st.dates(day.replace(month=1, day=1), day.replace(month=12, day=31))


old = st.dates(max_value=date(2019, 12, 31))
CASES = [
    Case("date", {}, dates, spell, of_the_same_year),
    Case("date", {"keep_year": True}, dates, spell, of_the_same_year),
    Case("date", {"accept_partial": True, "keep_year": True}, partial, copied, of_the_same_partial_year),
    Case("date", {"mask_over_age": 0}, dates.filter(lambda day: day.year < 2020), spell, lambda _: old),
    Case("date", {"mask_year": False}, dates, spell, lambda _: dates),
]
