"""Strings of digits: any is a value, in one spelling."""

from hypothesis import strategies as st

from tests.unit.formats.cases.case import Case, Strategy, text_of

DIGITS = "0123456789"
digits = text_of(DIGITS, 6, 32)


def ending_alike(last: int) -> Strategy:
    """A function from a value to others of its length that end as it does."""
    return lambda value: text_of(DIGITS, len(value)).map(
        lambda other: other[: len(value) - last] + value[len(value) - last :]
    )


CASES = [
    Case("digits", {}, digits, st.just, ending_alike(4)),
    Case("digits", {"keep_last": 4}, digits, st.just, ending_alike(4)),
]
