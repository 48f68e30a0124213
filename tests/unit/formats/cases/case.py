"""A format under some options, with a model of its values that owes nothing to the code under test."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat

Strategy = st.SearchStrategy[Any]


def unchanged(token: str) -> list[str]:
    """For formats in which another spelling is another value."""
    return [token]


def respelled(token: str) -> list[str]:
    """Ways to write a token that a lenient parser might read as a value."""
    grouped = " ".join(token[i : i + 4] for i in range(0, len(token), 4))
    return [token, token.upper(), token.lower(), grouped, token.replace("-", ""), "-".join(token)]


@dataclass(frozen=True)
class Case:
    """A format and its values.

    Two `identities` are two values. `spell` gives the ways to write one of them, and `sibling` other
    identities that agree in everything that the token may keep or the mask may show. `tokens` are ways to
    write a token, none of which may pass for a value.
    """

    format_name: str
    options: dict[str, object]
    identities: Strategy
    spell: Callable[[Any], Strategy]
    sibling: Callable[[Any], Strategy]
    tokens: Callable[[str], list[Any]] = respelled
    type_name: str = "some-type"
    format: TokenFormat = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "format", registry.build(self.format_name, self.type_name, self.options))

    def __str__(self) -> str:
        return " ".join([self.format_name, *(f"{name}={value}" for name, value in self.options.items())])


def separated(characters: str, separators: str) -> Strategy:
    """The characters with at most one separator between two of them."""
    choices = ["", *separators]
    return st.integers(0, len(choices) ** (len(characters) - 1) - 1).map(
        lambda number: "".join(
            character + choices[number // len(choices) ** place % len(choices)]
            for place, character in enumerate(characters)
        )
    )


SPACES = " \u00a0\u202f\u2009\u3000\t\n"
HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"
ZEROS = "0\uff10\u0660\u06f0\u0966\u09e6\U0001d7ce"
"""Of ASCII, full-width, Arabic, Persian, Devanagari, Bengali and mathematical digits."""

WITHOUT_WIDTH = ("", "\u200e", "\u202a", "\u202c", "\u2066", "\u200b", "\ufeff", "\u00ad")


def copied(spelled: str) -> Strategy:
    """The text as it comes out of other programs: other spaces, hyphens and digits, and signs without width.

    One number is drawn for all of it, since a draw for each sign takes most of the time of a test.
    """
    return st.just(spelled) | st.integers(0, 2**32).map(lambda seed: noisy(spelled, random.Random(seed)))


def noisy(spelled: str, draw: random.Random) -> str:
    """The text with such noise in it."""
    zero = draw.choice(ZEROS)
    changed = {
        " ": draw.choice([*SPACES, "  "]),
        "-": draw.choice([*HYPHENS, " - "]),
        **{digit: chr(ord(zero) + int(digit)) for digit in "0123456789"},
    }
    ends = [draw.choice([*SPACES, *WITHOUT_WIDTH]) for _ in range(2)]
    place = draw.randint(0, len(spelled))
    inner = spelled[:place] + draw.choice(WITHOUT_WIDTH) + spelled[place:]
    return ends[0] + "".join(changed.get(character, character) for character in inner) + ends[1]


def text_of(alphabet: str, least: int, most: int | None = None) -> Strategy:
    """Strings of this alphabet, of one length or a range of lengths. Faster than `st.text`."""
    if most is not None:
        return st.integers(least, most).flatmap(lambda length: text_of(alphabet, length))
    base = len(alphabet)
    return st.integers(0, base**least - 1).map(
        lambda number: "".join(alphabet[number // base**place % base] for place in range(least))
    )
