"""A canary answers like any other token, and whoever asks for one sets an alarm off and is on record."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.functional.test_bad_input import problem
from tests.support import policies
from tests.support.faults import DYNAMODB_FAULTS, dumps
from tests.support.world import Answer, World, captured_lines, world

TEXT = {"type": "text", "value": "some text"}
PLANTED = "a-token-that-never-was"


@pytest.fixture
def account() -> Iterator[World]:
    """An account with two tokens of the same value."""
    with world() as made:
        yield made


@pytest.fixture
def canary(account: World) -> str:
    """A token that the next deploy makes a canary, as an operator does."""
    token = str(account.tokenize(TEXT).only["token"])
    mark(account, token, PLANTED)
    return token


def mark(account: World, *tokens: str) -> None:
    written = policies.document()
    written["tenants"]["shop"]["canaries"] = list(tokens)
    account.put_policy(written)
    account.restart()


def alarms(lines: list[dict[str, Any]]) -> int:
    """What the metric has counted."""
    return int(sum(line.get("CanaryRevealed", 0) for line in lines))


def events(account: World, action: str) -> list[dict[str, Any]]:
    found = [item for item in account.items("audit") if item["action"]["S"] == action]
    return sorted(found, key=lambda item: item["sk"]["S"])


def same(one: Answer, other: Answer, tokens: dict[str, str]) -> None:
    """Status, headers and body are alike, but for the tokens' text and the request's id."""
    text = json.dumps({**one.body, "request_id": ""}, sort_keys=True)
    for mine, theirs in tokens.items():
        text = text.replace(mine, theirs)
    assert text == json.dumps({**other.body, "request_id": ""}, sort_keys=True)
    assert (one.status, one.raw.all_headers) == (other.status, other.raw.all_headers)


def test_a_canary_answers_like_any_other(account: World, canary: str) -> None:
    """In full, masked, among others, and refused: nobody can tell it from the answer."""
    plain = account.tokenize(TEXT).only["token"]
    swap = {canary: plain}
    same(account.detokenize(canary), account.detokenize(plain), swap)
    same(account.masked(canary), account.masked(plain), swap)
    same(account.detokenize(plain, canary), account.detokenize(plain, plain), swap)
    same(account.detokenize(canary, purpose=None), account.detokenize(plain, purpose=None), swap)
    same(account.detokenize(PLANTED), account.detokenize("text_unknown"), {})
    same(account.facts(canary), account.facts(plain), swap)


def test_a_canary_costs_no_read_and_waits_for_nothing_more(account: World, canary: str) -> None:
    """Its own event is one more write, side by side with the request's, and nothing besides."""
    account.detokenize(canary)
    account.calls.clear()
    account.detokenize(canary)
    assert account.calls == ["dynamodb.Query", "dynamodb.PutItem", "dynamodb.PutItem"]


def test_whoever_asks_for_a_canary_sets_the_alarm_off(account: World, canary: str) -> None:
    """Full or masked, found or not, permitted or not; other tokens do not."""
    with captured_lines() as lines:
        account.detokenize(account.tokenize(TEXT).only["token"])
        account.detokenize(canary, client="intake", purpose="treatment")
        assert alarms(lines()) == 0
        account.detokenize(canary, "text_unknown", canary)
        assert alarms(lines()) == 2
        account.masked(canary)
        account.detokenize(PLANTED)
        problem(account.detokenize(canary, purpose="marketing"), 403, "not_permitted")
        assert alarms(lines()) == 3


def test_a_canary_has_an_event_of_its_own(account: World, canary: str) -> None:
    """It says who asked for which, beside the request's own event and in the same chain."""
    account.detokenize(canary, "text_unknown")
    [own] = events(account, "canary")
    [asked] = events(account, "detokenize")
    assert own["outcomes"]["L"] == [{"M": {"outcome": {"S": "asked"}, "token": {"S": canary}}}]
    assert (own["client"], own["purpose"], own["request_id"]) == (
        asked["client"],
        asked["purpose"],
        asked["request_id"],
    )
    assert own["previous"] == asked["mac"]
    assert [one["M"]["outcome"]["S"] for one in asked["outcomes"]["L"]] == ["revealed", "unknown"]


def test_a_refused_request_for_a_canary_is_on_record(account: World, canary: str) -> None:
    """The policy names the token, so it may be repeated although nothing was looked up."""
    problem(account.detokenize(canary, "4111111111111111", client="checkout"), 403, "not_permitted")
    [own] = events(account, "canary")
    assert own["outcomes"]["L"] == [{"M": {"outcome": {"S": "asked"}, "token": {"S": canary}}}]
    assert "4111111111111111" not in dumps(account.items("audit"))


def test_no_value_without_both_events(account: World, canary: str) -> None:
    """Where either cannot be written nothing is revealed; the next request brings both in order."""

    def fail_own(name: str, given: dict[str, Any]) -> Exception | None:
        is_own = name == "dynamodb.PutItem" and given["Item"].get("action") == {"S": "canary"}
        return DYNAMODB_FAULTS["read timeout"] if is_own else None

    account.fault = fail_own
    problem(account.detokenize(canary), 503, "store_unavailable")
    account.fault = None
    assert account.detokenize(canary).status == 200
    trail = events(account, "canary") + events(account, "detokenize")
    assert sorted(int(item["sequence"]["N"]) for item in trail) == [0, 1, 2, 3]
