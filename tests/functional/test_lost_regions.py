"""A Region is lost while what it wrote has come to some of the others: what is asked for again reaches all.

DynamoDB replicates changes, and each Region its own: what arrived is not handed on, and a write that changes
nothing is no change. So an erasure that is asked for again has to change what marks it.
"""

import random

import pytest

from chalicelib.vault.token_items import ERASED, RECORD
from tests.support.region_looks import made, seen
from tests.support.regions import Region
from tests.support.replication import Replica
from tests.support.vault_in_regions import Vault

TEXT = {"type": "text", "value": "1000"}
OWNED = {**TEXT, "subject": "p1"}


@pytest.fixture
def vault() -> Vault:
    """Three Regions."""
    return Vault(random.Random(0), names=("a", "b", "c"))


def arrive_in(vault: Vault, region: Region) -> None:
    """What is on its way arrives in this Region; what is left is lost with the Region that wrote it."""
    tables: list[Replica] = [region.vault, region.subjects]
    vault.network.settle(only=tables)
    vault.network.lose("a")


@pytest.mark.parametrize("later", [0, 60])
def test_a_token_that_is_erased_again_is_erased_in_every_region(vault: Vault, later: int) -> None:
    """Also within one second; and nothing sealed is left where the first erasure never came."""
    first, second, third = vault.regions
    token = made(first, TEXT)
    vault.network.settle()
    for _ in range(2):
        first.erase(token)
    arrive_in(vault, second)
    assert [seen(region, token) for region in (second, third)] == ["erased", "1000"]
    vault.now += later
    second.erase(token)
    vault.network.settle()
    assert seen(third, token) == "erased"
    assert "value" not in third.vault[f"shop#{token}", RECORD]


@pytest.mark.parametrize("later", [0, 60])
def test_a_subject_that_is_erased_again_is_erased_in_every_region(vault: Vault, later: int) -> None:
    """And the clean-up there, which hears of it too, destroys secret and record."""
    first, second, third = vault.regions
    token = made(first, OWNED)
    vault.network.settle()
    receipt = first.erase_subject("p1").receipt
    arrive_in(vault, second)
    assert [seen(region, token) for region in (second, third)] == ["erased", "1000"]
    vault.now += later
    assert second.erase_subject("p1").receipt == receipt
    vault.network.settle()
    assert seen(third, token) == "erased"
    third.clean()
    assert not [sort for _, sort in third.subjects if sort.startswith("secret#")]
    assert "value" not in third.vault[f"shop#{token}", RECORD]


def test_the_clean_up_hands_an_erasure_on(vault: Vault) -> None:
    """Without anybody who asks again: a Region that has heard of it has the others hear of it."""
    first, second, third = vault.regions
    token = made(first, OWNED)
    vault.network.settle()
    first.erase_subject("p1")
    arrive_in(vault, second)
    second.clean()
    vault.network.settle()
    assert seen(third, token) == "erased"
    third.clean()
    assert not [sort for _, sort in third.subjects if sort.startswith("secret#")]
    assert "value" not in third.vault[f"shop#{token}", RECORD]


def test_what_is_handed_on_comes_to_rest(vault: Vault) -> None:
    """Once the time of the clean-up is over no Region has a note left, and the marker is the same in all."""
    made(vault.regions[0], OWNED)
    vault.network.settle()
    vault.regions[0].erase_subject("p1")
    for _ in range(4):
        vault.network.settle()
        vault.now += 600
        for region in vault.regions:
            region.clean()
    vault.network.settle()
    assert [len([pk for pk, _ in region.subjects if pk == "erasing"]) for region in vault.regions] == [0] * 3
    markers = [region.subjects["shop#p1", ERASED] for region in vault.regions]
    assert markers == [markers[0]] * 3
