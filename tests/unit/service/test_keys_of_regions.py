"""Keys of two Regions whose maintenance runs at once: none is used before both Regions hold the same."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.errors import KeyUnavailable
from chalicelib.service.key_provisioner import KeyProvisioner
from chalicelib.vault.key_items import prf_item
from chalicelib.vault.keyring import PrfKeyring, TokenizingKeyring
from chalicelib.vault.keys import WrappedPrfKey
from tests.support.memory_keys import MemoryKeys, provisioner, unwrap
from tests.support.replication import Change, Network

AHEAD = [0, 5, -5]
"""How far the second Region's clock is ahead, in writes: it decides which of two writes is the last."""


class Regions:
    """The keys table of two Regions, with the maintenance of each."""

    def __init__(self, seed: int = 0, ahead: int = 0) -> None:
        self.network = Network(random.Random(seed))
        self.replicas = self.network.table({"a": 0, "b": ahead})
        self.stores = [MemoryKeys(self.replicas[name]) for name in "ab"]
        self.jobs: list[KeyProvisioner] = [
            provisioner(store, name, lambda: 1000.0) for name, store in zip("ab", self.stores, strict=True)
        ]

    def run(self, *numbers: int) -> None:
        for number in numbers:
            self.jobs[number].provision(["shop"])

    def run_until_ready(self) -> None:
        """Each Region marks what has come, and then learns of the other's mark."""
        for _ in range(2):
            self.network.settle()
            self.run(0, 1)
        self.network.settle()

    def name_prf_keys(self, *numbers: int) -> None:
        """Has both Regions' policies name these PRF keys."""
        self.jobs = [
            provisioner(store, name, lambda: 1000.0, prf_keys=numbers)
            for name, store in zip("ab", self.stores, strict=True)
        ]

    def prf(self, number: int, prf_key: int = 1) -> bytes:
        """What a PRF key of a Region derives from a value. Raises `KeyUnavailable`."""
        ring = PrfKeyring(
            vault_id="v", store=self.stores[number], unwrap=unwrap, cache_seconds=0, clock=lambda: 0.0
        )
        return ring.key("shop", prf_key).blind_index("text_known", "", "value")

    def writing_key(self, number: int) -> str:
        """The id of the version that a Region writes with. Raises `KeyUnavailable`."""
        ring = TokenizingKeyring(
            vault_id="test-vault",
            store=self.stores[number],
            unwrap_bundle=unwrap,
            cache_seconds=0,
            clock=lambda: 0.0,
        )
        return ring.writing_key("shop").context.key_id


def made_elsewhere() -> WrappedPrfKey:
    """The PRF key of a Region that none of these has heard of."""
    return WrappedPrfKey("shop", 1, b"k" * 32)


def all_unavailable(regions: Regions) -> None:
    asks: list[Callable[[int], object]] = [regions.prf, regions.writing_key]
    for ask in asks:
        for number in (0, 1):
            with pytest.raises(KeyUnavailable):
                ask(number)


def test_a_key_is_used_once_each_region_has_marked_it() -> None:
    """One Region's maintenance alone makes nothing usable, however often it runs."""
    regions = Regions()
    for _ in range(3):
        regions.run(0)
        regions.network.settle()
        all_unavailable(regions)
    regions.run(1)
    regions.network.settle()
    assert regions.prf(0) == regions.prf(1)
    assert regions.writing_key(0) == regions.writing_key(1)


@pytest.mark.parametrize("ahead", AHEAD)
def test_of_two_prf_keys_none_is_used_before_one_is_left(ahead: int) -> None:
    """Both Regions make one at once. Only contents that are the same everywhere are marked: nothing is ever
    derived under the key that loses."""
    regions = Regions(ahead=ahead)
    regions.run(0, 1)
    made = [store.tenant_keys("shop").prf_keys[1] for store in regions.stores]
    assert made[0] != made[1]
    regions.run(0, 1)
    all_unavailable(regions)
    regions.run_until_ready()
    [left] = {store.tenant_keys("shop").prf_keys[1] for store in regions.stores}
    assert left in made
    assert regions.prf(0) == regions.prf(1)
    assert regions.writing_key(0) == regions.writing_key(1)


