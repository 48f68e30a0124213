"""A canary answers like any other token, and asking for one sets an alarm off and is on record."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import policies
from tests.support.answers import problem
from tests.support.faults import dumps
from tests.support.logs import captured_lines
from tests.support.world import Answer, World, world

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


def mark(account: World, *tokens: str, written: dict[str, Any] | None = None) -> None:
    written = written or policies.document()
    written["tenants"]["shop"]["canaries"] = list(tokens)
    account.deploy(written)


def alarms(lines: list[dict[str, Any]]) -> int:
    """What the metric has counted."""
    return int(sum(line.get("CanaryRevealed", 0) for line in lines))


def events(account: World, action: str) -> list[dict[str, Any]]:
    found = [item for item in account.items("audit") if item["action"]["S"] == action]
    return sorted(found, key=lambda item: item["sk"]["S"])


def same(answer: Answer, other: Answer, tokens: dict[str, str]) -> None:
    """Status, headers and body are alike, except the tokens' text and times and the request's id."""
    text = _compared(answer)
    for mine, theirs in tokens.items():
        text = text.replace(mine, theirs)
    assert text == _compared(other)
    assert (answer.status, answer.raw.all_headers) == (other.status, other.raw.all_headers)


def _compared(answer: Answer) -> str:
    differing = {name: "" for name in ("request_id", "created") if name in answer.body}
    return json.dumps({**answer.body, **differing}, sort_keys=True)


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


def test_a_canary_costs_no_call(account: World, canary: str) -> None:
    """It stands in the request's own event, so nothing takes longer for it."""
    account.detokenize(canary)
    account.calls.clear()
    account.detokenize(canary)
    assert account.calls == ["dynamodb.Query", "dynamodb.PutItem"]


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


def test_a_canary_stands_in_the_requests_own_event(account: World, canary: str) -> None:
    """So a container that dies leaves a whole chain; it says who asked for which."""
    account.detokenize(canary, "text_unknown")
    [asked] = events(account, "detokenize")
    assert asked["canaries"] == {"L": [{"S": canary}]}
    assert [entry["M"]["outcome"]["S"] for entry in asked["outcomes"]["L"]] == ["revealed", "unknown"]


def test_a_refused_request_for_a_canary_is_on_record(account: World, canary: str) -> None:
    """The policy names the token, so it may be repeated although nothing was looked up."""
    problem(account.detokenize(canary, "4111111111111111", client="checkout"), 403, "not_permitted")
    [refused] = events(account, "detokenize")
    assert (refused["canaries"], refused["refusal"]) == ({"L": [{"S": canary}]}, {"S": "not_permitted"})
    assert "4111111111111111" not in dumps(account.items("audit"))


def test_asking_to_see_a_canary_is_asking_for_it(account: World) -> None:
    """An approval of one, of one that never was, a refused request for one: the answers are as ever."""
    account.deploy(policies.approving())
    plain, token = (account.tokenize(TEXT).only["token"] for _ in range(2))
    mark(account, token, PLANTED, written=policies.approving())
    with captured_lines() as lines:
        assert account.ask_approval(plain).status == 200
        assert alarms(lines()) == 0
        assert account.ask_approval(plain, token).status == 200
        assert alarms(lines()) == 1
        same(account.ask_approval(PLANTED), account.ask_approval("text_unknown"), {})
        problem(account.ask_approval(token, purpose="marketing"), 403, "not_permitted")
        assert alarms(lines()) == 2
    asked = [event.get("canaries") for event in events(account, "approvals.ask")]
    made, planted = ({"L": [{"S": canary}]} for canary in (token, PLANTED))
    assert asked == [None, made, planted, None, made]


def test_other_requests_have_no_canaries(account: World, canary: str) -> None:
    """An event without one looks as it always did."""
    account.detokenize(account.tokenize(TEXT).only["token"])
    [asked] = events(account, "detokenize")
    assert "canaries" not in asked
