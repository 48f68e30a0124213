"""One suite for every token store, on what erasing leaves and how a subject's tokens are found."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from chalicelib.crypto.record_cipher import SIGNATURE
from chalicelib.items import Item
from chalicelib.vault.token_items import (
    AGAIN,
    ERASED,
    EXPIRED,
    EXPIRY_QUEUE,
    EXPIRY_QUEUES,
    ORIGIN,
    RECORD,
    REMOVE_AT,
    SUBJECT,
)
from chalicelib.vault.tokens import KeyPage, Put, Tombstone, Vacant
from tests.support.token_stores import Store, contents, item, key, token_store


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with token_store(request.param) as made:
        yield made


NOW = 1_800_000_000


def owned(token: str, subject: str, tenant: str = "shop", **more: Item) -> Item:
    """A record of a subject."""
    return {**item(token, tenant=tenant), SUBJECT: {"S": f"{tenant}#{subject}"}, **more}


def test_a_subjects_tokens_come_in_pages(store: Store) -> None:
    """Each once, in an order that stays when the token that a page ended with is erased meanwhile."""
    store.it.add([owned(f"{number:03}", "p") for number in range(7)])
    store.it.add([owned("other", "q"), owned("008", "p", "clinic")])
    first = store.it.page_of_subject("shop", "p", None, 3)
    assert len(first.keys) == 3
    assert first.last is not None
    erase(store, first.last)
    second = store.it.page_of_subject("shop", "p", first.last, 100)
    assert second.last is None
    assert sorted(found.token for found in first.keys + second.keys) == [f"{n:03}" for n in range(7)]
    assert store.it.page_of_subject("shop", "nobody", None, 3) == KeyPage(())


def erase(store: Store, *tokens: str) -> None:
    store.it.erase(store.it.find([key(token) for token in tokens]), NOW)


def in_place(store: Store, token: str) -> Item:
    """What lies in the place of a token's record."""
    return store.raw(key(token).item_key(RECORD)) or {}


def test_an_erased_token_is_found_to_be_erased(store: Store) -> None:
    """Marker and tombstone are both there, nothing of the record is, and others are as they were."""
    store.it.add([item("1"), item("2")])
    erase(store, "1")
    assert store.it.find([key("1")]) == [Tombstone(key("1"), since=NOW)]
    assert in_place(store, "1") == {**key("1").item_key(RECORD), ERASED: {"N": str(NOW)}}
    assert contents(store, "1", "2") == [None, "a"]


def test_a_tombstone_keeps_its_place(store: Store) -> None:
    """No other value is ever given the token of an erased one."""
    store.it.add([item("1")])
    erase(store, "1")
    assert store.it.add([item("1", "another")]) == [Put.TAKEN]
    assert store.it.find([key("1")]) == [Tombstone(key("1"), since=NOW)]


def test_a_tombstone_alone_and_a_marker_alone_will_do(store: Store) -> None:
    """A crash between the two writes, or a record that came back, leaves one of them."""
    store.overwrite({**key("1").item_key(RECORD), ERASED: {"N": str(NOW)}})
    store.it.add([item("2")])
    store.overwrite({**key("2").item_key(ERASED), "at": {"N": str(NOW)}})
    for tokens in (["1"], ["2"], ["1", "2"]):
        keys = [key(token) for token in tokens]
        assert store.it.find(keys) == [Tombstone(place, since=NOW) for place in keys]


def test_a_tombstone_keeps_the_mark_of_its_request_and_nothing_else(store: Store) -> None:
    """So a retry of the request knows its own place again; the subject is no longer named."""
    store.it.add([owned("1", "p", **{ORIGIN: {"B": b"mark"}})])
    erase(store, "1")
    assert set(in_place(store, "1")) == {"pk", "sk", ERASED, ORIGIN}
    assert store.it.find([key("1")]) == [Tombstone(key("1"), b"mark", since=NOW)]
    erase(store, "1")
    assert set(in_place(store, "1")) == {"pk", "sk", ERASED, ORIGIN, AGAIN}
    assert store.it.find([key("1")]) == [Tombstone(key("1"), b"mark", since=NOW, again=NOW)]


def test_each_erasure_changes_both_items(store: Store) -> None:
    """Also within one second: what changes nothing is not replicated, and the last one may not have been."""
    store.it.add([item("1")])
    seen = list[tuple[Item | None, Item | None]]()
    for _ in range(4):
        erase(store, "1")
        seen.append((store.raw(key("1").item_key(RECORD)), store.raw(key("1").item_key(ERASED))))
    for (record, marked), (record_after, marked_after) in pairwise(seen):
        assert record != record_after
        assert marked != marked_after


