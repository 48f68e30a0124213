"""What passes is sent again, a little later; what does not is told at once."""

from collections.abc import Callable
from typing import Any

import pytest
from tokenvault_client import (
    Client,
    ConfigurationError,
    InvalidRequest,
    ItemError,
    Retries,
    Throttled,
    TokenFacts,
    TokenizeItem,
    Unavailable,
)

from tests.client.service import HANG_UP, Answer, Service, problem

PASSING = [problem(429, "throttled"), problem(502, "function_failed"), problem(503, "store_unavailable")]
PASSING += [problem(504, "function_timeout"), HANG_UP, Answer(503, b"<html>")]

CALLS: dict[str, Callable[[Client], Any]] = {
    "tokenize": lambda client: client.tokenize([TokenizeItem("text", "ab")]),
    "detokenize": lambda client: client.detokenize(["ab"]),
    "facts": lambda client: client.facts("ab"),
    "erase": lambda client: client.erase_token("ab"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize("answer", PASSING, ids=lambda answer: str(answer.status))
def test_what_passes_is_sent_again(service: Service, call: Callable[[Client], Any], answer: Answer) -> None:
    """Three times, then the fourth answer counts; the very same request each time."""
    service.script += [answer] * 3
    call(service.client())
    assert len(service.seen) == 4
    assert len({(seen.path, seen.raw, seen.headers.get("Idempotency-Key")) for seen in service.seen}) == 1


@pytest.mark.parametrize(
    ("answer", "kind"), [(PASSING[0], Throttled), (PASSING[2], Unavailable), (HANG_UP, Unavailable)]
)
def test_it_ends(service: Service, answer: Answer, kind: type[Exception]) -> None:
    """After the last attempt the last answer is the error."""
    service.script += [answer] * 9
    with pytest.raises(kind):
        service.client(attempts=2).types()
    assert len(service.seen) == 2


def test_no_server_at_all_is_unavailable(service: Service) -> None:
    """Nobody listens on port 1."""
    client = Client(service.settings(url="http://127.0.0.1:1"), retries=Retries(attempts=1))
    with pytest.raises(Unavailable, match="unreachable: no answer came"):
        client.types()


@pytest.mark.parametrize(
    "answer",
    [
        problem(500, "internal_error"),
        problem(500, "record_corrupt"),
        problem(500, "store_refused"),
        problem(500, "key_refused"),
        problem(400, "x"),
        problem(503, "a_key_that_somebody_disabled"),
    ],
)
def test_what_does_not_pass_is_not_sent_again(service: Service, answer: Answer) -> None:
    """Neither a fault of the service's nor one of the request's."""
    service.script.append(answer)
    with pytest.raises((Unavailable, InvalidRequest)) as raised:
        service.client().types()
    assert len(service.seen) == 1
    assert not raised.value.retryable


def test_an_item_that_the_store_refuses_is_not_sent_again(service: Service) -> None:
    """Though its request is under a key: the item says that no retry helps, and the others have tokens."""
    facts = {"token": "first", "type": "text", "created": "2026-01-02T03:04:05Z", "expires_at": None}
    half = {"results": [facts, {"error": {"code": "store_refused", "detail": "see the log"}}]}
    service.script += [Answer(200, half)]
    made, failed = service.client().tokenize([TokenizeItem("text", "ab"), TokenizeItem("text", "cd")])
    assert isinstance(made, TokenFacts)
    assert isinstance(failed, ItemError)
    assert (failed.retryable, len(service.seen)) == (False, 1)


def test_waits_grow_are_drawn_and_have_a_limit(service: Service) -> None:
    """Full jitter: a drawn part of a limit that doubles up to the longest wait."""
    waits: list[float] = []
    service.script += [problem(503, "store_unavailable")] * 5
    service.client(attempts=6, first_wait=1, longest_wait=6, sleep=waits.append, draw=lambda: 0.5).types()
    assert waits == [0.5, 1, 2, 3, 3]


@pytest.mark.parametrize("asked", [{"retry_after": "7"}, {"retry_after": "99", "body": 7}])
def test_what_the_service_asks_for_comes_on_top(service: Service, asked: dict[str, Any]) -> None:
    """From the header, or from the document, which is more exact."""
    waits: list[float] = []
    answer = problem(429, "throttled", retry_after=asked["retry_after"])
    service.script.append(
        Answer(429, {**answer.body, "retry_after": asked["body"]}, answer.headers)
        if "body" in asked
        else answer
    )
    service.client(first_wait=1, sleep=waits.append, draw=lambda: 0.5).types()
    assert waits == [7.5]


def test_a_long_wait_is_left_to_the_caller(service: Service) -> None:
    """A budget of an hour is not slept through; the error says when to come back."""
    service.script.append(problem(429, "budget_exceeded", retry_after="1800"))
    with pytest.raises(Throttled) as raised:
        service.client().types()
    assert raised.value.problem.retry_after == 1800
    assert raised.value.retryable
    assert len(service.seen) == 1


def test_more_than_an_hour_has_is_sent_once(service: Service) -> None:
    """A budget that says no time never has so much: only a smaller request gets past it."""
    service.script.append(problem(429, "budget_exceeded"))
    with pytest.raises(Throttled) as raised:
        service.client().types()
    assert (raised.value.retryable, raised.value.problem.never_fits) == (False, True)
    assert len(service.seen) == 1


@pytest.mark.parametrize("nonsense", ["soon", "-1", "nan", "inf", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_nonsense_in_retry_after_is_passed_over(service: Service, nonsense: str) -> None:
    """It is no reason to fail, or to wait for ever."""
    waits: list[float] = []
    service.script.append(problem(429, "throttled", retry_after=nonsense))
    service.client(sleep=waits.append).types()
    assert waits == [0]


def test_a_request_without_attempts_or_time_is_refused(service: Service) -> None:
    """It would never be sent."""
    with pytest.raises(ConfigurationError, match="at least 1"):
        Retries(attempts=0)
    with pytest.raises(ConfigurationError, match="more than 0"):
        Retries(attempt_seconds=0)
    with pytest.raises(ConfigurationError, match="timeout_seconds must be more than 0"):
        Client(service.settings(), timeout_seconds=0)
    with pytest.raises(ConfigurationError, match="parallel at least 1"):
        Client(service.settings(), parallel=0)


def test_tokenize_has_a_long_random_key_of_its_own_each_time(service: Service) -> None:
    """At least 128 bits: 22 characters of base64url; another call has another."""
    client = service.client()
    for _ in range(2):
        client.tokenize([TokenizeItem("text", "ab")])
    keys = [seen.headers["Idempotency-Key"] for seen in service.seen]
    assert len(set(keys)) == 2
    assert all(len(key) >= 22 for key in keys)


def test_an_item_that_met_a_passing_failure_is_sent_again_under_the_same_key(service: Service) -> None:
    """The whole request: under its key the others keep their tokens."""
    facts = {"token": "first", "type": "text", "created": "2026-01-02T03:04:05Z", "expires_at": None}
    half = {"results": [facts, {"error": {"code": "store_unavailable", "detail": "send it again"}}]}
    service.script += [Answer(200, half)]
    made = service.client().tokenize([TokenizeItem("text", "ab"), TokenizeItem("text", "cd")])
    assert [facts.token for facts in made if isinstance(facts, TokenFacts)] == ["ba", "dc"]
    first, second = service.seen
    assert first.raw == second.raw
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    service.script += [Answer(200, half)] * 4
    _, failed = service.client().tokenize([TokenizeItem("text", "ab"), TokenizeItem("text", "cd")])
    assert isinstance(failed, ItemError)
    assert failed.retryable


def test_connections_are_kept(service: Service) -> None:
    """Ten calls need two: one to the API, one to the token endpoint."""
    client = service.client()
    for _ in range(10):
        client.types()
    assert service.connections == 2
    client.close()
    client.types()
    assert service.connections == 3
