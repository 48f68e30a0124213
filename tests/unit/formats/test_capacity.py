"""Capacity: what a policy expects fits into the token space, or the policy is refused with the numbers."""

import itertools
import random
import re
from fractions import Fraction
from typing import Literal

import pytest

from chalicelib.errors import ConfigurationError
from chalicelib.formats import registry
from chalicelib.formats.base import Capacity
from chalicelib.formats.capacity import MAX_PROBES, fits, shortage
from tests.support.policies import loaded

WHOLE = Fraction(1)
SMALL = {"alphabet": "0123456789", "length": 8}
"""A mark and seven digits: ten million tokens."""


@pytest.mark.parametrize(
    ("capacity", "most", "share"),
    [
        (Capacity(1000), 500, WHOLE),
        (Capacity(1000, 10), 5000, WHOLE),
        (Capacity(1000, 10), 2500, Fraction(8, 16)),
        (Capacity(1600), 50, Fraction(1, 16)),
    ],
)
def test_random_tokens_fill_half_of_the_space(capacity: Capacity, most: int, share: Fraction) -> None:
    """Of each class of values, and of the slots of the Region that owns the fewest."""
    assert shortage(capacity, most, "random", share) is None
    reason = shortage(capacity, most + 1, "random", share)
    assert reason is not None
    assert reason.startswith(f"expects {most + 1} tokens, and its token space has {2 * most}, half of which")


def test_deterministic_tokens_need_more() -> None:
    """A value has four places and no more: less than one value in all may find them taken."""
    capacity = Capacity(1_000_000)
    assert shortage(capacity, 87_055, "deterministic", WHOLE) is None
    assert "1 values or so would find their 4 places taken" in str(
        shortage(capacity, 87_056, "deterministic", WHOLE)
    )
    assert shortage(capacity, 87_056, "random", WHOLE) is None


@pytest.mark.parametrize("mode", ["random", "deterministic"])
@pytest.mark.parametrize("share", [WHOLE, Fraction(1, 2)])
@pytest.mark.parametrize("places", [1000, 10**7, 10**14])
def test_a_shortage_says_how_many_tokens_fit(
    mode: Literal["random", "deterministic"], share: Fraction, places: int
) -> None:
    """The largest number, so that nobody has to look for it: one more does not fit."""
    reason = str(shortage(Capacity(places), 10**15, mode, share))
    said = re.search(r"; lower expected_tokens to at most ([0-9]+)$", reason)
    assert said
    most = int(said[1])
    assert [fits(Capacity(places), number, mode, share) for number in (most, most + 1)] == [True, False]


def test_a_space_in_which_nothing_fits_names_no_number() -> None:
    """What is left is what makes room, if anything does."""
    assert str(shortage(Capacity(1, room="do so"), 10, "random", WHOLE)).endswith("in use; do so")
    assert str(shortage(Capacity(1), 10, "random", WHOLE)).endswith("in use")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "expects 1000000 tokens (the default, as the policy does not say expected_tokens), and its"),
        (7_000, "expects 7000 tokens, and its"),
    ],
)
def test_a_number_that_nobody_wrote_is_told_as_the_default(given: int | None, said: str) -> None:
    """Who finds a million in the message and not in the policy learns where it comes from."""
    reason = str(shortage(Capacity(10_000), given, "random", WHOLE))
    assert reason.startswith(said)
    assert reason.endswith(f"; {'set' if given is None else 'lower'} expected_tokens to at most 5000")


KEEPING, MORE = "let it keep less of the value", "allow more characters or places"


@pytest.mark.parametrize(
    ("format_name", "options", "room"),
    [
        ("custom", {"pattern": "[0-9]{5}"}, MORE),
        ("custom", {"pattern": "[0-9]{8}", "keep_last": 3}, f"{KEEPING}, or {MORE}"),
        ("card_number", {"keep_first": 6}, KEEPING),
        ("card_number", {"keep_last": 0}, ""),
        ("us_ssn", {"keep_last": 4}, KEEPING),
        ("phone", {"keep_last": 4}, KEEPING),
        ("date", {"keep_year": True}, KEEPING),
        ("date", {}, ""),
        ("standard_number", {"scheme": "br.cpf", "keep_last": 4}, KEEPING),
    ],
)
def test_what_makes_room_is_something_that_the_type_has(
    format_name: str, options: dict[str, object], room: str
) -> None:
    """A type that keeps nothing of its values is not told to keep less."""
    assert registry.build(format_name, "some-type", options).capacity().room == room


