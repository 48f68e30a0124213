"""Custom formats: with a mark, with each check digit, of one length and of several."""

from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from tests.unit.formats.cases import card_number
from tests.unit.formats.cases.case import Case, Strategy, copied, separated, text_of

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


PATTERN = "[A-CEGHJ-PR-TW-Z]{2}[0-9]{6}[A-D]"
ninos = st.builds("{}{}{}".format, text_of("ABCEGHJKLMNOPRSTWXYZ", 2), text_of(DIGITS, 6), text_of("ABCD", 1))


def spell_nino(value: str) -> Strategy:
    """In either case, with separators."""
    spelled = separated(value, " -.").flatmap(lambda text: st.sampled_from([text, text.lower()]))
    return spelled.flatmap(copied)


def ending_and_beginning_alike(value: str) -> Strategy:
    """Others with its letters."""
    return text_of(DIGITS, 6).map(lambda middle: value[:2] + middle + value[-1])


CASES = [
    Case(
        "custom", {"pattern": PATTERN, "fold": "upper", "ignore": " -."}, ninos, spell_nino, lambda _: ninos
    ),
    case(ninos, ending_and_beginning_alike, pattern=PATTERN, keep_first=2, keep_last=1),
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
        min_length=12,
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
