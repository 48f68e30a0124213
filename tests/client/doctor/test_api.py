"""The checks of the API: a sound one passes, and each gate that stands open is found."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from tokenvault_client.blocking import asking
from tokenvault_client.doctor import Finding, Visitor, api, visitor
from tokenvault_client.held_tokens import HeldTokens
from tokenvault_client.http import HttpTransport
from tokenvault_client.retries import Retries

from tests.client.doctor import gates
from tests.client.doctor.gates import Gate, but
from tests.client.service import HANG_UP, Answer, Seen, Service, problem

CHECKOUT = "vault/tokenize vault/read"
SETTLEMENT = "vault/detokenize"
INTAKE = "vault/tokenize vault/detokenize vault/search"


def checked(service: Service) -> list[Finding]:
    """What all checks of the API find, those of a client too."""
    settings = service.settings()
    transport, endpoint = (HttpTransport(url, 5) for url in (settings.url, settings.token_url))
    tokens = HeldTokens(settings, asking(endpoint, Retries(attempts=1)))
    return [*api.check(transport), *visitor.check(Visitor(transport, tokens, settings.api_key))]


@pytest.mark.parametrize(
    ("scopes", "unchecked"),
    [(CHECKOUT, []), (INTAKE, []), (SETTLEMENT, ["client: marked test token"])],
)
def test_a_sound_api_passes(service: Service, scopes: str, unchecked: list[str]) -> None:
    """Whatever the client may do; what it may not do cannot be tried with it."""
    gates.settle(service, gates.sound, scopes)
    found = checked(service)
    assert [finding.check for finding in found if finding.state == "not_checked"] == unchecked
    assert "failed" not in {finding.state for finding in found}
    assert len(found) == 8


def test_nothing_is_made_but_one_marked_token(service: Service) -> None:
    """A value of no meaning, metadata that says so, and an end within the type's own limit."""
    gates.settle(service, gates.sound, INTAKE)
    checked(service)
    assert {seen.method for seen in service.seen} == {"GET", "POST"}
    [made] = [seen.body for seen in service.seen if seen.path == "/v1/tokenize"]
    [item] = made["items"]
    assert item.pop("value").startswith("tokenvault-doctor-")
    assert item == {"type": "note", "ttl_seconds": 60, "metadata": {"tokenvault_doctor": "test"}}


def test_no_access_token_of_one_side_is_tried_on_the_other_but_where_it_must_fail(service: Service) -> None:
    """A token that reveals never goes to the tokenizing route."""
    gates.settle(service, gates.sound, INTAKE)
    checked(service)
    [made] = [seen for seen in service.seen if seen.path == "/v1/tokenize"]
    assert "detokenize" not in str(made.headers)
    scopes = [seen.raw.decode() for seen in service.asked]
    assert any("scope=vault%2Fsearch+vault%2Ftokenize" in asked for asked in scopes)


OPEN = Answer(200, {"results": [{"error": {"code": "token_not_found", "detail": "x"}}]})


@pytest.mark.parametrize(
    ("gate", "scopes", "failing"),
    [
        (but("/v1/health", Answer(403, {})), CHECKOUT, ["API: answers"]),
        (
            but("/v1/types", Answer(200, gates.TYPES), when=lambda seen: "Authorization" not in seen.headers),
            CHECKOUT,
            ["API: no access token"],
        ),
        (
            but(
                "/v1/types",
                Answer(200, gates.TYPES),
                when=lambda seen: seen.headers.get("Authorization", "").startswith("Bearer ey"),
            ),
            CHECKOUT,
            ["API: forged access token"],
        ),
        (
            but(
                "/v1/types",
                Answer(200, gates.TYPES),
                when=lambda seen: seen.headers.get("Authorization", "").startswith("Bearer e30."),
            ),
            CHECKOUT,
            ["client: no API key"],
        ),
        (but("/v1/search", OPEN), SETTLEMENT, ["client: scope missing"]),
        (
            but("/v1/detokenize", OPEN),
            CHECKOUT,
            ["client: scope missing", "client: reveal that is not permitted"],
        ),
        (but("/v1/detokenize", OPEN), SETTLEMENT, ["client: reveal that is not permitted"]),
        (but("/v1/tokenize", problem(503, "key_unavailable")), CHECKOUT, ["client: marked test token"]),
        (but("/v1/tokenize", OPEN), CHECKOUT, ["client: marked test token"]),
    ],
)
def test_each_open_gate_is_found(service: Service, gate: Gate, scopes: str, failing: list[str]) -> None:
    """By the check that tried it, and no other."""
    gates.settle(service, gate, scopes)
    assert [finding.check for finding in checked(service) if finding.state == "failed"] == failing


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        (200, lambda value: {"token": value}),
        (200, lambda value: {"error": {"code": value}}),
        (500, lambda value: {"code": value}),
    ],
)
def test_an_answer_that_repeats_the_value_is_a_fault(
    service: Service, status: int, changes: Callable[[str], Any]
) -> None:
    """And the finding does not repeat it."""

    def repeating(seen: object) -> Answer:
        answer = gates.sound(seen)  # type: ignore[arg-type]  # what the service hands over
        if getattr(seen, "path", "") != "/v1/tokenize":
            return answer
        value = json.loads(seen.raw)["items"][0]["value"]  # type: ignore[attr-defined]
        return Answer(status, {"results": [{**gates.MADE, **changes(value)}]})

    gates.settle(service, repeating, CHECKOUT)
    [found] = [finding for finding in checked(service) if finding.state == "failed"]
    assert (found.check, found.detail) == ("client: marked test token", "the answer holds the value")


def made_of_it(service: Service) -> Finding:
    """What came of the marked token; whatever it is, nothing else fails, and no check is left out."""
    *others, found = checked(service)
    assert found.check == "client: marked test token"
    assert [other.state for other in others] == ["ok"] * 7
    return found


