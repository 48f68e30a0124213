"""A million operations in a thousand seeded histories of Regions: every promise holds in each of them."""

import os

import pytest

from tests.support.simulation.shrinking import check

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "1000"))
STEPS = 550
"""A step has two operations or more: others happen while its calls wait."""

OPERATIONS = 1000
AT_ONCE = 50


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_every_promise_holds_in_a_thousand_histories(first: int) -> None:
    """Fifty seeds, of a thousand operations each or more, taken together."""
    seeds = range(first, min(first + AT_ONCE, SEEDS))
    assert sum(check(seed, STEPS) for seed in seeds) >= len(seeds) * OPERATIONS
