"""What docs/consistency.md says of new tokens for a type, before and after all has arrived."""

import random

import pytest

from tests.support.region_looks import made, seen
from tests.support.regions import TYPES
from tests.support.vault_in_regions import Vault

KNOWN = {"type": "known", "value": "1000"}
SECOND = {**TYPES, "known": {**TYPES["known"], "prf_key": 2}}


@pytest.fixture
def vault() -> Vault:
    return Vault(random.Random(0))


def both(vault: Vault, token: str) -> list[object]:
    return [seen(region, token) for region in vault.regions]


def switched(vault: Vault, **more: str) -> str:
    """The old token of a value, which has arrived in both Regions before the type got another key."""
    old = made(vault.regions[0], {**KNOWN, **more})
    vault.network.settle()
    vault.deploy(SECOND)
    return old


@pytest.mark.parametrize("seed", range(5))
def test_a_value_that_the_other_region_tokenizes_at_once_has_one_new_token(seed: int) -> None:
    """Derived from the value, so nothing has to arrive for it; whichever record stays opens."""
    vault = Vault(random.Random(seed))
    old = switched(vault)
    new = made(vault.regions[1], KNOWN)
    assert vault.regions[0].retokenize("known", old) == {old: new}
    assert both(vault, new) == ["1000", "1000"]
    vault.network.settle()
    assert [both(vault, token) for token in (old, new)] == [["1000", "1000"]] * 2


@pytest.mark.parametrize("seed", range(5))
def test_two_regions_that_move_one_token_give_the_same_pair(seed: int) -> None:
    """Each Region has walks of its own, and may come upon the same record."""
    vault = Vault(random.Random(seed))
    old = switched(vault, subject="p1")
    [pair] = {tuple(region.retokenize("known", old).items()) for region in vault.regions}
    vault.network.settle()
    assert both(vault, pair[0][1]) == ["1000", "1000"]


def test_a_token_that_the_other_region_erased_lives_on_under_the_new_one(vault: Vault) -> None:
    """Retiring the file evens that out: the pair names both."""
    old = switched(vault)
    vault.regions[1].erase(old)
    [(_, new)] = vault.regions[0].retokenize("known", old).items()
    vault.network.settle()
    assert both(vault, old) == ["erased", "erased"]
    assert both(vault, new) == ["1000", "1000"]


def test_a_subject_that_the_other_region_erased_is_closed_under_both(vault: Vault) -> None:
    """Its marker closes every record that names it, also one that was written since."""
    old = switched(vault, subject="p1")
    vault.regions[1].erase_subject("p1")
    [(_, new)] = vault.regions[0].retokenize("known", old).items()
    vault.network.settle()
    assert [both(vault, token) for token in (old, new)] == [["erased", "erased"]] * 2


def test_a_value_that_a_container_with_the_old_policy_takes_in_is_moved_by_the_next_run(vault: Vault) -> None:
    """Its record arrives behind the walk, or not at all before its end."""
    vault.deploy(SECOND)
    late = vault.regions[1]
    vault.deploy(TYPES)
    old = made(vault.regions[1], KNOWN)
    assert vault.regions[0].retokenize("known", old) == {}
    vault.network.settle()
    vault.deploy(SECOND)
    [(_, new)] = vault.regions[0].retokenize("known", old).items()
    assert made(late, KNOWN) == new
