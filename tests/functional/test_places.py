"""A place never falls free: not by expiry, not by erasure; and a value keeps its token even if one did."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.errors import RecordCorrupt
from tests.support import policies
from tests.support.answers import codes
from tests.support.world import World, world

SMALL = {"format": "custom", "options": {"alphabet": "0123456789", "min_length": 5, "max_length": 5}}
TYPES: dict[str, dict[str, Any]] = {
    "short": {**SMALL, "default_ttl_seconds": 60, "max_ttl_seconds": 60, "expected_tokens": 100},
    "known": {**SMALL, "mode": "deterministic", "derivation": "cached", "expected_tokens": 100},
    "opaque": {"format": "text", "default_ttl_seconds": 60, "max_ttl_seconds": 60},
}
LATER = 200
"""Seconds after which a token of a minute is gone for good: its limit, and as long again."""


@pytest.fixture
def account() -> Iterator[World]:
    """An account with a formatted type that expires beside a deterministic one in the same small space."""
    with world(policies.document(TYPES)) as made:
        yield made


def remove_by_ttl(account: World, now: float) -> int:
    """What DynamoDB does by itself: removes every item whose `ttl` is in the past."""
    due = [item for item in account.items("vault") if int(item.get("ttl", {"N": now + 1})["N"]) <= now]
    for item in due:
        account.dynamodb.delete_item(TableName="vault", Key={"pk": item["pk"], "sk": item["sk"]})
    return len(due)


def values(count: int) -> list[str]:
    return [f"{number * 131 % 100_000:05}" for number in range(count)]


def made(account: World, kind: str, given: list[str]) -> list[str]:
    answer = account.tokenize(*[{"type": kind, "value": value} for value in given])
    return [result["token"] for result in answer.body["results"]]


def test_places_of_expired_tokens_stay_taken(account: World, clock: Any) -> None:
    """DynamoDB removes none of them; the maintenance function leaves a tombstone in each."""
    account.restart()
    given = values(60)
    tokens = made(account, "short", given)
    clock(LATER)
    assert remove_by_ttl(account, time.time() + LATER) == 0
    account.maintain()
    left = {item["pk"]["S"]: set(item) for item in account.items("vault")}
    assert left == {f"shop#{token}": {"pk", "sk", "expired"} for token in tokens}
    answer = account.detokenize(*tokens)
    assert {result["error"]["code"] for result in answer.body["results"]} == {"token_not_found"}
    last = max(account.events(), key=lambda event: event["sk"]["S"])
    assert {outcome["M"]["outcome"]["S"] for outcome in last["outcomes"]["L"]} == {"expired"}


def test_opaque_tokens_are_removed_by_dynamodb(account: World) -> None:
    """No other record is ever written to their places, so their items may go."""
    made(account, "opaque", ["a", "b"])
    assert remove_by_ttl(account, time.time() + LATER) == 2


def test_a_deterministic_value_keeps_its_token_beside_expiring_ones(account: World, clock: Any) -> None:
    """Whatever expires beside it in one space: the value is found, and has one token, which opens."""
    account.restart()
    made(account, "short", values(90))
    given = values(90)
    first = made(account, "known", given)
    clock(LATER)
    account.maintain()
    assert made(account, "known", given) == first
    found = account.search(*[{"type": "known", "value": value} for value in given])
    assert [result["token"] for result in found.body["results"]] == first
    assert [result["value"] for result in account.detokenize(*first).body["results"]] == given


def test_a_value_keeps_its_token_although_an_earlier_place_fell_free(account: World) -> None:
    """A second defence: all places are looked at before a free one is taken."""
    [token] = made(account, "known", ["12345"])
    account.erase(token=token)
    [second] = made(account, "known", ["12345"])
    assert second != token
    for sort in ("record", "erased"):
        key = {"pk": {"S": f"shop#{token}"}, "sk": {"S": sort}}
        account.dynamodb.delete_item(TableName="vault", Key=key)
    assert made(account, "known", ["12345"]) == [second]
    [found] = account.search({"type": "known", "value": "12345"}).body["results"]
    assert found["token"] == second


def test_a_keyed_retry_finds_its_tokens_although_earlier_draws_fell_free(account: World) -> None:
    """It looks for its own at all draws before it writes."""
    key = "k" * 22
    given = [{"type": "short", "value": value} for value in values(80)]
    made(account, "short", values(95))
    first = account.tokenize(*given, idempotency_key=key).body
    mine = {f"shop#{result['token']}" for result in first["results"]}
    for item in account.items("vault"):
        if item["pk"]["S"] not in mine:
            account.dynamodb.delete_item(TableName="vault", Key={"pk": item["pk"], "sk": item["sk"]})
    account.calls.clear()
    assert account.tokenize(*given, idempotency_key=key).body == first
    assert "dynamodb.BatchWriteItem" not in account.calls
    assert account.calls.count("dynamodb.PutItem") == 1, "the look at the request, and no record"


@pytest.mark.parametrize("removed", [False, True], ids=["expired", "removed"])
def test_a_replay_after_the_time_limit_changed_finds_what_expired(
    account: World, clock: Any, removed: bool
) -> None:
    """Its token is gone, and it gets no other one, although the limit of now would let it live."""
    account.restart()
    key = "k" * 22
    given = [{"type": "short", "value": value} for value in values(5)]
    account.tokenize(*given, idempotency_key=key)
    clock(LATER)
    if removed:
        account.maintain()
    longer = {"default_ttl_seconds": 3600, "max_ttl_seconds": 3600}
    account.deploy(policies.document({**TYPES, "short": {**TYPES["short"], **longer}}))
    again = account.tokenize(*given, idempotency_key=key)
    assert codes(again) == ["token_not_found"] * 5
    assert len(account.items("vault")) == 5


@pytest.mark.parametrize("left", ["record", "erased"])
def test_half_of_an_erasure_keeps_the_place(account: World, left: str) -> None:
    """Tombstone alone, or marker beside the record: nothing is written there, and nothing opens."""
    [token] = made(account, "known", ["54321"])
    record = account.stored(token)
    account.erase(token=token)
    if left == "erased":
        account.store(record)
    else:
        key = {"pk": {"S": f"shop#{token}"}, "sk": {"S": "erased"}}
        account.dynamodb.delete_item(TableName="vault", Key=key)
    [again] = made(account, "known", ["54321"])
    assert again != token
    assert account.detokenize(token).only["error"]["code"] == "token_not_found"


def test_an_eraser_that_dies_half_way_has_written_the_marker(account: World) -> None:
    """What another Region makes of the record meanwhile may win over a tombstone, and never over a marker."""
    [token] = made(account, "known", ["54321"])
    writes = iter([None, RuntimeError("the function died")])
    account.fault = lambda name, _: next(writes, None) if name == "dynamodb.BatchWriteItem" else None
    assert account.erase(token=token).status == 500
    account.fault = None
    left = {item["sk"]["S"] for item in account.items("vault") if item["pk"]["S"] == f"shop#{token}"}
    assert left == {"record", "erased"}
    assert "value" in account.stored(token)
    assert account.detokenize(token).only["error"]["code"] == "token_not_found"


def test_expiring_goes_on_where_it_stopped(account: World, clock: Any) -> None:
    """A run that fails half way leaves the rest to the next one."""
    account.restart()
    tokens = made(account, "short", values(30))
    clock(LATER)
    writes = iter([None, RecordCorrupt("not reached")])

    def fail(name: str, given: dict[str, Any]) -> Exception | None:
        return next(writes, None) if name == "dynamodb.BatchWriteItem" else None

    account.fault = fail
    with pytest.raises(RecordCorrupt):
        account.maintain()
    account.fault = None
    account.maintain()
    assert {item["pk"]["S"] for item in account.items("vault") if "expired" in item} == {
        f"shop#{token}" for token in tokens
    }
