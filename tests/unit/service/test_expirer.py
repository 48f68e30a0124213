"""Expired records go, in batches, for as long as there is time."""

from collections.abc import Sequence

import pytest

from chalicelib.errors import StoreUnavailable
from chalicelib.service.expirer import Expirer
from chalicelib.vault.token_items import REMOVE_AT
from chalicelib.vault.tokens import Tombstone, UnverifiedRecord
from tests.support.memory_store import MemoryStore
from tests.support.token_stores import item, key

NOW = 1000


class TimedStore(MemoryStore):
    """Every batch takes a second; from the `failing` batch on the store is gone."""

    def __init__(self, failing: int = 1_000_000) -> None:
        super().__init__()
        self.now, self.batches, self._failing = float(NOW), list[int](), failing

    def expire(self, tombstones: Sequence[Tombstone], now: int) -> None:
        if len(self.batches) >= self._failing:
            raise StoreUnavailable("gone")
        self.batches.append(len(tombstones))
        super().expire(tombstones, now)
        self.now += 1


def filled(count: int, store: TimedStore | None = None) -> TimedStore:
    """A store with so many records that expired now."""
    store = store or TimedStore()
    for number in range(count):
        store.overwrite({**item(str(number)), REMOVE_AT: {"N": str(NOW)}})
    return store


def expirer(store: TimedStore) -> Expirer:
    return Expirer(store=store, clock=lambda: store.now)


@pytest.mark.parametrize(("count", "batches"), [(0, []), (1, [1]), (500, [500]), (501, [500, 1])])
def test_every_expired_record_leaves_a_tombstone(count: int, batches: list[int]) -> None:
    """In batches of at most 500; a second run finds nothing more to do."""
    store = filled(count)
    assert expirer(store).expire(60) == count
    assert store.batches == batches
    assert all(isinstance(found, Tombstone) for found in store.find([key(str(n)) for n in range(count)]))
    assert expirer(store).expire(60) == 0


def test_a_record_whose_time_is_not_up_stays() -> None:
    """By a second, too."""
    store = TimedStore()
    store.overwrite({**item("1"), REMOVE_AT: {"N": str(NOW + 1)}})
    assert expirer(store).expire(60) == 0
    assert isinstance(store.find([key("1")])[0], UnverifiedRecord)


def test_work_ends_when_the_time_is_up() -> None:
    """The next run takes up what is left."""
    store = filled(1500)
    assert expirer(store).expire(2) == 1000
    assert expirer(store).expire(2) == 500


def test_what_was_done_before_a_failure_stays_done() -> None:
    """The error passes through, and the next run goes on from there."""
    store = filled(501, TimedStore(failing=1))
    with pytest.raises(StoreUnavailable):
        expirer(store).expire(60)
    assert len(list(store.expired(NOW))) == 1
