"""One suite for every token store: the fake that unit tests use, and DynamoDB."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.crypto.record_cipher import SIGNATURE
from chalicelib.vault.batches import Batches
from chalicelib.vault.dynamodb import Backoff
from chalicelib.vault.items import ERASED, RECORD, TokenKey
from chalicelib.vault.store import Item, Put, TokenStore
from chalicelib.vault.token_table import TokenTable
from tests.support.memory_store import MemoryStore
from tests.support.world import world


@dataclass
class Store:
    """A store under test, and a way to put into it whatever should stand there."""

    it: TokenStore
    overwrite: Callable[[Item], Any]


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        memory = MemoryStore()
        yield Store(memory, memory.overwrite)
        return
    with world() as account, ThreadPoolExecutor(32) as pool:
        yield Store(_table(account.client("dynamodb"), pool), account.store)


def _table(client: Any, pool: ThreadPoolExecutor) -> TokenTable:
    return TokenTable(client, "vault", Batches(client, pool, Backoff()))


def key(token: str, tenant: str = "shop") -> TokenKey:
    return TokenKey(tenant, token)


def item(token: str, content: str = "a", tenant: str = "shop", sort: str = RECORD) -> Item:
    return {
        **key(token, tenant).item_key(sort),
        "content": {"S": content},
        SIGNATURE: {"B": content.encode()},
    }


def contents(store: Store, *tokens: str) -> list[str | None]:
    return [f.record and f.record["content"]["S"] for f in store.it.find([key(token) for token in tokens])]


def test_what_is_added_is_found(store: Store) -> None:
    """An item is found under its token as soon as it is written."""
    assert store.it.add([item("1")]) == [Put.WRITTEN]
    assert contents(store, "1") == ["a"]


def test_a_taken_place_is_left_as_it_is(store: Store) -> None:
    """Whoever comes second is told so, and the first item stands."""
    store.it.add([item("1", "first")])
    assert store.it.add([item("1", "second")]) == [Put.TAKEN]
    assert contents(store, "1") == ["first"]


def test_the_very_same_item_may_be_added_again(store: Store) -> None:
    """A write whose answer was lost can be repeated."""
    assert [store.it.add([item("1")]) for _ in range(2)] == [[Put.WRITTEN], [Put.WRITTEN]]


def test_each_item_of_a_batch_has_its_own_outcome(store: Store) -> None:
    """One taken place does not keep the others from being written."""
    store.it.add([item("2", "first")])
    assert store.it.add([item("1"), item("2"), item("3")]) == [Put.WRITTEN, Put.TAKEN, Put.WRITTEN]


def test_nothing_is_a_batch_too(store: Store) -> None:
    """Empty batches are answered with nothing."""
    assert (store.it.add([]), store.it.put_opaque([]), store.it.find([])) == ([], [], [])


def test_opaque_items_are_written_in_any_number(store: Store) -> None:
    """More than DynamoDB takes at once are written all the same, and found in order."""
    tokens = [str(number) for number in range(100)]
    assert store.it.put_opaque([item(token, token) for token in tokens]) == [Put.WRITTEN] * 100
    assert contents(store, *tokens) == tokens


def test_unknown_tokens_are_found_to_be_nothing(store: Store) -> None:
    """A token that was never written has no record and no marker, among others that do."""
    store.it.add([item("1")])
    one, unknown = store.it.find([key("1"), key("2")])
    assert (one.record is not None, unknown.record, unknown.erased) == (True, None, False)


def test_the_same_token_may_be_asked_for_twice(store: Store) -> None:
    """Repetition in a batch is answered at each place."""
    store.it.add([item("1")])
    assert contents(store, "1", "2", "1") == ["a", None, "a"]


def test_a_marker_is_found_with_and_without_a_record(store: Store) -> None:
    """An erased token is seen to be erased, whatever else lies there."""
    store.it.add([item("1")])
    store.overwrite(item("1", sort=ERASED))
    store.overwrite(item("2", sort=ERASED))
    with_record, without = store.it.find([key("1"), key("2")])
    assert (with_record.erased, without.erased, without.record) == (True, True, None)
    [alone] = store.it.find([key("2")])
    assert alone.erased


def test_tenants_do_not_meet(store: Store) -> None:
    """The same token of two tenants is two places."""
    store.it.add([item("1", "shop's")])
    assert store.it.add([item("1", "clinic's", tenant="clinic")]) == [Put.WRITTEN]
    shop, clinic = store.it.find([key("1"), key("1", "clinic")])
    assert shop.record is not None
    assert clinic.record is not None
    assert (shop.record["content"]["S"], clinic.record["content"]["S"]) == ("shop's", "clinic's")


def test_one_of_sixteen_threads_gets_the_place(store: Store) -> None:
    """Of sixteen writers at one place at the same time exactly one wins, each of ten times."""
    for round_number in range(10):
        barrier = threading.Barrier(16)

        def write(writer: int, barrier: threading.Barrier = barrier, place: str = str(round_number)) -> Put:
            barrier.wait()
            return store.it.add([item(place, str(writer))])[0]

        with ThreadPoolExecutor(16) as pool:
            outcomes = list(pool.map(write, range(16)))
        assert sorted(outcome.value for outcome in outcomes) == ["taken"] * 15 + ["written"]
        assert contents(store, str(round_number)) == [str(outcomes.index(Put.WRITTEN))]
