"""The Chalice app with events as API Gateway sends them: both functions of the one package."""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

import app as table_of_contents
from chalicelib import wiring
from chalicelib.api.routes import ROUTES
from local.access_tokens import AccessTokens
from local.runtime import Context
from tests.functional.app.handling import handle
from tests.support.events import event, signed_in
from tests.support.exports import pem
from tests.support.logs import captured_logs
from tests.support.retokenizing import naming, switch
from tests.support.world import World


def test_a_value_goes_through_both_functions(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `app.app` tokenizes, `app.reveal` detokenizes."""
    body = {"items": [{"type": "card_number", "value": "4111111111111111"}]}
    asked = signed_in(event("POST", "/v1/tokenize", body), "checkout", "vault/tokenize")
    made = handle(account, monkeypatch, "tokenize", asked)
    assert (made["statusCode"], made["headers"]["Content-Type"]) == (200, "application/json")
    assert made["headers"]["Cache-Control"] == "no-store"
    token = json.loads(made["body"])["results"][0]["token"]

    body = {"items": [{"token": token}], "purpose": "refund"}
    asked = signed_in(event("POST", "/v1/detokenize", body), "settlement", "vault/detokenize")
    revealed = handle(account, monkeypatch, "reveal", asked)
    assert json.loads(revealed["body"])["results"][0]["value"] == "4111111111111111"


def test_who_signed_in_goes_from_the_access_token_to_the_trail(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By way of the claims that the gateway verified, all of which it hands on as text."""
    asked = event("POST", "/v1/detokenize", {"items": [{"token": "unknown"}], "purpose": "refund"})
    asked = signed_in(asked, "settlement", "vault/detokenize")
    found = asked["requestContext"]["authorizer"]["claims"]
    key = RSAKey.generate_key(2048, parameters={"kid": "k"})
    user = {**found, "sub": "6f2b4a1c-8d53", "username": "anna", "exp": 2000, "auth_time": 900}
    gateway = AccessTokens(found["iss"], lambda: KeySet([key]).as_dict(private=False), lambda: 1000.0)
    token = jwt.encode({"alg": "RS256", "kid": "k"}, user, key)
    claims = gateway.verify(f"Bearer {token}", frozenset({"vault/detokenize"}))
    asked["requestContext"]["authorizer"]["claims"] = claims
    assert handle(account, monkeypatch, "reveal", asked)["statusCode"] == 200
    [recorded] = account.events()
    assert (recorded["user_sub"]["S"], recorded["username"]["S"]) == ("6f2b4a1c-8d53", "anna")


@pytest.mark.parametrize("name", ["Page-Cursor", "page-cursor"])
def test_a_page_goes_on_by_a_header(account: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What it holds is read, however HTTP spells its name: here, what is no cursor is refused."""
    asked = event("GET", "/v1/subjects/{subject}", pathParameters={"subject": "p1"}, headers={name: "?"})
    answer = handle(account, monkeypatch, "reveal", signed_in(asked, "privacy", "vault/subjects.read"))
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (400, "invalid_request")


def test_facts_take_the_token_from_the_path(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path parameter that API Gateway found is the token."""
    asked = event("GET", "/v1/tokens/{token}", pathParameters={"token": "unknown"})
    answer = handle(account, monkeypatch, "tokenize", signed_in(asked, "checkout", "vault/read"))
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (404, "token_not_found")


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (event("GET", "/v1/tokenize"), 405, "method_not_allowed"),
        (
            event("POST", "/v1/tokenize", {}, headers={"Content-Type": "text/plain"}),
            415,
            "unsupported_media_type",
        ),
        (event("POST", "/v1/tokenize", {}), 401, "unauthenticated"),
    ],
)
def test_refusals_of_chalices_own_are_problem_documents(
    asked: dict[str, Any], status: int, code: str
) -> None:
    """What Chalice refuses before any view sees it looks like every other refusal."""
    answer = table_of_contents.app(asked, None)
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    body = json.loads(answer["body"])
    assert (answer["statusCode"], body["status"], body["code"], body["request_id"]) == (
        status,
        status,
        code,
        "request-1",
    )


