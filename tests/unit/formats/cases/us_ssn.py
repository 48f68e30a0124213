"""Social security numbers: area, group and serial within what is issued."""

from hypothesis import strategies as st

from tests.unit.formats.cases.case import Case, Strategy, copied

areas = st.integers(1, 899).filter(lambda area: area != 666)
groups, serials = st.integers(1, 99), st.integers(1, 9999)
issued = st.builds("{:03d}{:02d}{:04d}".format, areas, groups, serials)
ITIN_GROUPS = [*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)]
itins = st.builds(
    "{:03d}{:02d}{:04d}".format, st.integers(900, 999), st.sampled_from(ITIN_GROUPS), st.integers(0, 9999)
)


def spell(number: str) -> Strategy:
    """With a space or a hyphen between the parts, or without."""
    separator = st.sampled_from(["", " ", "-", "."])
    return st.builds(
        lambda one, other: f"{number[:3]}{one}{number[3:5]}{other}{number[5:]}", separator, separator
    ).flatmap(copied)


def ending_alike(last: int) -> Strategy:
    """A function from a number to others that end as it does."""
    return lambda number: issued.map(lambda other: other[: 9 - last] + number[9 - last :]).filter(
        lambda other: other[5:] != "0000"
    )


CASES = [
    Case("us_ssn", {}, issued, spell, ending_alike(4)),
    Case("us_ssn", {"keep_last": 0, "mask_last": 2}, issued, spell, ending_alike(2)),
    Case("us_ssn", {"accept_itin": True, "keep_last": 0}, issued | itins, spell, ending_alike(4)),
]