def of_the_client(seen: Seen) -> bool:
    """Not a request that has to be refused."""
    return "x-api-key" in seen.headers and seen.headers["Authorization"].startswith("Bearer e30.")


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b'{"types": 1E99999999999999999999}',
        ["x"],
        {},
        {"types": None},
        {"types": {"note": "text"}},
        {"types": ["x"]},
        {"types": [*gates.TYPES["types"], {"type": "other", "format": "text"}]},
        {"types": [{**gates.TYPES["types"][0], "type": None}]},
        {"types": [{**gates.TYPES["types"][0], "max_ttl_seconds": "60"}]},
        {"types": [{**gates.TYPES["types"][0], "max_ttl_seconds": True}]},
    ],
)
def test_types_of_another_shape_are_a_fault(service: Service, body: Any) -> None:
    """Of the check that asks for them; nothing is tokenized then."""
    gates.settle(service, but("/v1/types", Answer(200, body), when=of_the_client), CHECKOUT)
    found = made_of_it(service)
    assert (found.state, found.detail) == ("failed", "GET /v1/types answered no list of types")
    assert not [seen for seen in service.seen if seen.path == "/v1/tokenize"]


@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        (problem(503, "store_unavailable"), "not_checked", "GET /v1/types answered 503 store_unavailable"),
        (problem(429, "throttled"), "not_checked", "GET /v1/types answered 429 throttled"),
        (problem(403, "not_permitted"), "failed", "GET /v1/types answered 403 not_permitted"),
        (Answer(404, b"<html>"), "failed", "GET /v1/types answered 404"),
    ],
)
def test_types_that_are_refused_are_told_as_that(
    service: Service, answer: Answer, state: str, detail: str
) -> None:
    """And not as if the client had none that would do."""
    gates.settle(service, but("/v1/types", answer, when=of_the_client), CHECKOUT)
    found = made_of_it(service)
    assert (found.state, found.detail) == (state, detail)


@pytest.mark.parametrize(
    "results",
    [
        None,
        "x",
        {"a": 1},
        [],
        ["x"],
        [{}],
        [{**gates.MADE, "token": 5}],
        [{**gates.MADE, "expires_at": "soon"}],
        [{"token": "tok"}],
        [gates.MADE, gates.MADE],
    ],
)
def test_results_of_another_shape_are_a_fault(service: Service, results: Any) -> None:
    """Of the check that asked for one token."""
    gates.settle(service, but("/v1/tokenize", Answer(200, {"results": results})), CHECKOUT)
    found = made_of_it(service)
    assert (found.state, found.detail) == ("failed", "tokenizing answered 200, with no result for one value")


def test_a_token_that_stays_is_a_fault(service: Service) -> None:
    """It was to expire by itself; whoever reads that it does not knows it by its metadata."""
    stays = {**gates.MADE, "expires_at": None}
    gates.settle(service, but("/v1/tokenize", Answer(200, {"results": [stays]})), CHECKOUT)
    found = made_of_it(service)
    assert found.state == "failed"
    assert found.detail == "made a token that does not expire; its metadata is tokenvault_doctor"


@pytest.mark.parametrize("code", ["\x1b[2J\nok  all", "tokenvault-doctor", "a" * 65, "A", "", 7, ["a"], None])
@pytest.mark.parametrize("status", [200, 500])
def test_a_code_that_is_none_is_not_repeated(service: Service, code: Any, status: int) -> None:
    """It comes from a server that may be another than it should, and goes to a terminal."""
    error = {"code": code}
    body = {"results": [{"error": error}]} if status == 200 else error
    gates.settle(service, but("/v1/tokenize", Answer(status, body)), CHECKOUT)
    found = made_of_it(service)
    assert (found.state, found.detail) == ("failed", f"tokenizing answered {status}")


@pytest.mark.parametrize("error", ["x", None, [], {}])
def test_an_error_of_another_shape_is_told_without_a_code(service: Service, error: Any) -> None:
    """The value was refused, for whatever reason."""
    gates.settle(service, but("/v1/tokenize", Answer(200, {"results": [{"error": error}]})), CHECKOUT)
    found = made_of_it(service)
    assert (found.state, found.detail) == ("failed", "tokenizing answered 200")


def test_credentials_that_nobody_knows_are_a_fault(service: Service) -> None:
    """And what would have been tried with them is not checked."""
    gates.settle(service, gates.sound, CHECKOUT)
    service.endpoint_script.append(Answer(400, {"error": "invalid_client"}))
    found = checked(service)[3:]
    assert [finding.state for finding in found] == ["failed", *["not_checked"] * 4]


def test_a_client_without_scopes_of_the_vault_is_a_fault(service: Service) -> None:
    """Its access token would be good for nothing."""
    gates.settle(service, gates.sound, "other/thing")
    [found] = checked(service)[3:]
    assert (found.check, found.state) == ("client: access token", "failed")


def test_a_busy_or_silent_api_says_nothing_of_its_gates(service: Service) -> None:
    """429, 5xx and a broken connection: not checked, except for whether it answers at all."""
    for answer in (problem(429, "throttled"), problem(500, "internal_error"), HANG_UP):
        gates.settle(service, lambda seen, answer=answer: answer, CHECKOUT)  # type: ignore[misc]  # bound now
        found = checked(service)
        assert (found[0].state, found[1].state, found[2].state) == ("failed", "not_checked", "not_checked")


def test_without_a_client_its_checks_are_not_made() -> None:
    """And each says which variables would name one."""
    found = list(visitor.check(None))
    assert [finding.state for finding in found] == ["not_checked"] * 5
    assert all("TOKENVAULT_CLIENT_ID" in finding.detail for finding in found)
