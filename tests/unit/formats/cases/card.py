"""Cards as records: a number of `card_number`'s cases, and with it an expiry and a holder or not."""

from unicodedata import normalize

from hypothesis import strategies as st

from tests.unit.formats.cases import card_number
from tests.unit.formats.cases.case import Case, Strategy, copied, respelled, text_of

NAMES = ["ADA LOVELACE", "Zoë Ärger", "山田 太郎", "Şeyma Öz", "J. R. O'Neill-Smith", "x", "ابن سينا"]
months = st.tuples(st.integers(2000, 2099), st.integers(1, 12))
holders = st.sampled_from(NAMES) | text_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij", 1, 20)
cards = st.tuples(card_number.cards, st.none() | months, st.none() | holders)
"""Identities: number, expiry (year and month) or none, holder or none."""


@st.composite
def spell(draw: st.DrawFn, card):
    """Its fields in any order, each in any spelling; what it has not is null or absent."""
    number, expiry, holder = card
    fields = {
        "number": draw(card_number.spell(number)),
        "expiry": None if expiry is None else draw(spell_expiry(expiry)),
        "holder": None if holder is None else draw(spell_holder(holder)),
    }
    named = [name for name, text in fields.items() if text is not None or draw(st.booleans())]
    return {name: fields[name] for name in draw(st.permutations(named))}


def spell_expiry(expiry: tuple[int, int]) -> Strategy:
    """As it is printed, with two digits of the year or four, or in ISO 8601."""
    year, month = expiry
    forms = [f"{month:02}/{year % 100:02}", f"{month:02}/{year}", f"{year}-{month:02}"]
    return st.sampled_from([*forms, f"{month:02} / {year % 100:02}"]).flatmap(copied)


def spell_holder(holder: str) -> Strategy:
    """Composed and decomposed, with other spaces, and with what comes along when it is copied."""
    forms = st.sampled_from(["NFC", "NFD"]).map(lambda form: normalize(form, holder))
    spaces = st.sampled_from([" ", "  ", "\u00a0", "\u3000", "\t"])
    ends = st.sampled_from(["", " ", "\u200e", "\n"])
    return st.builds(lambda name, space, end: end + name.replace(" ", space) + end, forms, spaces, ends)


def other_card(numbers) -> Strategy:
    """Others with the same fields, whose number begins and ends alike."""
    return lambda card: st.tuples(
        numbers(card[0]),
        st.none() if card[1] is None else months,
        st.none() if card[2] is None else holders,
    )


def of_the_same_expiry_and_initials(card) -> Strategy:
    """Others that a mask which shows more does not tell apart."""
    number, expiry, holder = card
    other = None if holder is None else " ".join(f"{word[0]}another" for word in holder.split(" "))
    return st.tuples(card_number.agreeing(0, 4)(number), st.just(expiry), st.just(other))


def tokens(token: str) -> list[object]:
    """A token as it is, and in the place of a number."""
    return [*respelled(token), *({"number": each} for each in respelled(token))]


named = st.sampled_from(["ADA LOVELACE", "Zoë Ärger", "x"])
CASES = [
    Case("card", {}, cards, spell, other_card(card_number.agreeing(0, 4)), tokens),
    Case(
        "card",
        {"mask_expiry": True, "mask_initials": True, "keep_last": 4},
        st.tuples(card_number.cards, st.none() | months, st.none() | named),
        spell,
        of_the_same_expiry_and_initials,
        tokens,
    ),
    Case(
        "card",
        {"keep_first": 6, "brand": True, "bin_digits": 6},
        st.tuples(card_number.long_cards, months, named),
        spell,
        other_card(card_number.agreeing(6, 4)),
        tokens,
    ),
]
