"""The local gateway refuses what API Gateway refuses, with the same status and body."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from local.caller import Answer, TokenRefusedError, access_token
from tests.support.running import Running

BODY = {"items": [{"type": "text", "value": "x"}]}
SCOPES = ["vault/tokenize"]


def refused(answer: Answer, status: int, code: str) -> None:
    """Asserts a problem document of the gateway's own."""
    assert (answer.status, answer.body["code"]) == (status, code), answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "detail", "request_id"} == set(answer.body)
    assert "$" not in json.dumps(answer.body)


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, unverified."""
    header, claims, _ = (
        json.loads(base64.urlsafe_b64decode(part + "===")) if n < 2 else {}
        for n, part in enumerate(token.split("."))
    )
    return header, claims


def forged(token: str, **changes: Any) -> str:
    """The token with other claims, signed with a key of our own under the same key id."""
    header, claims = parts(token)
    key = RSAKey.generate_key(2048, parameters={"kid": header["kid"]})
    return str(jwt.encode({"alg": "RS256", "kid": header["kid"]}, {**claims, **changes}, key))


def unsigned(token: str) -> str:
    """The token with the algorithm `none` and no signature."""
    header, claims = parts(token)
    encoded = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({**header, "alg": "none"}, claims)
    ]
    return f"{encoded[0]}.{encoded[1]}."


def altered(token: str) -> str:
    """The token with a claim changed under the old signature."""
    head, claims, signature = token.split(".")
    more = json.loads(base64.urlsafe_b64decode(claims + "===")) | {"scope": "vault/tokenize vault/detokenize"}
    return f"{head}.{base64.urlsafe_b64encode(json.dumps(more).encode()).rstrip(b'=').decode()}.{signature}"


TOKENS: dict[str, Callable[[str], str | None]] = {
    "none": lambda token: None,
    "empty": lambda token: "",
    "malformed": lambda token: "x.y.z",
    "not a token": lambda token: "secret",
    "cut": lambda token: token[:-10],
    "altered": altered,
    "forged": forged,
    "unsigned": unsigned,
}


@pytest.mark.parametrize("make", TOKENS.values(), ids=TOKENS.keys())
def test_a_bad_access_token_is_401(running: Running, make: Callable[[str], str | None]) -> None:
    """Missing, malformed, altered and forged access tokens do not reach a function."""
    token = make(running.access_token("checkout", SCOPES))
    refused(
        running.raw("POST", "/v1/tokenize", token, running.client("checkout")["api_key"], BODY),
        401,
        "unauthenticated",
    )


def test_a_scope_that_the_route_does_not_take_is_401(running: Running) -> None:
    """An access token without a scope of the route is refused before any function."""
    refused(running.call("POST", "/v1/tokenize", "checkout", ["vault/read"], BODY), 401, "unauthenticated")
    refused(running.call("POST", "/v1/detokenize", "checkout", SCOPES, {}), 401, "unauthenticated")


@pytest.mark.parametrize("key", [None, "", "unknown"])
def test_a_bad_api_key_is_403(running: Running, key: str | None) -> None:
    """A missing or unknown API key is refused, with a valid access token too."""
    token = running.access_token("checkout", SCOPES)
    refused(running.raw("POST", "/v1/tokenize", token, key, BODY), 403, "invalid_api_key")


def test_a_disabled_api_key_is_403(running: Running) -> None:
    """A key that was switched off stops working."""
    gateway, key = running.stack.account.client("apigateway"), running.client("privacy")["api_key"]
    [found] = [k for k in gateway.get_api_keys(includeValues=True, limit=500)["items"] if k["value"] == key]
    token = running.access_token("checkout", SCOPES)

    def switch(on: str) -> None:
        change = {"op": "replace", "path": "/enabled", "value": on}
        gateway.update_api_key(apiKey=found["id"], patchOperations=[change])
        time.sleep(1.2)  # the gateway looks again after a second

    switch("false")
    try:
        refused(running.raw("POST", "/v1/tokenize", token, key, BODY), 403, "invalid_api_key")
    finally:
        switch("true")


def test_another_clients_api_key_is_refused_by_the_app(running: Running) -> None:
    """API Gateway takes any valid key; the policy binds it to its client."""
    token, key = running.access_token("checkout", SCOPES), running.client("support")["api_key"]
    answer = running.raw("POST", "/v1/tokenize", token, key, BODY)
    assert (answer.status, answer.body["code"]) == (403, "not_permitted")


def test_an_access_token_that_may_reveal_does_not_tokenize(running: Running) -> None:
    """A client that may do both asks for one access token a side."""
    answer = running.call("POST", "/v1/tokenize", "intake", [], BODY)
    assert (answer.status, answer.body["code"]) == (403, "not_permitted")
    assert running.call("POST", "/v1/tokenize", "intake", SCOPES, BODY).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/v1/nothing"), ("DELETE", "/v1/tokenize"), ("POST", "/v1/types")],
)
def test_unknown_routes_are_404(running: Running, method: str, path: str) -> None:
    """A route that is not there is a problem document as well."""
    refused(running.call(method, path, "checkout"), 404, "not_found")


def test_health_needs_no_credentials(running: Running) -> None:
    """Liveness is answered to anybody."""
    answer = running.raw("GET", "/v1/health", None, None)
    assert (answer.status, answer.body) == (200, {"status": "ok"})


def test_a_body_over_api_gateways_limit_is_413(running: Running) -> None:
    """More than ten megabytes never reach a function."""
    token, key = running.access_token("checkout", SCOPES), running.client("checkout")["api_key"]
    refused(
        running.raw("POST", "/v1/tokenize", token, key, b"x" * (10 * 1024 * 1024 + 1)), 413, "invalid_request"
    )


def test_a_client_gets_no_scope_that_is_not_its_own(running: Running) -> None:
    """The token endpoint refuses what another client may have, also beside what is its own."""
    client = running.client("checkout")
    for scopes in (["vault/detokenize"], ["vault/tokenize", "vault/detokenize"]):
        with pytest.raises(TokenRefusedError, match="invalid_scope"):
            access_token(running.stack.token_url, client, scopes)


@pytest.mark.parametrize(
    "wrong", [{"client_secret": "wrong"}, {"client_id": "unknown"}], ids=["secret", "client"]
)
def test_who_is_no_client_gets_no_access_token(running: Running, wrong: dict[str, str]) -> None:
    """The token endpoint refuses wrong secrets and unknown clients."""
    with pytest.raises(TokenRefusedError, match="invalid_client"):
        access_token(running.stack.token_url, {**running.client("checkout"), **wrong})
