"""A container's events form one chain without gaps, whatever fails and however many threads there are."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.audit.chain import Chain
from chalicelib.audit.events import AuditEvent
from chalicelib.audit.trail import ChainedTrail
from chalicelib.errors import KeyUnavailable, RecordCorrupt, StoreUnavailable

Item = dict[str, Any]
Refuse = Callable[[Item], Exception | None]


class MemoryStore:
    """Keeps items by sort key, as the audit table does; `before` and `after` fail a write."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.before: Refuse = lambda item: None
        self.after: Refuse = lambda item: None

    def add(self, item: Item) -> None:
        _raise(self.before(item))
        existing = self.items.setdefault(item["sk"]["S"], item)
        if existing["mac"] != item["mac"]:
            raise RecordCorrupt("taken")
        _raise(self.after(item))

    @property
    def chains(self) -> dict[str, list[int]]:
        """The numbers of each chain, sorted."""
        found: dict[str, list[int]] = {}
        for item in self.items.values():
            found.setdefault(item["chain"]["S"], []).append(int(item["sequence"]["N"]))
        return {chain: sorted(numbers) for chain, numbers in found.items()}


def _raise(error: Exception | None) -> None:
    if error is not None:
        raise error


def event(request_id: str = "r") -> AuditEvent:
    return AuditEvent("shop", "settlement", "detokenize", request_id)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def trail(store: MemoryStore) -> ChainedTrail:
    begun = iter(range(1000))
    return ChainedTrail(
        store=store, begin=lambda: Chain(f"chain-{next(begun)}", b"k" * 32, {}), clock=lambda: 1767225600.0
    )


def test_an_idle_container_has_no_chain(store: MemoryStore) -> None:
    """The key is asked for at the first event, and once."""
    begun: list[Chain] = []

    def begin() -> Chain:
        begun.append(Chain("c", b"k" * 32, {}))
        return begun[-1]

    trail = ChainedTrail(store=store, begin=begin, clock=lambda: 0.0)
    assert not begun
    trail.record(event())
    trail.record(event())
    assert len(begun) == 1


def test_threads_share_one_chain_without_gaps(store: MemoryStore, trail: ChainedTrail) -> None:
    """32 threads with 20 events each make one chain of 640, each tied to the one before."""
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda number: trail.record(event(str(number))), range(640)))
    assert store.chains == {"chain-0": list(range(640))}
    in_order = sorted(store.items.values(), key=lambda item: int(item["sequence"]["N"]))
    assert all(b["previous"] == a["mac"] for a, b in itertools.pairwise(in_order))
    assert {item["request_id"]["S"] for item in in_order} == {str(number) for number in range(640)}


@pytest.mark.parametrize("when", ["before", "after"])
def test_threads_leave_no_gap_where_writes_fail(store: MemoryStore, trail: ChainedTrail, when: str) -> None:
    """Whether a failed write was done or not, its number is used once, and the chain goes on."""
    failing = set(range(0, 200, 7))

    def fail_once(item: Item) -> Exception | None:
        number = int(item["sequence"]["N"])
        if number not in failing:
            return None
        failing.discard(number)
        return StoreUnavailable("lost")

    setattr(store, when, fail_once)

    def record(number: int) -> bool:
        try:
            trail.record(event(str(number)))
        except StoreUnavailable:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(record, range(200)))
    trail.record(event("last"))
    assert done.count(False) == 29
    assert store.chains == {"chain-0": list(range(201))}
    recorded = {item["request_id"]["S"] for item in store.items.values()}
    assert {str(number) for number, stored in enumerate(done) if stored} <= recorded


def test_nothing_is_recorded_while_an_event_is_unsettled(store: MemoryStore, trail: ChainedTrail) -> None:
    """As long as the store fails, every event fails, and none is passed over afterwards."""
    store.before = lambda item: StoreUnavailable("down")
    for _ in range(5):
        with pytest.raises(StoreUnavailable):
            trail.record(event())
    assert not store.items
    store.before = lambda item: None
    trail.record(event())
    assert store.chains == {"chain-0": [0, 1]}


def test_a_chain_without_a_key_is_tried_again(store: MemoryStore) -> None:
    """Where KMS fails, the event is refused, and the next one begins the chain."""
    answers = iter([KeyUnavailable("down"), None])

    def begin() -> Chain:
        _raise(next(answers))
        return Chain("c", b"k" * 32, {})

    trail = ChainedTrail(store=store, begin=begin, clock=lambda: 0.0)
    with pytest.raises(KeyUnavailable):
        trail.record(event())
    trail.record(event())
    assert store.chains == {"c": [0]}


def test_a_foreign_item_in_the_way_ends_the_chain(store: MemoryStore, trail: ChainedTrail) -> None:
    """It is left for the auditor, the event is refused, and the container goes on in a new chain."""
    trail.record(event())
    store.items["2026-01-01T00:00:00.000Z#chain-0#1"] = {
        "mac": {"B": b"forged"}, "chain": {"S": "chain-0"}, "sequence": {"N": "1"},
    }  # fmt: skip
    with pytest.raises(RecordCorrupt):
        trail.record(event())
    trail.record(event())
    assert store.chains == {"chain-0": [0, 1], "chain-1": [0]}
    assert store.items["2026-01-01T00:00:00.000Z#chain-0#1"]["mac"] == {"B": b"forged"}
