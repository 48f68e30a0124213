"""Seeded histories of two and three Regions, with everything going wrong that may: every promise holds.

`SIMULATION_SEED` and `SIMULATION_STEPS` play one history again, as the message of one that failed says.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.simulation import planted
from tests.support.simulation.history import History, play
from tests.support.simulation.plans import Plan, Step, plan
from tests.support.simulation.promises import Broken
from tests.support.simulation.shrinking import Failed, check, shrunk, verdict

STEPS = int(os.environ.get("SIMULATION_STEPS", "250"))
SEED = os.environ.get("SIMULATION_SEED")
SEEDS = range(20) if SEED is None else [int(SEED)]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_holds_whatever_happens(seed: int) -> None:
    """Calls fail, come late or are the last, Regions are cut off or lost, clocks are apart, keys rotate."""
    check(seed, STEPS)


@pytest.mark.parametrize("fault", planted.FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_found(
    fault: Callable[[pytest.MonkeyPatch], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a few seeds, by a promise that it breaks."""
    broken = fault(monkeypatch)
    found = (verdict(plan(seed, 250)) for seed in range(60))
    assert broken in next((said for said in found if said is not None), "every promise holds")


def trace(seed: int) -> str:
    """What a history leaves: its answers by token, and its tables as far as no key wraps them."""
    history = History(plan(seed, 60))
    history.run()
    keys = [sorted(place.tables.vault) + sorted(place.tables.subjects) for place in history.cloud.places]
    said = repr((sorted(history.ledger.promises.items()), history.ledger.revealed, keys, history.operations))
    return hashlib.sha256(said.encode()).hexdigest()


def test_a_seed_is_a_history() -> None:
    """Played again it is the same to the last token; another seed is another history."""
    assert trace(1) == trace(1)
    assert trace(1) != trace(2)


def test_what_fails_shrinks_to_what_it_takes() -> None:
    """Of a hundred steps those two remain that fail together, in their order."""

    def fails(played: Plan) -> int:
        said = [step.kind for step in played.steps]
        if "rotate" in said and "retire" in said[said.index("rotate") :]:
            raise Broken("a version was lost")
        return 0

    whole = plan(0, 100)
    steps = [*whole.steps[:50], Step("rotate", 1), *whole.steps[50:80], Step("retire", 2), *whole.steps[80:]]
    least = shrunk(replace(whole, steps=tuple(steps)), fails)
    assert [step.kind for step in least.steps] == ["rotate", "retire"]


def test_a_failing_seed_says_how_to_play_it_again() -> None:
    """The promise, the seed, the steps that it takes, and a command."""

    def fails(played: Plan) -> int:
        if any(step.kind == "reveal" for step in played.steps):
            raise Broken("x is lost")
        return 0

    with pytest.raises(Failed) as failed:
        check(7, 50, fails)
    said = str(failed.value)
    assert said.startswith("x is lost\n")
    assert "1 of them will do: reveal\n" in said
    assert "SIMULATION_SEED=7 SIMULATION_STEPS=50 " in said
    assert check(7, 50, play) > 50