def test_two_regions_rarely_take_the_same_place() -> None:
    """Deterministic values that are new at once in two Regions meet with a chance under 1 in 1,000."""
    ssns, half = Capacity(14 * 32**4, 10**4), Fraction(8, 16)
    assert shortage(ssns, 68_000_000, "deterministic", half) is None
    assert "with a chance of 0.0011" in str(shortage(ssns, 72_000_000, "deterministic", half))
    assert shortage(ssns, 72_000_000, "deterministic", WHOLE) is None
    assert shortage(ssns, 72_000_000, "random", half) is None


def test_the_stated_chance_of_two_regions_is_what_happens() -> None:
    """Values that come in over a time, half in each Region: as many pairs meet as the docstring says."""
    places, expected, period, window = 500, 2000, 1000.0, 2.0
    draw = random.Random(5)
    clashes = 0
    for _ in range(40):
        come = [(draw.uniform(0, period), draw.randrange(2), draw.randrange(places)) for _ in range(expected)]
        come.sort()
        for i, (at, region, place) in enumerate(come):
            near = itertools.takewhile(lambda other, at=at: other[0] - at < window, come[i + 1 :])
            clashes += sum(other[1] != region and other[2] == place for other in near)
    stated = expected**2 * window / (2 * period) / places
    assert stated * 0.8 < clashes / 40 < stated * 1.2


def test_slots_do_not_bind_deterministic_tokens() -> None:
    """They are derived in the whole space, whatever Region the value comes to."""
    assert shortage(Capacity(1000), 20, "deterministic", Fraction(1, 16)) is None
    assert "half of which" in str(shortage(Capacity(1000), 40, "random", Fraction(1, 16)))


def test_opaque_tokens_always_fit() -> None:
    """However many are expected."""
    assert shortage(Capacity(1 << 128), 10**30, "deterministic", Fraction(1, 16)) is None


def test_the_stated_number_of_stranded_values_is_what_happens() -> None:
    """Values put into a small space by four places each: as many find none as the docstring says."""
    places, expected, runs = 1000, 400, 200
    draw = random.Random(4)
    stranded = 0
    for _ in range(runs):
        taken: set[int] = set()
        for _ in range(expected):
            tries = [draw.randrange(places) for _ in range(MAX_PROBES)]
            free = next((place for place in tries if place not in taken), None)
            stranded += free is None
            taken |= set() if free is None else {free}
    stated = expected * (expected / places) ** MAX_PROBES / 5
    assert stated * 0.8 < stranded / runs < stated * 1.2


def refusal(**written: object) -> str:
    """Why a policy with a small type is refused."""
    with pytest.raises(ConfigurationError) as raised:
        loaded({"member": {"format": "custom", "options": SMALL, **written}})
    [problem] = raised.value.problems
    return problem


def test_a_policy_says_how_many_it_expects() -> None:
    """By itself a type is judged by a million tokens."""
    few = {"format": "custom", "mode": "deterministic", "options": SMALL, "expected_tokens": 100_000}
    assert loaded({"known": few}).types
    assert loaded({"member": {"format": "custom", "options": SMALL}}).types
    assert refusal(expected_tokens=5_000_001).startswith("type member expects 5000001 tokens, and its")
    assert "places taken" in refusal(mode="deterministic")
    assert refusal(expected_tokens=0).startswith("type member expects a number of tokens that is not from 1")
    assert "expects 1000000 tokens" in refusal(options={**SMALL, "length": 7})


def test_a_policy_is_refused_where_the_region_has_too_few_slots() -> None:
    """The same policy loads in a stack of one Region and not in one of sixteen."""
    types = {"member": {"format": "custom", "options": SMALL}}
    assert loaded(types, slot_share=Fraction(4, 16)).types
    with pytest.raises(ConfigurationError, match="type member expects 1000000 tokens"):
        loaded(types, slot_share=Fraction(3, 16))


def test_the_rule_that_is_said_bounds_the_number_that_is_told() -> None:
    """Of a deterministic type fewer fit than half of the places, so that is not the reason."""
    reason = str(shortage(Capacity(90_000, 10_000), 10**9, "deterministic", Fraction(1)))
    assert "values or so would find their 4 places taken" in reason
    assert "half of which" not in reason
