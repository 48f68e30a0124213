"""Near misses and other spellings of a value, drawn with a seed: what people and programs make of numbers."""

import random
import string
from collections.abc import Callable
from typing import Final

ALNUM: Final = string.digits + string.ascii_uppercase
ARABIC_ZERO, FULL_WIDTH_ZERO, DEVANAGARI_ZERO = "\u0660", "\uff10", "\u0966"
NO_BREAK_SPACE, ZERO_WIDTH_SPACE, DIRECTION_MARK, EN_DASH = "\u00a0", "\u200b", "\u202a", "\u2013"

Change = Callable[[str, random.Random], str]


def grouped(separator: str) -> Change:
    """Groups of four with this between them."""
    return lambda text, _: separator.join(text[at : at + 4] for at in range(0, len(text), 4))


def once(sign: str) -> Change:
    """This sign at a place within."""

    def put(text: str, dice: random.Random) -> str:
        at = dice.randint(1, max(1, len(text) - 1))
        return text[:at] + sign + text[at:]

    return put


def ended(before: str, after: str) -> Change:
    """With something in front and behind."""
    return lambda text, _: f"{before}{text}{after}"


def in_digits_of(zero: str) -> Change:
    """All digits in another script, or at least in other code points."""
    return lambda text, _: "".join(_other(sign, zero) for sign in text)


def mixed(text: str, dice: random.Random) -> str:
    """One digit in another script."""
    at = [place for place, sign in enumerate(text) if sign in string.digits]
    place = dice.choice(at) if at else 0
    return text[:place] + _other(text[place], ARABIC_ZERO) + text[place + 1 :]


def changed(text: str, dice: random.Random) -> str:
    """One character replaced by another of its kind, mostly."""
    at = dice.randrange(len(text))
    digit = text[at].isdigit() and dice.random() < 0.8
    return text[:at] + dice.choice(string.digits if digit else ALNUM) + text[at + 1 :]


def swapped(text: str, dice: random.Random) -> str:
    """Two neighbours the wrong way round."""
    at = dice.randrange(len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def dropped(text: str, dice: random.Random) -> str:
    """One character left out."""
    at = dice.randrange(len(text))
    return text[:at] + text[at + 1 :]


SPELLINGS: Final[tuple[Change, ...]] = (
    lambda text, _: text.lower(),
    grouped(" "),
    grouped("-"),
    grouped("."),
    grouped(NO_BREAK_SPACE),
    grouped(EN_DASH),
    once("  "),
    once("--"),
    once("\t"),
    once("/"),
    once("_"),
    once(ZERO_WIDTH_SPACE),
    ended(" ", "\n"),
    ended(DIRECTION_MARK, NO_BREAK_SPACE),
    ended("", "\n"),
    ended("-", ""),
    in_digits_of(FULL_WIDTH_ZERO),
    in_digits_of(ARABIC_ZERO),
    in_digits_of(DEVANAGARI_ZERO),
    mixed,
)
MISTAKES: Final[tuple[Change, ...]] = (changed, swapped, dropped, once("0"), once("7"), once("A"))


def respelled(text: str, dice: random.Random) -> str:
    """As it is, in another spelling, mistaken, or both."""
    if dice.random() < 0.35:
        text = dice.choice(MISTAKES)(text, dice)
    if text and dice.random() < 0.75:
        text = dice.choice(SPELLINGS)(text, dice)
    return text


def _other(sign: str, zero: str) -> str:
    return chr(ord(zero) + int(sign)) if sign in string.digits else sign
