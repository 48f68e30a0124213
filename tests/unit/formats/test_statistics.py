"""Drawn and derived tokens look alike: uniform, and silent about the value and its neighbours."""

import random
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import pytest

from chalicelib.config import SLOTS
from chalicelib.crypto.context import KeyContext
from chalicelib.crypto.prf import Derived, PrfKey
from chalicelib.drawing import draw
from chalicelib.formats import registry
from chalicelib.formats.base import TokenSpace
from tests.support.statistics import assert_independent, assert_uncorrelated, assert_uniform

VALUES = 20_000
EVERY_SLOT = frozenset(range(SLOTS))
PRF = PrfKey.of(KeyContext("test-vault", "shop", "0" * 32), bytes(range(32)))

Choose = Callable[[str, TokenSpace], str]


def drawn(seed: int) -> Choose:
    """Random tokens, from a source that is the same each time."""
    randbelow = random.Random(seed).randrange
    return lambda _, space: draw(space, EVERY_SLOT, randbelow)


def derived(attempt: int) -> Choose:
    """The tokens of deterministic values at an attempt."""

    def token(value: str, space: TokenSpace) -> str:
        one = Derived.from_seed("cached", PRF.blind_index("member", "", value))
        return space.token_at(one.point(attempt, space.size))

    return token


CHOICES = {"drawn": drawn(1), "first": derived(0), "fourth": derived(3)}
FORMATS = {
    "member": registry.build("custom", "member", {"alphabet": "0123456789", "length": 8}),
    "digits": registry.build("digits", "member", {}),
    "us_ssn": registry.build("us_ssn", "member", {"keep_last": 0}),
}
both = pytest.mark.parametrize("how", CHOICES)
every_format = pytest.mark.parametrize("name", FORMATS)


@cache
def neighbours(how: str, name: str) -> list[str]:
    """The tokens of values that follow one another."""
    digits = 8 if name == "member" else 9
    values = [f"{number:0{digits}d}" for number in range(10**7, 10**7 + VALUES)]
    return [CHOICES[how](value, FORMATS[name].space(value)) for value in values]


@both
def test_tokens_are_uniform_over_a_small_space(how: str) -> None:
    """A thousand tokens, and values that differ by one: each token comes as often as any other."""
    small = registry.build("custom", "member", {"alphabet": "0123456789", "length": 8, "keep_first": 4})
    space = small.space("10000000")
    assert_uniform(Counter(CHOICES[how](f"{number:08d}", space) for number in range(VALUES)), 1000)


@both
@every_format
def test_each_place_is_uniform(how: str, name: str) -> None:
    """Over a space too large to count, each character of a token is uniform over its alphabet."""
    for place in range(1, 8):
        characters = Counter(token[place] for token in neighbours(how, name))
        assert_uniform(characters, 10 if name == "member" else 32)


@both
@every_format
def test_neighbouring_values_have_unrelated_tokens(how: str, name: str) -> None:
    """No place of a token tells anything of the same place in the token of the next value."""
    for place in range(1, 8):
        series = [float(ord(token[place])) for token in neighbours(how, name)]
        assert_uncorrelated(series[:-1], series[1:])
        assert_independent(list(pairwise(number % 2 for number in series)))


@both
def test_a_token_tells_nothing_of_its_value(how: str) -> None:
    """No digit of the value and no digit of the token go together, at whatever places."""
    chooser = random.Random(6)
    values = [f"{chooser.randrange(10**8):08d}" for _ in range(VALUES)]
    tokens = [CHOICES[how](value, FORMATS["member"].space(value)) for value in values]
    for place in range(8):
        for other in range(1, 8):
            assert_independent(
                [(one[place], token[other]) for one, token in zip(values, tokens, strict=True)]
            )


def test_attempts_of_one_value_are_unrelated() -> None:
    """Where the first place is taken, the second is anywhere."""
    space = FORMATS["member"].space("00000000")
    values = [f"{number:08d}" for number in range(VALUES)]
    assert_independent([(derived(0)(one, space)[1], derived(1)(one, space)[1]) for one in values])
