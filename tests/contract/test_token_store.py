"""One suite for every token store: the fake that unit tests use, and DynamoDB."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from chalicelib.vault.token_items import ERASED
from chalicelib.vault.tokens import Put, Tombstone, UnverifiedRecord, Vacant
from tests.support.token_stores import Store, contents, item, key, token_store


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with token_store(request.param) as made:
        yield made


def test_what_is_added_is_found(store: Store) -> None:
    """An item is found under its token as soon as it is written."""
    assert store.it.add([item("1")]) == [Put.WRITTEN]
    assert contents(store, "1") == ["a"]


def test_a_taken_place_is_left_as_it_is(store: Store) -> None:
    """The second writer is told so, and the first item stands."""
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


def test_an_item_is_replaced_where_it_still_stands(store: Store) -> None:
    """Not where another one stands, a tombstone or nothing; each of a batch has its own outcome."""
    store.it.add([item("1", "old"), item("2", "old"), item("3", "old")])
    store.overwrite(item("2", "other"))
    store.it.erase([Vacant(key("3"))], 1)
    changes = [(item(token, "old"), item(token, "new")) for token in "1234"]
    assert store.replacer.replace(changes) == [Put.WRITTEN, Put.TAKEN, Put.TAKEN, Put.TAKEN]
    assert contents(store, *"1234") == ["new", "other", None, None]
    assert isinstance(store.it.find([key("4")])[0], Vacant)


def test_the_very_same_replacement_may_be_made_again(store: Store) -> None:
    """A write whose answer was lost is sent again, and finds its own item there."""
    store.it.add([item("1", "old")])
    change = (item("1", "old"), item("1", "new"))
    assert [store.replacer.replace([change]) for _ in range(2)] == [[Put.WRITTEN], [Put.WRITTEN]]


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
    known, unknown = store.it.find([key("1"), key("2")])
    assert isinstance(known, UnverifiedRecord)
    assert unknown == Vacant(key("2"))


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
    assert (with_record, without) == (Tombstone(key("1")), Tombstone(key("2")))
    assert store.it.find([key("2")]) == [Tombstone(key("2"))]


def test_tenants_do_not_meet(store: Store) -> None:
    """The same token of two tenants is two places."""
    store.it.add([item("1", "shop's")])
    assert store.it.add([item("1", "clinic's", tenant="clinic")]) == [Put.WRITTEN]
    shop, clinic = store.it.find([key("1"), key("1", "clinic")])
    assert isinstance(shop, UnverifiedRecord)
    assert isinstance(clinic, UnverifiedRecord)
    assert [stored.sealed.item["content"]["S"] for stored in (shop, clinic)] == ["shop's", "clinic's"]


def write_at_once(store: Store, barrier: threading.Barrier, place: str, writer: int) -> Put:
    """What becomes of one writer's item, once all of them stand ready."""
    barrier.wait()
    return store.it.add([item(place, str(writer))])[0]


def test_one_of_sixteen_threads_gets_the_place(store: Store) -> None:
    """Of sixteen writers at one place at the same time exactly one wins, each of ten times."""
    for round_number in range(10):
        barrier = threading.Barrier(16)
        write = partial(write_at_once, store, barrier, str(round_number))
        with ThreadPoolExecutor(16) as pool:
            outcomes = list(pool.map(write, range(16)))
        assert sorted(outcome.value for outcome in outcomes) == ["taken"] * 15 + ["written"]
        assert contents(store, str(round_number)) == [str(outcomes.index(Put.WRITTEN))]