def test_erasing_what_is_not_there_takes_the_place(store: Store) -> None:
    """The clean-up erases by key alone, whatever it would have found."""
    store.it.erase([Vacant(key("1"))], NOW)
    assert store.it.find([key("1")]) == [Tombstone(key("1"), since=NOW)]


def test_erased_again_it_was_erased_when_it_was(store: Store) -> None:
    """The first time stands beside the latest, so a replay can tell what was made after either; what is
    missing is written."""
    store.it.add([item("1")])
    erase(store, "1")
    for later in (NOW + 60, NOW + 90):
        store.it.erase(store.it.find([key("1")]), later)
        assert store.it.find([key("1")]) == [Tombstone(key("1"), since=NOW, again=later)]
    store.overwrite(item("1"))
    store.it.erase(store.it.find([key("1")]), NOW + 60)
    times = {ERASED: {"N": str(NOW)}, AGAIN: {"N": str(NOW + 60)}}
    assert in_place(store, "1") == {**key("1").item_key(RECORD), **times}


def test_what_had_expired_is_erased_from_now_on(store: Store) -> None:
    """Its own time was not one of an erasure."""
    store.it.expire([Tombstone(key("1"), reason="expired")], NOW)
    erase(store, "1")
    assert store.it.find([key("1")]) == [Tombstone(key("1"), since=NOW)]


@pytest.mark.parametrize("count", [0, 1, 60])
def test_any_number_is_erased_at_once(store: Store, count: int) -> None:
    """More than DynamoDB takes in one request is erased all the same."""
    tokens = [str(number) for number in range(count)]
    store.it.put_opaque([item(token) for token in tokens])
    erase(store, *tokens)
    keys = [key(token) for token in tokens]
    assert store.it.find(keys) == [Tombstone(place, since=NOW) for place in keys]


def test_a_subjects_tokens_are_found(store: Store) -> None:
    """Those of the subject and of no other, of the tenant and of no other, and none without a subject."""
    store.it.add([owned("1", "p"), owned("2", "p"), owned("3", "p2"), item("4"), owned("5", "p", "clinic")])
    assert sorted(found.token for found in store.it.of_subject("shop", "p")) == ["1", "2"]
    assert list(store.it.of_subject("clinic", "p")) == [key("5", "clinic")]
    assert list(store.it.of_subject("shop", "nobody")) == []


def test_erased_tokens_are_no_longer_a_subjects(store: Store) -> None:
    """So the clean-up gets shorter, and in the end finds nothing."""
    store.it.add([owned("1", "p"), owned("2", "p")])
    erase(store, "1")
    assert [found.token for found in store.it.of_subject("shop", "p")] == ["2"]
    erase(store, "2")
    assert list(store.it.of_subject("shop", "p")) == []


def test_finding_goes_on_while_what_was_found_is_erased(store: Store) -> None:
    """A subject with many tokens is cleaned up page by page."""
    padding = {"padding": {"S": "x" * 5000}}
    for start in range(0, 400, 100):
        store.it.put_opaque([owned(f"{n:04}", "p", **padding) for n in range(start, start + 100)])
    seen = set()
    for found in store.it.of_subject("shop", "p"):
        seen.add(found.token)
        store.it.erase([Vacant(found)], NOW)
    assert len(seen) == 400


def test_a_tombstone_has_no_signature(store: Store) -> None:
    """It is no record, and no write is ever taken for it."""
    store.it.add([item("1")])
    erase(store, "1")
    assert SIGNATURE not in in_place(store, "1")


def expiring(token: str, at: int, **more: Item) -> Item:
    """A record that is to be removed from a time on."""
    queue = EXPIRY_QUEUES[int(token) % len(EXPIRY_QUEUES)]
    return {**item(token), EXPIRY_QUEUE: {"S": queue}, REMOVE_AT: {"N": str(at)}, **more}


def test_expired_records_leave_tombstones_that_keep_the_mark_of_their_request(store: Store) -> None:
    """Those whose time is up, and no others; their places stay taken, and they are not found again."""
    marked = {ORIGIN: {"B": b"request"}}
    store.it.add([expiring("1", NOW, **marked), expiring("2", NOW - 1), expiring("3", NOW + 1), item("4")])
    due = sorted(store.it.expired(NOW), key=lambda tombstone: tombstone.key.token)
    assert due == [
        Tombstone(key("1"), b"request", reason="expired"),
        Tombstone(key("2"), reason="expired"),
    ]
    store.it.expire(due, NOW + 5)
    assert store.it.find([key("1"), key("2")]) == due
    assert in_place(store, "1") == {**key("1").item_key(RECORD), EXPIRED: {"N": str(NOW + 5)}, **marked}
    assert contents(store, "3", "4") == ["a", "a"]
    assert store.it.add([item("1", "another")]) == [Put.TAKEN]
    assert list(store.it.expired(NOW)) == []
