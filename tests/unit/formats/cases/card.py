"""Cards as records: a number of `card_number`'s cases, and with it an expiry and a holder or not."""

import random
import re
from unicodedata import normalize

from hypothesis import strategies as st

from tests.unit.formats.cases import card_number
from tests.unit.formats.cases.case import Case, Strategy, noisy, respelled, text_of

NAMES = ["ADA LOVELACE", "Zoë Ärger", "山田 太郎", "Şeyma Öz", "J. R. O'Neill-Smith", "x", "ابن سينا"]
months = st.tuples(st.integers(2000, 2099), st.integers(1, 12))
holders = st.sampled_from(NAMES) | text_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij", 1, 20)
cards = st.tuples(card_number.cards, st.none() | months, st.none() | holders)
"""Identities: number, expiry (year and month) or none, holder or none."""


def spell(card) -> Strategy:
    """Its fields in any order, each in any spelling; what it has not is null or absent.

    One number is drawn for all of it, since a draw for each choice takes most of the time of a test.
    """
    return st.integers(0, 2**32).map(lambda seed: spelled(card, random.Random(seed)))


def spelled(card, draw: random.Random) -> dict[str, str | None]:
    """A spelling of a card."""
    number, expiry, holder = card
    grouped = draw.choice(["", " ", "-", "."]).join(re.findall(".{1,4}", number))
    fields = {
        "number": noisy(grouped, draw),
        "expiry": None if expiry is None else noisy(printed(expiry, draw), draw),
        "holder": None if holder is None else named(holder, draw),
    }
    kept = [name for name, text in fields.items() if text is not None or draw.random() < 0.5]
    return {name: fields[name] for name in draw.sample(kept, len(kept))}


def printed(expiry: tuple[int, int], draw: random.Random) -> str:
    """As it is printed, with two digits of the year or four, or in ISO 8601."""
    year, month = expiry
    forms = [f"{month:02}/{year % 100:02}", f"{month:02} / {year}", f"{year}-{month:02}"]
    return draw.choice(forms)


def named(holder: str, draw: random.Random) -> str:
    """Composed or decomposed, with other spaces, and with what comes along when it is copied."""
    name = normalize(draw.choice(["NFC", "NFD"]), holder)
    end = draw.choice(["", " ", "\u200e", "\n"])
    return end + name.replace(" ", draw.choice([" ", "  ", "\u00a0", "\u3000", "\t"])) + end


def other_card(numbers) -> Strategy:
    """Others with the same fields, whose number begins and ends alike."""
    return lambda card: st.tuples(
        numbers(card[0]),
        st.none() if card[1] is None else months,
        st.none() if card[2] is None else holders,
    )


def tokens(token: str) -> list[object]:
    """A token as it is, and in the place of a number."""
    return [*respelled(token), *({"number": each} for each in respelled(token))]


CASES = [Case("card", {}, cards, spell, other_card(card_number.agreeing(0, 4)), tokens)]
"""The options of numbers have their cases there, and what a mask may show more is tried by examples."""
