"""What a standard number looks like, place by place.

A shape is a string with a sign for each place: `9` for a digit, `A` for a letter, `X` for either,
`V` for either without I, O and Q, `H` for a hexadecimal digit; a small
letter is that letter as a capital, always, and every other sign is itself. `9*` is digits of any number.
"""

from typing import Final

from chalicelib.formats.shapes import DIGITS

DIGIT, LETTER, EITHER, VEHICLE, HEXADECIMAL, ANY_LENGTH = "9", "A", "X", "V", "H", "9*"
WIDENED: Final = "W"
"""A place of a token that is a letter or a digit, whatever the value has there."""

LETTERS: Final = "ABCDFGHJKMNPQRSTVWXYZ"
"""Letters of tokens. I, L, O and U are left out as in Crockford's base 32, since they are read as digits or
make words; E, since a spreadsheet takes digits around an E for a number in scientific notation."""

ALNUM: Final = DIGITS + LETTERS

_AT_FRONT: Final = str.maketrans("", "", "0AJM")
"""What no token begins with: a reader of tables drops zeros, and takes APR, JAN, MAR and MAY for a date. The
other months have letters that tokens do not have."""

_MARKS: Final = LETTERS.replace("V", "")
"""Letters that mark a token. NOV would come of the V."""

ALPHABETS: Final = {
    DIGIT: DIGITS,
    LETTER: LETTERS,
    EITHER: ALNUM,
    VEHICLE: ALNUM,
    WIDENED: ALNUM,
    HEXADECIMAL: "0123456789ABCDF",
}

_UNFIT: Final = dict.fromkeys("/: ", ".")
"""Separators of values that may not stand in a URL, and what stands there in a token."""


def resized(shape: str, length: int) -> str | None:
    """The shape of numbers of this length, or None where it has another."""
    if shape == ANY_LENGTH:
        return DIGIT * length
    return shape if len(shape) == length else None


def alike(kind: str, sign: str) -> str:
    """The kind of place for this sign of a value: where it may be either, a digit for a digit."""
    if kind not in (EITHER, VEHICLE) or not (sign.isascii() and sign.isalnum()):
        return kind
    return DIGIT if sign.isdigit() else LETTER


def alphabet(kind: str, place: int) -> str:
    """What a token takes its character at a place from."""
    characters = ALPHABETS.get(kind) or _UNFIT.get(kind, kind.upper())
    return characters if place or len(characters) == 1 else characters.translate(_AT_FRONT)


def fit_for_urls(text: str) -> str:
    """The text with other separators in the place of some."""
    return "".join(_UNFIT.get(sign, sign) for sign in text)


def mark_place(shapes: list[str], length: int) -> tuple[int, str] | None:
    """The first of so many places in which all shapes have a digit, or else all a letter; and the marks.

    A mark is a character that no number has at this place. None where there is no such place.
    """
    for kind in (DIGIT, LETTER, VEHICLE, HEXADECIMAL):
        for place in range(length):
            if {shape[place : place + 1] for shape in shapes} <= {kind, ""}:
                return place, _marks(kind, place)
    return None


def _marks(kind: str, place: int) -> str:
    if kind == VEHICLE:
        return "IQ"
    if kind == HEXADECIMAL:
        signs = "".join(sign for sign in _MARKS if sign not in ALPHABETS[HEXADECIMAL])
    else:
        signs = _MARKS if kind == DIGIT else DIGITS
    return signs if place else signs.translate(_AT_FRONT)
