"""Seeded histories of two Regions that both serve while changes between them are late, out of order and lost.

No erased token opens once all has arrived, none stands for two values, and nothing acknowledged is lost but
what docs/consistency.md names. A seed that fails replays: run this test with it alone.
"""

import os
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.vault.subjects import StoredSecret
from chalicelib.vault.tokens import SecretReference
from tests.support import policies
from tests.support.memory_subjects import MemorySubjects
from tests.support.regions import TYPES
from tests.support.two_regions import History
from tests.support.vault_in_regions import Vault

SEEDS = int(os.environ.get("REGION_SEEDS", "20"))
STEPS = 120


def play(seed: int, **fault: Any) -> None:
    dice = random.Random(seed)
    History(Vault(dice, **fault), dice).run(STEPS)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_promise_holds_in_two_regions(seed: int) -> None:
    """A hundred and twenty requests to either Region, with some of what they wrote arriving in the other."""
    play(seed)


class TakesMissingForErased(MemorySubjects):
    """The fault: a secret that is not there is one of an erased subject."""

    def secrets(
        self, tenant: str, references: Sequence[SecretReference]
    ) -> dict[SecretReference, StoredSecret]:
        return dict.fromkeys(references) | super().secrets(tenant, references)


FAULTS: dict[str, dict[str, Any]] = {
    "an unknown token is not marked": {"erasing": replace(policies.loaded(TYPES), types={})},
    "a missing secret is an erased one": {"subjects": TakesMissingForErased},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    """Within the seeds of the suite, by what the histories check."""
    found = 0
    for seed in range(20):
        try:
            play(seed, **FAULTS[fault])
        except AssertionError:
            found += 1
    assert found >= 3