@pytest.mark.parametrize("seed", range(50))
def test_a_key_that_was_used_once_is_the_key_for_good(seed: int) -> None:
    """Whatever arrives when, lost and sent again, and whoever runs: what a Region derives never changes."""
    regions = Regions(seed, random.Random(seed).choice(AHEAD))
    dice, derived = regions.network.dice, set[bytes]()
    for _ in range(40):
        regions.run(*dice.choice([[], [0], [1], [0, 1]]))
        regions.network.deliver(dice.randrange(3))
        for number in (0, 1):
            if regions.stores[number].tenant_keys("shop").ready_prf() is not None:
                derived.add(regions.prf(number))
    assert len(derived) == 1


def test_a_region_without_its_kms_keys_marks_nothing() -> None:
    """A Region whose replica of a KMS key is missing or switched off holds the keys, and cannot open them."""
    regions, working = Regions(), list[KeyProvisioner]()
    working.append(regions.jobs[1])

    def missing(context: dict[str, str]) -> tuple[bytes, bytes]:
        raise KeyUnavailable("KMS does not know the key")

    regions.jobs[1] = provisioner(regions.stores[1], "b", lambda: 1000.0, make_key_pair=missing)
    regions.run(0)
    regions.run_until_ready()
    all_unavailable(regions)
    regions.jobs[1:] = working
    regions.run_until_ready()
    assert regions.prf(0) == regions.prf(1)


def test_a_ready_key_that_has_not_arrived_is_not_made_again() -> None:
    """A Region that comes later, and hears that there is a PRF key before it has it, waits for that."""
    regions = Regions()
    regions.stores[1].mark_ready(made_elsewhere(), 0)
    regions.run(1)
    assert regions.stores[1].tenant_keys("shop").prf_keys == {}


def test_a_mark_without_its_key_makes_nothing_usable() -> None:
    """Replication keeps no order: a Region that has the mark first waits for the key."""
    regions = Regions()
    regions.stores[1].mark_ready(made_elsewhere(), 0)
    all_unavailable(regions)


def test_of_a_key_that_a_lost_region_replaced_only_the_ready_one_is_used() -> None:
    """The third Region made a key too, and was lost when its own had come to one of the two that are left:
    that one had marked the first before, and derives nothing under the other."""
    regions = Regions()
    regions.run(0, 1)
    regions.run_until_ready()
    regions.name_prf_keys(1, 2)
    regions.run(0)
    regions.network.settle()
    regions.run(1)
    first = regions.stores[0].tenant_keys("shop").prf_keys[2]
    other = prf_item(replace(made_elsewhere(), number=2))
    regions.replicas["b"].arrive(Change(("shop", "prf-2"), other, (10**9, "c")))
    regions.network.settle()
    regions.run(0)
    regions.run_until_ready()
    assert regions.stores[0].tenant_keys("shop").ready_prf(2) == first
    assert regions.prf(0, 2)
    with pytest.raises(KeyUnavailable):
        regions.prf(1, 2)
    regions.replicas["b"]["shop", "prf-2"] = prf_item(first)  # as an operator does
    assert regions.prf(0, 2) == regions.prf(1, 2)


@pytest.mark.parametrize("ahead", AHEAD)
def test_a_further_prf_key_is_held_to_the_same(ahead: int) -> None:
    """Each number is a key of its own, and none is used before all Regions hold one and the same of it."""
    regions = Regions(ahead=ahead)
    regions.run(0, 1)
    regions.run_until_ready()
    first = regions.prf(0)
    regions.name_prf_keys(1, 2)
    regions.run(0, 1)
    for number in (0, 1):
        with pytest.raises(KeyUnavailable):
            regions.prf(number, 2)
    regions.run_until_ready()
    assert regions.prf(0, 2) == regions.prf(1, 2) != first
    assert regions.prf(0) == regions.prf(1) == first
