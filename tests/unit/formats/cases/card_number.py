"""Card numbers: a body of digits, and the check digit after python-stdnum."""

from stdnum import luhn

from tests.unit.formats.cases.case import Case, Strategy, copied, separated, text_of

DIGITS = "0123456789"


def with_check_digit(body: str) -> str:
    """A card number with this body."""
    return body + luhn.calc_check_digit(body)


cards = text_of(DIGITS, 11, 18).map(with_check_digit).filter(lambda digits: digits.strip("0"))


def agreeing(first: int, last: int) -> Strategy:
    """A function from a card to others of its length that begin and end as it does."""

    def sibling(card: str) -> Strategy:
        free = len(card) - first - last
        made = text_of(DIGITS, free).map(lambda middle: card[:first] + middle + card[len(card) - last :])
        return made.map(mended(first)).filter(lambda digits: digits.strip("0"))

    return sibling


def mended(place: int):
    """Makes a card number of digits, by the one digit at this place."""

    def mend(digits: str) -> str:
        tries = (digits[:place] + digit + digits[place + 1 :] for digit in DIGITS)
        return next(candidate for candidate in tries if luhn.is_valid(candidate))

    return mend


def spell(card: str) -> Strategy:
    """With spaces, hyphens or dots between digits, as copied from elsewhere."""
    return separated(card, " -.").flatmap(copied)


long_cards = cards.filter(lambda card: len(card) >= 15)
unionpay = text_of(DIGITS, 14).map(lambda rest: "62" + rest)


def other_unionpay(card: str) -> Strategy:
    """Others that begin and end alike."""
    return unionpay.map(lambda other: card[:4] + other[4:-4] + card[-4:])


CASES = [
    Case("card_number", {}, cards, spell, agreeing(0, 4)),
    Case("card_number", {"keep_first": 6, "mask_first": None}, long_cards, spell, agreeing(6, 4)),
    Case("card_number", {"mask_first": 8}, long_cards, spell, agreeing(8, 4)),
    Case(
        "card_number",
        {"accept_unionpay_without_luhn": True, "keep_first": 4},
        unionpay,
        spell,
        other_unionpay,
    ),
    Case("card_number", {"keep_last": 0, "mask_last": 2}, cards, spell, agreeing(0, 2)),
]
