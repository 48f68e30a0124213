"""Drawing: from the Region's own slots, uniformly, and what it costs as the space fills."""

import random
from collections import Counter

import pytest

from chalicelib.config import SLOTS
from chalicelib.drawing import draw, slot_of
from chalicelib.errors import TokenSpaceExhausted
from chalicelib.formats import registry
from chalicelib.formats.base import TokenSpace
from chalicelib.formats.capacity import MAX_PROBES
from tests.support.statistics import assert_uniform

EVERY_SLOT = frozenset(range(SLOTS))
SMALL = registry.build("custom", "member", {"alphabet": "0123456789", "length": 8, "keep_last": 4})
SPACE = SMALL.space("00000000")
"""A mark and three digits: a thousand tokens."""


def test_drawn_tokens_are_uniform_over_the_space() -> None:
    """Each of a thousand tokens comes as often as any other."""
    randbelow = random.Random(1).randrange
    drawn = Counter(draw(SPACE, EVERY_SLOT, randbelow) for _ in range(100_000))
    assert_uniform(drawn, SPACE.size)


@pytest.mark.parametrize("own", [frozenset({3}), frozenset(range(8)), frozenset({0, 15})], ids=sorted)
def test_a_region_draws_uniformly_from_its_own_slots(own: frozenset[int]) -> None:
    """All tokens of these slots come, each as often as any other, and none of another's."""
    mine = [token for token in map(SPACE.token_at, range(SPACE.size)) if slot_of(token) in own]
    randbelow = random.Random(2).randrange
    drawn = Counter(draw(SPACE, own, randbelow) for _ in range(100 * len(mine)))
    assert set(drawn) <= set(mine)
    assert_uniform(drawn, len(mine))


def test_slots_are_of_one_size() -> None:
    """The hash that picks a token's slot favours none."""
    space = registry.build("us_ssn", "ssn", {}).space("219099999")
    assert_uniform(Counter(slot_of(space.token_at(point)) for point in range(40_000)), SLOTS)


def test_a_space_without_a_token_in_the_slots_is_exhausted() -> None:
    """A space of one token has fifteen empty slots."""
    token = SPACE.token_at(0)
    others = EVERY_SLOT - {slot_of(token)}
    with pytest.raises(TokenSpaceExhausted):
        draw(TokenSpace(1, lambda _: token), others, random.Random(3).randrange)


def attempts(fill: float, randbelow: random.Random) -> int | None:
    """How many attempts a value takes in a space so full, or None where it is given up."""
    taken = int(fill * SPACE.size)
    for attempt in range(1, MAX_PROBES + 1):
        token = draw(SPACE, EVERY_SLOT, randbelow.randrange)
        if int(token[1:4][::-1]) >= taken:
            return attempt
    return None


@pytest.mark.parametrize(("fill", "tries", "given_up"), [(0.5, 1.875, 0.0625), (0.9, 3.439, 0.6561)])
def test_the_cost_of_drawing_is_what_is_stated(fill: float, tries: float, given_up: float) -> None:
    """Conditional writes a value, (1 - f**4) / (1 - f), and values that find no place, f**4."""
    randbelow = random.Random(4)
    took = [attempts(fill, randbelow) for _ in range(40_000)]
    writes = [attempt or MAX_PROBES for attempt in took]
    assert sum(writes) / len(took) == pytest.approx(tries, rel=0.02)
    assert took.count(None) / len(took) == pytest.approx(given_up, rel=0.05)
    assert (1 - fill**MAX_PROBES) / (1 - fill) == pytest.approx(tries)
    assert fill**MAX_PROBES == pytest.approx(given_up)
