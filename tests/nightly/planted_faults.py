"""The histories find what they are there for: faults that the product had once, planted again."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support import planted_faults
from tests.support.chaos import history

STEPS = 60
MOST_SEEDS = 20
"""A history finds its fault with a chance of one half at least: tokens and keys are not of the seed."""


@dataclass(frozen=True)
class Planted:
    """A fault, the steps and types that it takes, and the promise that it breaks.

    `pace` is the seconds from step to step, for a promise that is not one for a single second (ADR 5).
    """

    plant: Callable[[pytest.MonkeyPatch], None]
    kinds: tuple[str, ...]
    types: tuple[str, ...]
    broken: str
    pace: float = 0.0


PLANTED = {
    "A1 places fall free": Planted(
        planted_faults.places_that_fall_free,
        ("tokenize",) * 4 + ("pass_time",),
        ("short",),
        "stands for two values",
    ),
    "B3 a replay undoes an erasure": Planted(
        planted_faults.replays_that_undo_erasures,
        ("tokenize", "erase", "replay"),
        ("known",),
        "a replay answered another token",
        pace=1.1,
    ),
    "C10 a chain looks cut after a death": Planted(
        planted_faults.chains_with_gaps,
        ("tokenize",) + ("reveal",) * 5,
        ("text",),
        "the trail does not verify whole",
    ),
}
each_fault = pytest.mark.parametrize("fault", PLANTED.values(), ids=PLANTED)


def histories(fault: Planted) -> None:
    """A few of them, from the first seed on."""
    for seed in range(MOST_SEEDS):
        with history(seed, fault.types) as made:
            made.run(STEPS, fault.kinds, fault.pace)


@each_fault
def test_a_planted_fault_is_found(fault: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the promise that it breaks, in one of a few histories."""
    fault.plant(monkeypatch)
    with pytest.raises(AssertionError, match=fault.broken):
        histories(fault)


@each_fault
def test_without_it_the_same_history_holds(fault: Planted) -> None:
    """So it is the planted fault that is found, and none of the steps themselves."""
    with history(0, fault.types) as made:
        made.run(STEPS, fault.kinds, fault.pace)
