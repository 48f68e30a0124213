"""What formats are made of: numbered strings, and checks of what came in."""

from collections.abc import Sequence
from math import prod
from typing import Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import TokenSpace

DIGITS: Final = "0123456789"

CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Base 32 without the letters that are read as digits (https://www.crockford.com/base32.html), in lower
case: tokens pass through e-mail systems and URLs, which may fold case."""

NONZERO: Final = DIGITS[1:]
"""What a token of digits begins with: data frames and spreadsheets read it as a number, and drop a zero."""

_LETTERS: Final = CROCKFORD[10:]

_FIRST_LETTERS: Final = "bceghkpqrvwxyz"
"""What a token with letters begins with. No month's name does, nor null, none, nan, true, false or inf: what
reads tables makes dates, gaps and truth values of those."""

HIDDEN: Final = "********"
"""The mask of values that have no part that may be shown."""


def numbered(point: int, alphabets: Sequence[str]) -> str:
    """The string with this number among those that take each character from its own alphabet.

    A kept character is an alphabet of one. No two numbers under the product of the alphabets' lengths
    give the same string.
    """
    characters = []
    for alphabet in alphabets:
        point, index = divmod(point, len(alphabet))
        characters.append(alphabet[index])
    return "".join(characters)


def pattern_space(alphabets: Sequence[str]) -> TokenSpace:
    """All strings that take each character from its own alphabet."""
    return TokenSpace(prod(map(len, alphabets)), lambda point: numbered(point, alphabets))


def lettered(length: int, *, at_front: bool = True) -> list[str]:
    """The alphabets of strings that begin with a letter, which no string of digits ever is.

    Whatever follows, none of them reads as a number, in scientific notation or otherwise. Behind something
    else (`at_front` false) it may be any letter.
    """
    return [_FIRST_LETTERS if at_front else _LETTERS] + [CROCKFORD] * (length - 1)


def is_lettered(text: str, *, at_front: bool = True) -> bool:
    """Whether the text is one of those."""
    first = _FIRST_LETTERS if at_front else _LETTERS
    return text[:1] in tuple(first) and all(character in CROCKFORD for character in text)


def is_digits(text: str) -> bool:
    """Whether there are ASCII digits and nothing else; `str.isdigit` alone takes those of all scripts."""
    return text.isascii() and text.isdigit()


def string(value: object, longest: int) -> str:
    """The value, where it is a string of at most `longest` characters. Raises `InvalidValue`.

    The length is looked at before anything that takes time on a long string.
    """
    if not isinstance(value, str):
        raise InvalidValue("must be a string")
    if len(value) > longest:
        raise InvalidValue(f"must have at most {longest} characters")
    return value


def byte_length(text: str) -> int:
    """How long the text is in UTF-8. Raises `InvalidValue` for half of a surrogate pair."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        # Its message quotes the text, and so would its cause in a traceback.
        raise InvalidValue("must be well-formed Unicode") from None