@pytest.mark.parametrize("raw", ["\ud83e", '{"items": "\ud83e"}', "\x00", "{", "[]"])
def test_odd_bodies_are_400(account: World, monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    """A body with half a surrogate pair in it, or no JSON, is a 400 like any other."""
    asked = signed_in(event("POST", "/v1/tokenize", body=None, **{}), "checkout", "vault/tokenize")
    answer = handle(account, monkeypatch, "tokenize", {**asked, "body": raw})
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("raw", ["%%%", "4111x", "4111111111111111="])
def test_invalid_base64_is_400(account: World, monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    """A body that is declared to be base64 and is none is a 400 that does not quote it."""
    asked = signed_in(event("POST", "/v1/tokenize", body=None, **{}), "checkout", "vault/tokenize")
    answer = handle(account, monkeypatch, "tokenize", {**asked, "body": raw, "isBase64Encoded": True})
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (400, "invalid_request")
    assert raw not in answer["body"]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [("application/json; charset=iso-8859-1", 415), ("application/json; charset=UTF-8", 200)],
)
def test_another_charset_is_415(
    account: World, monkeypatch: pytest.MonkeyPatch, content_type: str, status: int
) -> None:
    """Nothing is stored of a body whose bytes a gateway has replaced already."""
    body = {"items": [{"type": "text_known", "value": "M"}]}
    asked = signed_in(
        event("POST", "/v1/tokenize", body, headers={"Content-Type": content_type}),
        "checkout",
        "vault/tokenize",
    )
    before = len(account.items("vault"))
    answer = handle(account, monkeypatch, "tokenize", asked)
    assert answer["statusCode"] == status
    assert len(account.items("vault")) == before + (status == 200)


def test_without_a_body_its_charset_does_not_matter(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some HTTP libraries send a Content-Type with every GET."""
    headers = {"Content-Type": "application/json; charset=iso-8859-1"}
    asked = signed_in(event("GET", "/v1/types", headers=headers), "settlement", "vault/read")
    assert handle(account, monkeypatch, "reveal", asked)["statusCode"] == 200


def test_app_and_routes_say_the_same() -> None:
    """Chalice's routes, their scopes and API keys are those of `routes.py`."""
    declared = {
        (method, path): (
            set(entry.authorizer.scopes) if entry.authorizer else set(),
            bool(entry.api_key_required),
        )
        for path, methods in table_of_contents.app.routes.items()
        for method, entry in methods.items()
    }
    assert declared == {(route.method, route.path): (set(route.scopes), route.api_key) for route in ROUTES}


def test_a_container_without_settings_says_so_and_names_no_value(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function with a broken environment answers 500 and recovers once it is mended."""
    asked = signed_in(
        event("POST", "/v1/tokenize", {"items": [{"type": "text", "value": "x"}]}),
        "checkout",
        "vault/tokenize",
    )
    monkeypatch.setenv("TOKENVAULT_FUNCTION", "nonsense-value")
    wiring.service.cache_clear()
    with captured_logs() as log:
        answer = table_of_contents.app(asked, None)
    assert json.loads(answer["body"])["code"] == "misconfigured"
    assert "nonsense-value" not in answer["body"]
    assert "TOKENVAULT_" not in answer["body"], "what is wrong is for whoever reads the log"
    assert "TOKENVAULT_FUNCTION must be one of tokenize, reveal, maintain" in log.getvalue()
    assert handle(account, monkeypatch, "tokenize", asked)["statusCode"] == 200


def test_maintenance_makes_keys_and_rotates(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduled run finds nothing to do twice; asked to rotate, it makes a version that is ready."""
    for name, value in account.env("maintain").items():
        monkeypatch.setenv(name, value)
    assert table_of_contents.maintain({}, None) == {"made": [], "ready": []}
    rotated = table_of_contents.maintain({"rotate": "shop"}, None)
    assert len(rotated["ready"]) == 1


def test_a_rotation_is_ended_by_events(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both functions take an operator's events, and answer an error in place of failing by it."""

    def ask(function: str, asked: dict[str, Any]) -> Any:
        monkeypatch.setattr(wiring, "aws_client", account.client)
        for name, value in account.env(function).items():
            monkeypatch.setenv(name, value)
        return getattr(table_of_contents, function)(asked, Context(function, 512, 29))

    account.tokenize({"type": "text", "value": "x"})
    ask("maintain", {"rotate": "shop"})
    walk = ask("maintain", {"walk": {"tenant": "shop", "moves": True}})
    walk = ask("maintain", {"walk": {"tenant": "shop", "revision": walk["revision"]}})
    assert (walk["done"], walk["waiting"], sum(walk["records"].values())) == (True, 1, 1)
    assert ask("reveal", {"rewrap": "shop"})["moved"] == 1
    [old, newest] = ask("maintain", {"versions": {"tenant": "shop"}})["versions"]
    assert (old["records"], newest["retires_from"]) == (1, None)
    early = ask("maintain", {"retire": {"tenant": "shop", "key": old["key_id"]}})
    assert (early["error"]["code"], early["error"]["retry"]) == ("invalid_request", False)
    assert ask("reveal", {"rewrap": "Shop"})["error"]["detail"] == "tenant: its name is needed"
    wiring.rewrapper.cache_clear()


def test_a_prf_key_is_made_by_an_event(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """For every tenant of the policy; the answer names those that had it, and those that wait for it."""
    monkeypatch.setattr(wiring, "aws_client", account.client)
    for name, value in account.env("maintain").items():
        monkeypatch.setenv(name, value)
    first, again = (table_of_contents.maintain({"prf_key": 7}, None) for _ in range(2))
    assert first == {"made": ["prf-7"] * 2, "ready": ["prf-7"] * 2, "there_before": [], "waiting": []}
    assert again == {"made": [], "ready": [], "there_before": ["clinic", "shop"], "waiting": []}


def test_tokens_of_a_type_are_moved_by_events(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both functions take an operator's events, and answer an error in place of failing by it."""

    def ask(function: str, **fields: Any) -> Any:
        monkeypatch.setattr(wiring, "aws_client", account.client)
        for name, value in account.env(function).items():
            monkeypatch.setenv(name, value)
        return getattr(table_of_contents, function)({"retokenize": fields}, Context(function, 512, 29))

    which = {"tenant": "shop", "type": "text_known", "run": "0" * 32}
    refused = ask("reveal", **which, recipient=pem())
    assert refused["error"]["detail"] == "type: no type of the policy has a prf_key above 1"
    account.tokenize({"type": "text_known", "value": "x"})
    switch(account, naming(text_known=2))
    begun = ask("reveal", **which, recipient=pem())
    assert ask("maintain", **which)["revision"] == 0
    assert ask("maintain", **which, revision=0)["done"]
    page = ask("reveal", opening=begun["opening"], cursor=begun["cursor"])
    assert page["page"] == {"moved": 1, "passed": 0, "closed": 0, "failed": 0}
    assert page["receipt"]
    late = ask("reveal", opening=begun["opening"], cursor=begun["opening"])
    assert (late["error"]["code"], late["error"]["retry"]) == ("invalid_request", False)
    wiring.retokenizer.cache_clear()


def test_a_request_is_no_event_of_an_operator(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a caller sends lies below the names that API Gateway gives an event."""
    asked = signed_in(event("POST", "/v1/detokenize", {"rewrap": "shop"}), "settlement", "vault/detokenize")
    answer = handle(account, monkeypatch, "reveal", asked)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (400, "invalid_request")


def test_the_event_of_the_power_tuning_is_one_that_the_function_takes(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The input in docs/operations.md, with a client's own ids in it, makes a token."""
    written = (Path(__file__).resolve().parents[3] / "docs/operations.md").read_text()
    payload = json.loads(written.split("```json\n")[1].split("```")[0])["payload"]
    signed = signed_in(payload, "checkout", "vault/tokenize")
    given = payload["requestContext"]
    assert set(given["authorizer"]["claims"]) == set(signed["requestContext"]["authorizer"]["claims"])
    assert set(given["identity"]) == set(signed["requestContext"]["identity"])
    assert handle(account, monkeypatch, "tokenize", signed)["statusCode"] == 200
