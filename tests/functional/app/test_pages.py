"""What pages of other origins may read of the app's answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import app as table_of_contents
from chalicelib import wiring
from tests.functional.app.handling import handle
from tests.support.events import event, signed_in
from tests.support.logs import captured_logs
from tests.support.world import World

SHOP = "https://shop.example"


@pytest.fixture
def shop_allowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Containers whose answers pages of the shop may read."""
    monkeypatch.setenv("TOKENVAULT_ALLOWED_ORIGINS", SHOP)
    wiring.allowed_origins.cache_clear()
    yield
    wiring.allowed_origins.cache_clear()


@pytest.mark.usefixtures("shop_allowed")
@pytest.mark.parametrize("name", ["Origin", "origin"])
@pytest.mark.parametrize(
    ("asked", "function", "status"),
    [
        (
            signed_in(
                event("POST", "/v1/tokenize", {"items": [{"type": "text", "value": "x"}]}),
                "checkout",
                "vault/tokenize",
            ),
            "tokenize",
            200,
        ),
        (
            signed_in(
                event("GET", "/v1/tokens/{token}", pathParameters={"token": "unknown"}),
                "checkout",
                "vault/read",
            ),
            "tokenize",
            404,
        ),
        (
            signed_in(
                event("DELETE", "/v1/tokens/{token}", pathParameters={"token": "unknown"}),
                "privacy",
                "vault/erase",
            ),
            "reveal",
            204,
        ),
        (event("POST", "/v1/tokenize", {}), "tokenize", 401),
        (event("GET", "/v1/tokenize"), "tokenize", 405),
        (event("POST", "/v1/tokenize", headers={"Content-Type": "text/plain"}), "tokenize", 415),
    ],
    ids=["200", "404", "204", "401", "405", "415"],
)
def test_a_page_may_read_every_answer(
    account: World,
    monkeypatch: pytest.MonkeyPatch,
    asked: dict[str, Any],
    function: str,
    status: int,
    name: str,
) -> None:
    """Values, problem documents and Chalice's own refusals, however the proxy before us spells the header."""
    asked = {**asked, "headers": {**asked["headers"], name: SHOP}}
    answer = handle(account, monkeypatch, function, asked)
    assert answer["statusCode"] == status
    assert answer["headers"]["Access-Control-Allow-Origin"] == SHOP
    assert answer["headers"]["Access-Control-Expose-Headers"] == "Retry-After, x-amzn-RequestId"
    assert answer["headers"]["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in answer["headers"]


@pytest.mark.usefixtures("shop_allowed")
def test_a_page_may_read_that_the_service_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that cannot even be built answers a 500 that a page reads."""
    monkeypatch.setenv("TOKENVAULT_FUNCTION", "nonsense")
    wiring.service.cache_clear()
    asked = signed_in(event("POST", "/v1/tokenize", {}), "checkout", "vault/tokenize")
    answer = table_of_contents.app({**asked, "headers": {**asked["headers"], "Origin": SHOP}}, None)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (500, "misconfigured")
    assert answer["headers"]["Access-Control-Allow-Origin"] == SHOP


@pytest.mark.usefixtures("shop_allowed")
@pytest.mark.parametrize("headers", [None, {}, {"Origin": "https://shop.example.evil.org"}])
def test_no_other_origin_is_named(headers: dict[str, str] | None) -> None:
    """Without an origin, or with another, the answer says only that it depends on it."""
    answer = table_of_contents.app(event("GET", "/v1/tokenize", headers=headers), None)
    assert {n: v for n, v in answer["headers"].items() if n == "Vary" or n.startswith("Access-")} == {
        "Vary": "Origin"
    }


def test_without_allowed_origins_answers_are_as_they_were() -> None:
    """No header of CORS is in them."""
    answer = table_of_contents.app(event("GET", "/v1/tokenize", headers={"Origin": SHOP}), None)
    assert not [n for n in answer["headers"] if n == "Vary" or n.startswith("Access-")]


def test_an_origin_that_is_none_is_told_to_whoever_reads_the_log(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong list stops the function, and its text is in no answer."""
    monkeypatch.setenv("TOKENVAULT_ALLOWED_ORIGINS", "https://shop.example/nonsense")
    asked = signed_in(event("POST", "/v1/tokenize", {}), "checkout", "vault/tokenize")
    with captured_logs() as log:
        answer = handle(account, monkeypatch, "tokenize", asked)
    assert json.loads(answer["body"])["code"] == "misconfigured"
    assert "TOKENVAULT_ALLOWED_ORIGINS must be origins such as" in log.getvalue()
    assert "nonsense" not in log.getvalue() + answer["body"]
