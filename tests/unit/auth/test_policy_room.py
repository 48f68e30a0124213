"""A policy whose types have no room for the tokens that they expect is refused."""

from fractions import Fraction
from typing import Any, cast

import pytest

from chalicelib.auth import policy
from chalicelib.auth.policy import MAX_EXPECTED
from chalicelib.errors import ConfigurationError
from chalicelib.formats import registry
from chalicelib.formats.base import Capacity
from chalicelib.formats.capacity import EXPECTED
from tests.support.policies import VAULT_ID, text_and_digest
from tests.support.policy_rules import TEXT, type_problems, written


def test_expected_tokens_have_bounds() -> None:
    """From 1 to MAX_EXPECTED, whatever room there is."""
    assert [bool(type_problems(expected_tokens=n)) for n in (-1, 0, 1)] == [True, True, False]
    assert [bool(type_problems(expected_tokens=MAX_EXPECTED + n)) for n in (0, 1)] == [False, True]


class Narrow:
    """A format with room for so many tokens; a policy asks nothing else of it."""

    facts = registry.build("text", "text", {}).facts

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens

    def capacity(self) -> Capacity:
        return Capacity(self._tokens)


@pytest.mark.parametrize("mode", ["random", "deterministic"])
@pytest.mark.parametrize(("expected", "counted"), [({}, EXPECTED), ({"expected_tokens": 10}, 10)])
def test_a_format_needs_room_for_the_expected_tokens(
    mode: str, expected: dict[str, int], counted: int
) -> None:
    """A million of them if the policy says no number."""
    document = written(types={"text": {**TEXT, "mode": mode, **expected}})
    assert _room(document, tokens=counted**2) == ()
    [problem] = _room(document, tokens=counted)
    assert problem.startswith(f"type text expects {counted} tokens")


def test_random_types_have_the_room_of_the_regions_slots() -> None:
    """What another Region draws from is not there for this one; deterministic types use all of it."""
    assert _room(written(), 2 * EXPECTED) == ()
    assert _room(written(), 2 * EXPECTED - 1)
    assert _room(written(), 16 * EXPECTED, Fraction(1, 8)) == ()
    assert _room(written(), 16 * EXPECTED - 1, Fraction(1, 8))


def _room(document: Any, tokens: int, slot_share: Fraction = Fraction(1)) -> tuple[str, ...]:
    """The problems of a policy whose formats have room for so many tokens."""
    build = cast(policy.BuildFormat, lambda *_: Narrow(tokens))
    try:
        policy.load(*text_and_digest(document), VAULT_ID, build, slot_share)
    except ConfigurationError as error:
        return error.problems
    return ()
