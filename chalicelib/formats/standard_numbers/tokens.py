"""Tokens in the shape of a standard number, none of which can be one.

With a check digit and places enough, a token has a digit for each digit and a letter for each letter, and
fails the check. Otherwise a *mark* tells it: a letter where all numbers have a digit, or a digit where all
have a letter. If digits alone do not leave room for the tokens that a policy expects by default, the other
digits become letters or digits; if that is still too little, the token is longer than the value.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import zip_longest
from math import prod
from typing import Final

from chalicelib.errors import ConfigurationError
from chalicelib.formats.base import Capacity, TokenSpace
from chalicelib.formats.capacity import EXPECTED, shortage
from chalicelib.formats.shapes import numbered
from chalicelib.formats.standard_numbers.check import Check
from chalicelib.formats.standard_numbers.shape import (
    ALNUM,
    ALPHABETS,
    DIGIT,
    LETTER,
    WIDENED,
    alike,
    alphabet,
    fit_for_urls,
    mark_place,
    resized,
)

_A_NUMBER: Final = re.compile(r"[0-9]+E[0-9]+")
"""What a spreadsheet and Python's `float` read as a number in scientific notation."""

_MOST_MORE: Final = 8
"""Six letters or digits are enough by themselves."""


@dataclass(frozen=True)
class Form:
    """Numbers of one shape, and their check digit where they have one."""

    shape: str
    check: Check | None = None


@dataclass(frozen=True)
class TokenShape:
    """Tokens for the numbers of one length.

    `kinds` are those of the replaced places, and of those by which a token is longer. At `place` stands one
    of `offered` that makes no number of the rest; `choices` of them are used. The last `kept` stay.
    """

    kinds: tuple[str, ...]
    place: int
    offered: str
    choices: int
    kept: int
    check: Check | None = None

    def size(self, value: str) -> int:
        """How many tokens there are for a value, which tells where to have digits and where letters."""
        return self.choices * prod(map(len, self._drawn(value)))

    def space(self, value: str) -> TokenSpace:
        """The tokens of a value."""
        drawn, tail = self._drawn(value), fit_for_urls(value[len(value) - self.kept :])

        def token_at(point: int) -> str:
            rest, choice = divmod(point, self.choices)
            text = numbered(rest, drawn)
            head, behind = text[: self.place], text[self.place :] + tail
            made = (f"{head}{sign}{behind}" for sign in self.offered)
            return [text for text in made if self._may_be(text)][choice]

        return TokenSpace(self.size(value), token_at)

    def has(self, text: str) -> bool:
        """Whether the text is such a token, whatever it ends in."""
        if len(text) != len(self.kinds) + self.kept:
            return False
        places = [alphabet(kind, place) for place, kind in enumerate(self.kinds)]
        places[self.place] = self.offered
        return all(sign in allowed for sign, allowed in zip(text, places, strict=False)) and self._may_be(
            text
        )

    def _drawn(self, value: str) -> list[str]:
        signs = value[: len(value) - self.kept]
        alike_ = [alike(kind, sign) for kind, sign in zip_longest(self.kinds, signs, fillvalue="")]
        return [alphabet(kind, place) for place, kind in enumerate(alike_) if place != self.place]

    def _may_be(self, text: str) -> bool:
        return not (_A_NUMBER.fullmatch(text) or (self.check and self.check.passes(text)))


@lru_cache(maxsize=256)
def token_shape(forms: tuple[Form, ...], length: int, kept: int) -> TokenShape:
    """What tokens look like for numbers of this length, of which so many last characters are kept.

    Raises `ConfigurationError` where nothing tells tokens from numbers.
    """
    form = next(form for form in forms if resized(form.shape, length))
    shape = resized(form.shape, length) or ""
    free = length - kept
    checked = form.check and _checked(shape, kept, form.check)
    if checked and (_holds_enough(checked) or mark_place([shape], free) is None):
        return checked
    return _marked([form.shape for form in forms], shape, kept)


def _checked(shape: str, kept: int, check: Check) -> TokenShape | None:
    """One of the replaced characters, the last if it can, makes the check fail. None where none can.

    At most one character passes if it is the check digit itself. Before kept ones a few may, and digits
    around a kept E would be a number: then letters take the place of digits, or digits that of letters.
    """
    place = _telling_place(shape, kept, check)
    if place is None:
        return None
    first = ALPHABETS[shape[place]]
    offered = first + "".join(sign for sign in ALNUM if sign not in first)
    choices = len(first) // 2 if len(first) == len(ALNUM) else len(first) - 1
    return TokenShape(tuple(shape[: len(shape) - kept]), place, offered, choices, kept, check)


def _telling_place(shape: str, kept: int, check: Check) -> int | None:
    last = len(shape) - 1
    if not kept and shape[last] in ALPHABETS:
        return last
    filled = "".join(ALPHABETS.get(kind, kind.upper())[1 % len(ALPHABETS.get(kind, kind))] for kind in shape)
    for place in range(last - kept, 0, -1):
        if shape[place] in ALPHABETS and shape[place] != LETTER and check.tells_digits(filled, place):
            return place
    return None


def _marked(shapes: list[str], shape: str, kept: int) -> TokenShape:
    """A mark tells the token; no shape of numbers as long as it may have the mark's kind of sign there."""
    for kinds in _wider(shape[: len(shape) - kept]):
        rivals = [fitting for other in shapes if (fitting := resized(other, len(kinds) + kept))]
        found = mark_place([shape, *rivals], len(shape) - kept)
        if found is None:
            raise ConfigurationError(["no place tells its tokens from numbers"])
        place, signs = found
        made = TokenShape(tuple(kinds), place, signs, len(signs), kept)
        if _holds_enough(made):
            return made
    raise AssertionError("ever longer tokens come to be enough")


def _wider(free: str) -> Iterator[str]:
    """What the replaced places may hold: more and more, and in the end more places."""
    yield free
    letters = free.replace(DIGIT, WIDENED)
    for more in range(_MOST_MORE):
        yield letters + WIDENED * more


def _holds_enough(made: TokenShape) -> bool:
    """Whether there is room for what a policy expects by default, in the mode that needs the most.

    Values of digits have the fewest tokens.
    """
    smallest = Capacity(made.size("0" * (len(made.kinds) + made.kept)))
    return shortage(smallest, EXPECTED, "deterministic", Fraction(1, 2)) is None
