"""Requests as a browser sends them for a page of another origin, to `make dev` with origins."""

from collections.abc import Iterator

import pytest
import requests

from local.dev.stack import DevStack
from local.processes import free_port
from local.stack import StackPaths
from tests.support.running import Running

SHOP, OFFICE = "http://localhost:3000", "https://shop.example"
BODY = {"items": [{"type": "text", "value": "x"}]}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The stack without Terraform, whose answers pages of two origins may read."""
    places = StackPaths(tmp_path_factory.mktemp("pages"), free_port(), free_port())
    stack = DevStack(places, print, origins=[SHOP, OFFICE])
    try:
        stack.start()
        yield Running(stack)
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def credentials(running: Running) -> dict[str, str]:
    """What a client shows."""
    token = running.access_token("checkout", ["vault/tokenize"])
    return {"Authorization": f"Bearer {token}", "X-Api-Key": running.client("checkout")["api_key"]}


def post(running: Running, headers: dict[str, str]) -> requests.Response:
    return requests.post(
        f"{running.stack.places.url}/v1/tokenize",
        json=BODY,
        headers=headers,
        timeout=30,
        allow_redirects=False,
    )


@pytest.mark.parametrize("origin", [SHOP, OFFICE])
def test_a_page_is_allowed_to_ask_and_reads_the_token(
    running: Running, credentials: dict[str, str], origin: str
) -> None:
    """The preflight allows the request, and the function's answer names the page's origin."""
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key,x-api-key",
    }
    allowed = requests.options(f"{running.stack.places.url}/v1/tokenize", headers=asked, timeout=30)
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (204, origin)
    named = allowed.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert set(asked["Access-Control-Request-Headers"].split(",")) <= set(named)
    answer = post(running, {**credentials, "Origin": origin})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, origin)


def test_a_page_reads_what_was_wrong(running: Running, credentials: dict[str, str]) -> None:
    """Errors of the gateway and of a function alike."""
    for headers, status in (({}, 401), ({**credentials, "X-Api-Key": "none"}, 403)):
        answer = post(running, {**headers, "Origin": SHOP})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, SHOP)
    answer = post(running, {**credentials, "Origin": SHOP, "Idempotency-Key": "short"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP


@pytest.mark.parametrize("origin", ["null", "https://shop.example.evil.org"])
def test_no_other_page_gets_anything(running: Running, credentials: dict[str, str], origin: str) -> None:
    """Not even with a client's credentials; a program without an origin gets what it always got."""
    answer = post(running, {**credentials, "Origin": origin})
    assert (answer.status_code, answer.json()["code"]) == (403, "request_filtered")
    assert answer.headers["Access-Control-Allow-Origin"] != origin
    assert post(running, credentials).status_code == 200
