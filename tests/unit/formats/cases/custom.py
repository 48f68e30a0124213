"""Custom formats: with a mark, with each check digit, of one length and of several."""

from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from tests.unit.formats.cases import card_number
from tests.unit.formats.cases.case import Case, Strategy, text_of

DIGITS, CAPITALS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HEXADECIMAL = "0123456789abcdef"


def agreeing(alphabet: str, first: int, last: int) -> Strategy:
    """A function from a value to others of its length that begin and end as it does."""
    return lambda value: text_of(alphabet, len(value) - first - last).map(
        lambda middle: value[:first] + middle + value[len(value) - last :]
    )


def with_mod97(alphabet: str, least: int, most: int) -> Strategy:
    """Values with two check digits at the end."""
    return text_of(alphabet, least - 2, most - 2).map(lambda body: body + mod_97_10.calc_check_digits(body))


def other_mod97(value: str) -> Strategy:
    """Others as long."""
    return with_mod97(DIGITS + CAPITALS, len(value), len(value))


def case(identities: Strategy, sibling: Strategy, **options: object) -> Case:
    """Values are spelled in one way."""
    return Case("custom", options, identities, st.just, sibling)


CASES = [
    case(text_of(DIGITS, 8), agreeing(DIGITS, 0, 0), alphabet=DIGITS, length=8),
    case(
        text_of(HEXADECIMAL, 12, 20),
        agreeing(HEXADECIMAL, 2, 4),
        alphabet=HEXADECIMAL,
        min_length=12,
        max_length=20,
        keep_first=2,
        mask_last=4,
    ),
    case(
        card_number.cards,
        card_number.agreeing(1, 3),
        alphabet=DIGITS,
        min_length=13,
        max_length=19,
        keep_last=3,
        mask_first=1,
        check_digit="luhn",
    ),
    case(
        with_mod97(DIGITS + CAPITALS, 20, 20),
        other_mod97,
        alphabet=DIGITS + CAPITALS,
        length=20,
        check_digit="mod97",
    ),
]
