"""Several Regions in order: which failures move a call to the next, and that none makes a second token."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from tokenvault_client import (
    Client,
    ConfigurationError,
    Endpoint,
    ProblemError,
    Retries,
    Settings,
    TokenizeItem,
    Unavailable,
)
from tokenvault_client.failover import REST_SECONDS, Preference

from tests.client.clock import Clock
from tests.client.service import HANG_UP, Answer, Service, problem, serving
from tests.client.silent import silent

Make = Callable[..., Any]
KEY = "k" * 22
ITEM = [TokenizeItem("text", "ab")]
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def other() -> Iterator[Service]:
    """The service in the next Region."""
    with serving() as made:
        yield made


def both(first: Service, second: Service, **changes: str) -> Settings:
    """Settings of two Regions, the second with credentials of its own."""
    known = second.settings()
    fallback = Endpoint(known.url, known.token_url, "another-id", "another-secret", "another-key")
    return replace(first.settings(**changes), fallbacks=(fallback,))


def asked(service: Service) -> list[str]:
    return [seen.path for seen in service.seen]


MENDED = [
    problem(503, "store_unavailable"),
    problem(503, "key_unavailable"),
    problem(504, "function_timeout"),
]
MENDED += [Answer(502, b"<html>"), HANG_UP]


@pytest.mark.parametrize("answer", MENDED, ids=lambda answer: str(answer.status))
def test_a_failure_of_a_region_is_mended_by_the_next(
    service: Service, other: Service, make: Make, answer: Answer
) -> None:
    """At once, with the credentials of that Region; calls after it do not try the first one."""
    waits: list[float] = []
    client = make(both(service, other), waits=waits)
    service.script.append(answer)
    assert client.facts("t1").token == "t1"
    assert client.detokenize(["ab"])
    client.erase_token("t1")
    assert asked(service) == ["/v1/tokens/t1"]
    assert asked(other) == ["/v1/tokens/t1", "/v1/detokenize", "/v1/tokens/t1"]
    assert {seen.headers["x-api-key"] for seen in other.seen} == {"another-key"}
    assert waits == []


REFUSALS = [
    problem(403, "x"),
    problem(404, "token_not_found"),
    problem(409, "x"),
    problem(429, "quota_exceeded"),
]
REFUSALS += [problem(500, "store_refused"), problem(500, "record_corrupt")]


@pytest.mark.parametrize("answer", REFUSALS, ids=lambda answer: answer.body["code"])
def test_a_refusal_is_the_same_everywhere(
    service: Service, other: Service, make: Make, answer: Answer
) -> None:
    """So is a fault that somebody has to mend: no other Region is asked."""
    service.script.append(answer)
    with pytest.raises(ProblemError):
        make(both(service, other)).facts("t1")
    assert (len(service.seen), other.seen) == (1, [])


def test_a_vault_that_is_restored_is_restored_everywhere(
    service: Service, other: Service, make: Make
) -> None:
    """Elsewhere, erased tokens could open."""
    service.script += [problem(503, "restoring")] * 4
    with pytest.raises(Unavailable):
        make(both(service, other)).facts("t1")
    assert other.seen == []


@pytest.mark.parametrize("answer", [HANG_UP, *MENDED[:3]], ids=lambda answer: str(answer.status))
def test_what_may_have_made_a_token_stays(
    service: Service, other: Service, make: Make, answer: Answer
) -> None:
    """It is sent again where its key is known. Other calls go on in the next Region."""
    client = make(both(service, other))
    service.script += [answer] * 3
    client.tokenize(ITEM)
    assert len({seen.headers["Idempotency-Key"] for seen in service.seen}) == 1
    assert (len(service.seen), other.seen) == (4, [])
    service.script += [answer] * 4
    with pytest.raises(Unavailable):
        client.tokenize(ITEM)
    assert client.tokenize(ITEM)[0].token == "ba"
    assert (len(service.seen), len(other.seen)) == (8, 1)


def test_always_moves_no_reveal_under_an_approval(service: Service, other: Service, make: Make) -> None:
    """An approval is known where it was asked for, and used there or not at all."""
    service.usual = lambda _: problem(503, "store_unavailable")
    with pytest.raises(ProblemError):
        make(both(service, other), failover_tokenize="always").detokenize(
            ["t"], purpose="refund", approval="a" * 22
        )
    assert asked(other) == []


def test_always_sends_it_to_the_next_region(service: Service, other: Service, make: Make) -> None:
    """Which deterministic types allow: the same value has the same token there."""
    client = make(both(service, other), failover_tokenize="always")
    service.script.append(HANG_UP)
    client.tokenize(ITEM, idempotency_key=KEY)
    [first], [second] = service.seen, other.seen
    assert (first.raw, first.headers["Idempotency-Key"]) == (second.raw, second.headers["Idempotency-Key"])


def test_a_half_done_batch_stays(service: Service, other: Service, make: Make) -> None:
    """Some of its items have tokens there, which another Region does not know, whatever is allowed."""
    half = {"results": [{"error": {"code": "store_unavailable", "detail": "send it again"}}]}
    service.script += [Answer(200, half), problem(429, "throttled")]
    make(both(service, other), failover_tokenize="always").tokenize(ITEM)
    assert (len(service.seen), other.seen) == (3, [])


@pytest.mark.parametrize("lost", ["url", "token_url"])
def test_what_was_not_sent_goes_on(service: Service, other: Service, make: Make, lost: str) -> None:
    """Where nobody listens, or no access token is to be had, no token was made."""
    client = make(both(service, other, **{lost: NOWHERE}))
    assert client.tokenize(ITEM)[0].token == "ba"
    assert service.seen == []
    service.script.append(problem(503, "authorizer_unavailable"))
    assert make(both(service, other)).tokenize(ITEM)
    assert (len(service.seen), len(other.seen)) == (1, 2)


def test_a_key_of_the_callers_own_stays_in_the_first_region(
    service: Service, other: Service, make: Make
) -> None:
    """Another process may have sent it there before this one; a Region that failed is tried all the same."""
    client = make(both(service, other))
    service.script.append(problem(503, "store_unavailable"))
    client.types()
    client.tokenize(ITEM, idempotency_key=KEY)
    assert asked(service) == ["/v1/types", "/v1/tokenize"]
    lost = both(service, other, url=NOWHERE)
    with pytest.raises(Unavailable, match="nothing was sent"):
        make(lost).tokenize(ITEM, idempotency_key=KEY)
    assert make(lost, failover_tokenize="always").tokenize(ITEM, idempotency_key=KEY)


def test_where_no_region_serves_all_are_tried_again(service: Service, other: Service, make: Make) -> None:
    """One after the other, with a wait between the rounds; the last error is told."""
    waits: list[float] = []
    client = make(both(service, other), waits=waits)
    service.script += [problem(503, "store_unavailable")] * 2
    other.script += [problem(503, "key_unavailable")]
    client.types()
    assert (len(service.seen), len(other.seen), len(waits)) == (2, 2, 1)
    for region in (service, other):
        region.script += [problem(503, "store_unavailable")] * 9
    with pytest.raises(Unavailable):
        client.types()


def test_a_region_that_hangs_leaves_time_for_the_next(service: Service, other: Service, make: Make) -> None:
    """Half of what there is, with two; a time that short says nothing about the Region."""
    with silent() as url:
        client = make(both(service, other, url=url))
        assert client.types(timeout=0.6)
        assert client._preference.order() == [0, 1] if isinstance(client, Client) else True
        assert client.types(timeout=2.2)
        assert client.types(timeout=0.1)
    assert len(other.seen) == 3


def test_one_caller_tries_a_region_that_has_rested(service: Service, other: Service) -> None:
    """It asks for its health, then sends its own call there; the others come back once that was answered."""
    client = Client(both(service, other), retries=Retries(attempts=1))
    clock = client._preference._clock = Clock()
    service.script.append(problem(503, "store_unavailable"))
    client.types()
    clock.now += REST_SECONDS - 1
    client.types()
    assert asked(service) == ["/v1/types"]
    clock.now += 1
    service.script.append(problem(503, "unhealthy"))
    client.types()
    client.types()
    assert asked(service) == ["/v1/types", "/v1/health"]
    clock.now += REST_SECONDS
    service.on_request = lambda: client.facts("t") if len(asked(service)) == 3 else None
    client.types()
    assert asked(service)[2:] == ["/v1/health", "/v1/types"]
    assert asked(other)[-1] == "/v1/tokens/t"
    client.types()
    assert asked(service)[4:] == ["/v1/types"]
    health = service.seen[1]
    assert not {"Authorization", "x-api-key"} & set(health.headers)


def test_a_region_is_there_again_only_when_it_answered(service: Service, other: Service) -> None:
    """Its health touches no table: a call that fails leaves it alone for another rest."""
    client = Client(both(service, other), retries=Retries(attempts=1))
    clock = client._preference._clock = Clock()
    failing = problem(503, "store_unavailable")
    service.script += [failing, Answer(200, {"status": "ok"}), failing]
    client.types()
    clock.now += REST_SECONDS
    client.types()
    client.types()
    assert asked(service) == ["/v1/types", "/v1/health", "/v1/types"]
    assert asked(other) == ["/v1/types"] * 3


def test_places_are_asked_in_order() -> None:
    """Those that failed last; one at a time is tried, the first of them first, if it would be used."""
    clock = Clock()
    preference = Preference(3, clock)
    assert (preference.order(), preference.to_try()) == ([0, 1, 2], None)
    preference.failed(0)
    preference.failed(2)
    assert (preference.order(), preference.to_try()) == ([1, 0, 2], None)
    clock.now += REST_SECONDS
    assert [preference.to_try(), preference.to_try()] == [0, None]
    preference.answered(0)
    assert preference.order() == [0, 1, 2]


def test_endpoints_come_from_the_environment(service: Service, other: Service) -> None:
    """A number at the end of each variable; what one of them lacks is named, and no secret shown."""
    numbered = {f"{name}_2": text for name, text in other.environment().items()}
    environment = {**service.environment(), "TOKENVAULT_URL": NOWHERE, **numbered}
    assert Client.from_env(environment).types()
    assert len(other.seen) == 1
    settings = Settings.from_env(environment)
    assert [endpoint.url for endpoint in settings.endpoints] == [NOWHERE, other.url]
    assert "a-secret" not in repr(settings)
    assert "an-api-key" not in repr(settings)
    with pytest.raises(ConfigurationError) as raised:
        Settings.from_env({**service.environment(), "TOKENVAULT_URL_3": "http://vault.example"})
    assert raised.value.problems[0] == "TOKENVAULT_URL_2 is not set"
    assert (
        "TOKENVAULT_URL_3 must begin with https:// (http:// only for this machine)" in raised.value.problems
    )
