"""The name on a card."""

import unicodedata
from typing import Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.spelling import in_width, limited, named, trimmed

_LONGEST: Final = 64
"""ISO/IEC 7813 has room for 26 characters on a stripe, EMV for 45 on a chip; forms of shops take more."""

_JOINERS: Final = "\u200c\u200d"
"""Names in Persian and in Indic scripts have them between letters."""

_FEWEST_OF_A_CARD: Final = 12
"""Digits of the shortest card numbers."""


def canonical_holder(value: object) -> str:
    """The name in NFC, full-width letters as the usual ones, and one space between two words.

    A name of digits alone, or of as many as a card number has, is another field that came into the wrong
    place: it would be shown to whoever may see names. How they are parted and whether they pass the Luhn
    check counts for ids, for which `card_detector` makes room; no name has so many. Raises `InvalidValue`.
    """
    composed = unicodedata.normalize("NFC", in_width(trimmed(value, _LONGEST)))
    name = limited(" ".join(composed.split()), _LONGEST)
    hidden = next((sign for sign in name if _is_hidden(sign)), None)
    if hidden is not None:
        raise InvalidValue(f"must have no signs that cannot be seen; has {named(hidden)}")
    if not any(sign.isalpha() for sign in name):
        raise InvalidValue("must have a letter")
    # Not only decimal ones: superscripts and digits in circles are read as digits, too.
    if sum(unicodedata.digit(sign, None) is not None for sign in name) >= _FEWEST_OF_A_CARD:
        raise InvalidValue("looks like it holds a card number, which belongs into the field number")
    return name


def initials(name: str) -> str:
    """The first sign of each word, and as many stars behind each, so that no length shows."""
    return " ".join(f"{word[0]}***" for word in name.split(" "))


def _is_hidden(sign: str) -> bool:
    """Controls, formats, halves of pairs, private and unassigned signs: the categories C of Unicode."""
    return unicodedata.category(sign).startswith("C") and sign not in _JOINERS
