"""Whether a text that is stored in the clear holds a card number: ids of persons, and metadata.

PCI DSS 4.0.1, requirement 3.5.1: a stored PAN is unreadable. So what looks like one is refused there. But one
long number in ten passes the Luhn check by chance, and an id that is refused can never be used. So a card
number is a run of digits in which all of this holds:

- it has the first digits and the length of a card network (`card_networks`), and passes the Luhn check;
- it stands in one piece, or in pieces as cards are written: all of one length (the last one may be shorter,
  or longer by less), or as the networks print them (4-6-5). Up to two signs may stand between two pieces,
  spaces around them aside. Other pieces count if spaces and hyphens make five or more of 15 or 16 digits;
- no letter touches it: digits within letters are an id, of hexadecimal or other digits;
- it is no part of a UUID, and not what stands behind a decimal point.

Compatibility forms (NFKC) and digits of all scripts are looked at as ASCII ones.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from chalicelib.formats.card_networks import is_issued
from chalicelib.formats.luhn import passes_luhn

_FEWEST: Final = 12
_MOST: Final = 19

_SEPARATOR: Final = r"(?:[\W_]{1,2}|\s{3}|\s{1,2}[\W_]{1,2}\s{1,2})"
_RUN: Final = re.compile(rf"[0-9]+(?:{_SEPARATOR}[0-9]+)*")
_PIECE: Final = re.compile(r"[0-9]+")

_UUID: Final = re.compile(
    r"(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])", re.IGNORECASE
)

_PRINTED: Final = frozenset(
    {(4, 6, 5), (4, 6, 4), (4, 5, 6), (4, 3, 3, 3), (6, 13), (6, 10), (8, 8), (8, 11), (4, 12), (12, 4)}
)
"""Lengths of pieces: American Express, Diners Club, old Visa, numbers parted at the BIN or the last four."""

_EVEN: Final = (1, 2, 3, 4, 5, 6)
_EVEN_PIECES: Final = 3
_UNEVEN_PIECES: Final = 5
_UNEVEN_LENGTHS: Final = (15, 16)
_JOINING: Final = frozenset(" -")


def looks_like_card(text: str) -> bool:
    """Whether a text holds what is likely a card number."""
    if len(text) < _FEWEST:
        return False
    plain = _UUID.sub("/", _in_ascii(text))
    return any(_holds_card(plain, run) for run in _RUN.finditer(plain) if len(run[0]) >= _FEWEST)


def _in_ascii(text: str) -> str:
    if text.isascii():
        return text
    usual = unicodedata.normalize("NFKC", text)
    return "".join(
        sign if sign.isascii() or (digit := unicodedata.decimal(sign, None)) is None else str(digit)
        for sign in usual
    )


def _holds_card(text: str, run: re.Match[str]) -> bool:
    pieces = list(_PIECE.finditer(text, *run.span()))
    return any(_is_card(text, pieces, some) for some in _slices([len(piece[0]) for piece in pieces]))


def _slices(lengths: Sequence[int]) -> Iterator[slice]:
    """Neighbouring pieces that have as many digits together as a card number."""
    for first in range(len(lengths)):
        total = 0
        for last in range(first, len(lengths)):
            total += lengths[last]
            if total > _MOST:
                break
            if total >= _FEWEST:
                yield slice(first, last + 1)


def _is_card(text: str, pieces: Sequence[re.Match[str]], some: slice) -> bool:
    chosen = pieces[some]
    digits = "".join(piece[0] for piece in chosen)
    if not (is_issued(digits) and passes_luhn(digits)):
        return False
    start, end = chosen[0].start(), chosen[-1].end()
    if text[start - 1 : start].isalpha() or text[end : end + 1].isalpha() or _is_fraction(text, pieces, some):
        return False
    return _is_written_so(text[start:end], [len(piece[0]) for piece in chosen])


def _is_written_so(written: str, lengths: Sequence[int]) -> bool:
    """Whether a card number may be parted like this."""
    if len(lengths) == 1 or tuple(lengths) in _PRINTED:
        return True
    size, last = lengths[0], lengths[-1]
    if size in _EVEN and len(lengths) >= _EVEN_PIECES and {*lengths[:-1]} == {size} and last < 2 * size:
        return True
    signs = {sign for sign in written if not sign.isdigit()}
    singly = len(written) == sum(lengths) + len(lengths) - 1
    return len(lengths) >= _UNEVEN_PIECES and sum(lengths) in _UNEVEN_LENGTHS and singly and signs <= _JOINING


def _is_fraction(text: str, pieces: Sequence[re.Match[str]], some: slice) -> bool:
    """Whether it is one piece behind the point of a decimal number, with no other point behind it."""
    if some.stop - some.start > 1 or some.start == 0:
        return False
    before, piece = pieces[some.start - 1], pieces[some.start]
    behind = text[piece.end() : piece.end() + 2]
    further = behind[:1] == "." and behind[1:].isdigit()
    return text[before.end() : piece.start()] == "." and not further
