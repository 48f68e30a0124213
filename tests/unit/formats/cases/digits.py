"""Strings of digits: any is a value, in one spelling."""

from tests.unit.formats.cases.case import Case, Strategy, copied, separated, text_of

DIGITS = "0123456789"
digits = text_of(DIGITS, 6, 32)


def ending_alike(last: int) -> Strategy:
    """A function from a value to others of its length that end as it does."""
    return lambda value: text_of(DIGITS, len(value)).map(
        lambda other: other[: len(value) - last] + value[len(value) - last :]
    )


def spell(value: str) -> Strategy:
    """With spaces between digits, as copied from elsewhere."""
    return separated(value, " ").flatmap(copied)


short = text_of(DIGITS, 3, 17)
CASES = [
    Case("digits", {}, digits, spell, ending_alike(4)),
    Case("digits", {"keep_last": 4}, digits, spell, ending_alike(4)),
    Case("digits", {"min_length": 3, "keep_last": 2}, short, spell, ending_alike(4)),
]
