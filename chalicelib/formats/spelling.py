"""The shared first step of every format with a shape: usual spellings of one value become one text.

People copy values out of PDF files, address books, banking apps and chat windows, and type them on
keyboards of all scripts. What such a source adds without meaning is taken off here, once for all formats:

- spaces of every kind (tab, line break, U+00A0, U+202F, U+3000 ...) are one space each; those at either end,
  doubled ones, and those on either side of a separator fall away;
- signs without width (direction marks, U+200B to U+200D, U+2060, U+00AD, U+FEFF) fall away;
- hyphens and dashes (U+2010 to U+2015, U+2212, U+30FC ...) are hyphens;
- full-width signs and letters are the usual ones: width mapping of RFC 8264, 5.2.1;
- decimal digits of any script (general category Nd) are the ASCII digits of the same value. Digits of two
  scripts within one value are ambiguous and refused: mixed-number detection of UTS 39, 5.3.

Which separators may stand between which characters is left to each format.
"""

import re
import unicodedata
from collections.abc import Container
from typing import Final

from chalicelib.errors import InvalidValue

_SPARE: Final = 8
"""A spelling may be so many times as long as the longest value."""

_SPACES: Final = frozenset("\t\n\v\f\r\x85\u2028\u2029")
"""White space that is not in the category Zs."""

_HYPHENS: Final = frozenset(
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u02d7\ufe58\ufe63\uff0d\u30fc\uff70"
)
"""What stands for a hyphen. Libphonenumber takes U+30FC for one too: it is beside the digits on Japanese
keyboards. Dashes that mean a range, as U+301C, are none."""

_WITHOUT_WIDTH: Final = frozenset(
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_WIDTHS: Final = ("<wide>", "<narrow>")
_PLAIN: Final = re.compile(r"[!-~]+")
_AROUND: Final = re.compile(r" *([-./_:()\[\]]) *")
_DOUBLED: Final = re.compile(r"  +")


def plain(value: object, longest: int) -> str:
    """The value in the spelling that all its usual spellings share, at most `longest` characters long.

    Raises `InvalidValue` for what is no string, is longer, or mixes digits of two scripts. The length is
    looked at before anything that takes time on a long string.
    """
    text = trimmed(value, longest)
    if _PLAIN.fullmatch(text):
        return text
    if not text.isascii() or not text.isprintable():
        text = _in_ascii(text)
    text = _AROUND.sub(r"\1", _DOUBLED.sub(" ", text)).strip(" ")
    return limited(text, longest)


def trimmed(value: object, longest: int) -> str:
    """The value without spaces and signs without width at either end; nothing within it changes.

    For formats in which they may mean something. The answer may still be longer than `longest`. Raises
    `InvalidValue`.
    """
    if not isinstance(value, str):
        raise InvalidValue("must be a string")
    if len(value) > _SPARE * longest:
        raise InvalidValue(f"must have at most {longest} characters")
    if _PLAIN.fullmatch(value):
        return limited(value, longest)
    start, end = 0, len(value)
    while start < end and _outer(value[start]):
        start += 1
    while end > start and _outer(value[end - 1]):
        end -= 1
    return value[start:end]


def limited(text: str, longest: int) -> str:
    """The text, where it is no longer than that. Raises `InvalidValue`."""
    if len(text) > longest:
        raise InvalidValue(f"must have at most {longest} characters")
    return text


def in_width(text: str) -> str:
    """Full-width and half-width forms as the usual ones, and nothing else changed: RFC 8264, 5.2.1."""
    return text if text.isascii() else "".join(map(_narrowed, text))


def refused(text: str, allowed: Container[str], rule: str) -> InvalidValue:
    """The error for a text that breaks a rule, with the code point of the first sign that is not allowed.

    Such signs often cannot be seen. ASCII letters and digits are not named: they may be part of a secret.
    """
    signs = (sign for sign in text if sign not in allowed and not (sign.isascii() and sign.isalnum()))
    first = next(signs, None)
    return InvalidValue(rule if first is None else f"{rule}; has {named(first)}")


def named(sign: str) -> str:
    """A sign by its code point, as Unicode writes it: U+00A0."""
    return f"U+{ord(sign):04X}"


def _outer(sign: str) -> bool:
    return sign in _WITHOUT_WIDTH or _is_space(sign)


def _is_space(sign: str) -> bool:
    return sign == " " or sign in _SPACES or unicodedata.category(sign) == "Zs"


def _in_ascii(text: str) -> str:
    zeros = {_zero(sign) for sign in text if unicodedata.decimal(sign, None) is not None}
    if len(zeros) > 1:
        raise InvalidValue("mixes digits of two scripts, which look alike and differ")
    return "".join(map(_ascii, text))


def _zero(digit: str) -> int:
    """The zero of a digit's script, which tells the script; forms of the ASCII digits count as those."""
    if unicodedata.normalize("NFKC", digit).isascii():
        return ord("0")
    return ord(digit) - unicodedata.decimal(digit)


def _ascii(sign: str) -> str:
    if sign in _WITHOUT_WIDTH:
        return ""
    if sign in _HYPHENS:
        return "-"
    if _is_space(sign):
        return " "
    digit = unicodedata.decimal(sign, None)
    return _narrowed(sign) if digit is None else str(digit)


def _narrowed(sign: str) -> str:
    kind, _, usual = unicodedata.decomposition(sign).partition(" ")
    return chr(int(usual, 16)) if kind in _WIDTHS else sign
