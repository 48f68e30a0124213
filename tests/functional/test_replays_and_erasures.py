"""A late write or a retry that meets an erasure does not undo it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.vault.batches import Batches
from chalicelib.vault.dynamodb import Backoff
from chalicelib.vault.subject_items import pending_item
from chalicelib.vault.subject_table import SubjectTable
from chalicelib.vault.subjects import Erasure
from tests.support.world import World, world

KEY = "k" * 22
ITEMS = [
    {"type": "text", "value": "opaque"},
    {"type": "card_number", "value": "4111111111111111"},
    {"type": "card_known", "value": "4111111111111111"},
    {"type": "text_known", "value": "known"},
]
KNOWN = ITEMS[2]


@pytest.fixture
def account() -> Iterator[World]:
    """An account for each test."""
    with world() as made:
        yield made


def codes(answer: Any) -> list[str]:
    return [result.get("error", {}).get("code", "ok") for result in answer.body["results"]]


def test_a_replay_does_not_undo_the_erasure_of_a_token(account: World) -> None:
    """Random and deterministic alike: sent again, the request finds its tokens erased and makes no others."""
    first = account.tokenize(*ITEMS, idempotency_key=KEY)
    for result in first.body["results"]:
        assert account.erase(token=result["token"]).status == 204
    before = len(account.items("vault"))
    assert codes(account.tokenize(*ITEMS, idempotency_key=KEY)) == ["token_not_found"] * 4
    assert len(account.items("vault")) == before


def test_a_replay_is_told_what_became_of_its_token_and_what_to_do(account: World) -> None:
    """Whoever takes a value in asked for no token; erased and expired are not told apart."""
    said = "no token of this Idempotency-Key is left: erased or expired; a new key takes the value in"
    first = account.tokenize(*ITEMS, idempotency_key=KEY)
    for result in first.body["results"]:
        account.erase(token=result["token"])
    again = account.tokenize(*ITEMS, idempotency_key=KEY)
    assert [result["error"]["detail"] for result in again.body["results"]] == [said] * 4


def test_a_replay_does_not_undo_the_erasure_of_a_subject(account: World) -> None:
    """Before and after the records are cleaned up."""
    given = [{**item, "subject": "p1"} for item in ITEMS]
    account.tokenize(*given, idempotency_key=KEY)
    account.erase(subject="p1")
    assert codes(account.tokenize(*given, idempotency_key=KEY)) == ["subject_erased"] * 4
    account.settle()
    account.maintain()
    assert codes(account.tokenize(*given, idempotency_key=KEY)) == ["subject_erased"] * 4


def test_a_new_request_takes_an_erased_value_in_again(account: World) -> None:
    """Erasing is no ban: only what was sent before the erasure stays erased."""
    first = account.tokenize(*ITEMS, idempotency_key=KEY)
    for result in first.body["results"]:
        account.erase(token=result["token"])
    again = account.tokenize(*ITEMS, idempotency_key="l" * 22)
    assert codes(again) == ["ok"] * 4
    assert codes(account.tokenize(*ITEMS, idempotency_key="l" * 22)) == ["ok"] * 4


def test_a_replay_of_what_was_made_after_an_erasure_finds_it(account: World) -> None:
    """The value was erased before the request, so its replay gives the same answer."""
    old = account.tokenize(ITEMS[2])
    account.erase(token=old.only["token"])
    first = account.tokenize(ITEMS[2], idempotency_key=KEY)
    assert account.tokenize(ITEMS[2], idempotency_key=KEY).body == first.body


def test_a_replay_does_not_answer_a_token_that_was_made_after_an_erasure(account: World) -> None:
    """What the first try answered is gone, although another request took the value in again."""
    first = account.tokenize(ITEMS[2], idempotency_key=KEY)
    with pytest.MonkeyPatch.context() as patch:
        clock = wiring.time.time
        patch.setattr(wiring.time, "time", lambda: clock() + 5)
        account.restart()
        account.erase(token=first.only["token"])
        assert codes(account.tokenize(ITEMS[2])) == ["ok"]
        assert codes(account.tokenize(ITEMS[2], idempotency_key=KEY)) == ["token_not_found"]


def test_erasing_again_does_not_hide_what_was_made_after_the_erasure(account: World) -> None:
    """The second erasure changes nothing: not the time of the first, which replays are held to."""
    first = account.tokenize(ITEMS[2], idempotency_key=KEY)
    with pytest.MonkeyPatch.context() as patch:
        clock, ahead = wiring.time.time, [0]
        patch.setattr(wiring.time, "time", lambda: clock() + ahead[0])
        account.restart()
        for _ in range(2):
            ahead[0] += 5
            account.erase(token=first.only["token"])
            assert codes(account.tokenize(ITEMS[2])) == ["ok"]
        assert codes(account.tokenize(ITEMS[2], idempotency_key=KEY)) == ["token_not_found"]


def test_a_slow_first_write_does_not_overwrite_a_tombstone(account: World) -> None:
    """Under a key each write is conditional: what lands after retry and erasure changes nothing."""
    held: list[dict[str, Any]] = []

    def hold(name: str, given: dict[str, Any]) -> Exception | None:
        if name == "dynamodb.BatchWriteItem":
            raise AssertionError("a write without a condition")
        if name == "dynamodb.PutItem" and given["TableName"] == "vault":
            held.append(given)
        return None

    account.fault = hold
    token = account.tokenize(ITEMS[0], idempotency_key=KEY).only["token"]
    account.fault = None
    account.erase(token=token)
    [late] = held
    assert late["ConditionExpression"] == "attribute_not_exists(pk)"
    with pytest.raises(account.dynamodb.exceptions.ConditionalCheckFailedException):
        account.dynamodb.put_item(**late)
    assert all("value" not in item for item in account.items("vault"))


def test_a_clean_up_that_read_an_old_note_leaves_a_newer_one(account: World) -> None:
    """A subject that was erased again meanwhile stays on the list."""
    with ThreadPoolExecutor(1) as pool:
        client = account.client("dynamodb")
        subjects = SubjectTable(client, "subjects", Batches(client, pool, Backoff()))
        subjects.mark_erased("shop", "p1", Erasure(100, 0, 0))
        [old] = subjects.pending_erasures()
        account.store(pending_item("shop", "p1", 900), "subjects")
        subjects.finish(old)
        [left] = subjects.pending_erasures()
        assert left.since == 900
        subjects.finish(left)
        assert subjects.pending_erasures() == []


def test_eight_replays_beside_an_eraser_never_bring_a_value_back(account: World) -> None:
    """Whatever the order of the threads: once the eraser is done, no token of the request opens."""
    first = account.tokenize(*ITEMS, idempotency_key=KEY)
    tokens = [result["token"] for result in first.body["results"]]
    barrier = threading.Barrier(9)

    def replay(_: int) -> Any:
        barrier.wait()
        return account.tokenize(*ITEMS, idempotency_key=KEY)

    def erase() -> None:
        barrier.wait()
        for token in tokens:
            account.erase(token=token)

    with ThreadPoolExecutor(9) as pool:
        done = pool.submit(erase)
        list(pool.map(replay, range(8)))
        done.result()
    made = {item["pk"]["S"].partition("#")[2] for item in account.items("vault")}
    assert made == set(tokens)
    assert codes(account.detokenize(*tokens)) == ["token_not_found"] * 4


def test_a_replay_goes_by_marks_and_not_by_an_erasers_slow_clock(account: World, clock: Any) -> None:
    """The erasure has a time before the request, whose own token it closed all the same."""
    account.restart()
    first = account.tokenize(KNOWN, idempotency_key=KEY).only["token"]
    clock(-100)
    account.erase(token=first)
    clock(100)
    before = account.items("vault")
    assert codes(account.tokenize(KNOWN, idempotency_key=KEY)) == ["token_not_found"]
    assert account.items("vault") == before


def test_a_replay_does_not_undo_what_an_eraser_with_a_fast_clock_did(account: World, clock: Any) -> None:
    """The token was another request's, so there is no mark, and the erasure has a time yet to come."""
    account.restart()
    account.tokenize(KNOWN)
    found = account.tokenize(KNOWN, idempotency_key=KEY).only["token"]
    clock(100)
    account.erase(token=found)
    clock(-100)
    before = account.items("vault")
    assert codes(account.tokenize(KNOWN, idempotency_key=KEY)) == ["token_not_found"]
    assert account.items("vault") == before


def test_another_requests_erased_token_is_not_taken_for_ones_own(account: World) -> None:
    """A first try loses its place to another request, whose token is erased before it looks again. It takes
    the value's next place, and its replay gets that token."""
    held = list[str]()

    def hold(name: str, given: dict[str, Any]) -> Exception | None:
        if name == "dynamodb.PutItem" and given["TableName"] == "vault" and not held:
            account.fault = None
            held.append(account.tokenize(KNOWN, idempotency_key="l" * 22).only["token"])
            account.erase(token=held[0])
        return None

    account.fault = hold
    token = account.tokenize(KNOWN, idempotency_key=KEY).only["token"]
    assert token != held[0]
    assert account.tokenize(KNOWN, idempotency_key=KEY).only["token"] == token
    assert codes(account.tokenize(KNOWN, idempotency_key="l" * 22)) == ["token_not_found"]
