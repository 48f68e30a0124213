"""Pages of other origins at the local gateway, which acts out of the merged document as API Gateway does."""

import json
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
import requests
from chalice.config import Config

import app as table_of_contents
from chalicelib.api.routes import ROUTES
from local import command_line
from local.access_tokens import AccessTokenRefused
from local.container import FunctionCrashError, FunctionTimeoutError
from local.dev import snapshot
from local.dev.cors import with_cors
from local.gateway import MAX_BODY_BYTES, Deployed, Gateway
from local.http_server import HttpServer
from local.merged_api import MergedApi
from local.throttle import Throttle, UsagePlan

SHOP, OFFICE, EVIL = "https://shop.example", "http://localhost:3000", "https://shop.example.evil.org"
EXPOSED = "Retry-After, x-amzn-RequestId"
ALONE, SEVERAL = [SHOP], [OFFICE, SHOP]
GOOD = {"authorization": "good", "x-api-key": "key"}
WITHOUT_A_KEY = {"authorization": "good"}
EXPIRED = {"authorization": "expired"}


class Tokens:
    """Takes one access token."""

    def verify(self, authorization: str | None, scopes: frozenset[str]) -> dict[str, str]:
        if authorization != "good":
            raise AccessTokenRefused(expired=authorization == "expired")
        return {}


class Function:
    """Answers, or fails as it is told."""

    def __init__(self) -> None:
        self.fails: Exception | None = None
        self.events: list[Any] = []

    def invoke(self, event: Any) -> Any:
        self.events.append(event)
        if self.fails is not None:
            raise self.fails
        return {"statusCode": 200, "headers": {}, "multiValueHeaders": {}, "body": "{}"}


@pytest.fixture
def function() -> Function:
    """What stands behind the gateway."""
    return Function()


Make = Callable[[Sequence[str]], Gateway]


@pytest.fixture
def make(function: Function) -> Make:
    """Makes a gateway in front of the deployed API that allows these origins."""

    def made(origins: Sequence[str], burst: int = 100) -> Gateway:
        api = MergedApi(with_cors(snapshot.read()["api"]), origins)
        plan = UsagePlan(rate_per_second=0.001, burst=burst, requests_per_day=None)
        deployed = Deployed(
            api=lambda: api,
            tokens=Tokens(),
            api_keys=lambda: {"key": "key-1"},
            functions={"tokenize": function, "reveal": function},
            throttle=Throttle(lambda: {"key-1": plan}),
        )
        app = table_of_contents.app
        return Gateway(app, Config.create(chalice_stage="local", chalice_app=app), deployed)

    return made


def ask(
    gateway: Gateway, method: str, path: str, headers: Mapping[str, str], body: bytes = b"{}"
) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of an answer."""
    answer = gateway.handle_request(method, path, headers, body)
    return answer["statusCode"], answer["headers"], answer["body"]


def cors(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of CORS in an answer."""
    return {n: v for n, v in headers.items() if n == "Vary" or n.startswith("Access-Control-")}


def path_of(route: Any) -> str:
    """A path of a route, its parameters filled in."""
    return route.path.replace("{token}", "9490532698211111").replace("{subject}", "person-1")


@pytest.mark.parametrize("origins", [ALONE, SEVERAL], ids=["alone", "several"])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_preflight_allows_what_the_route_takes(
    make: Make, function: Function, route: Any, origins: Sequence[str]
) -> None:
    """Without credentials, and without calling a function."""
    asked = {"Origin": SHOP, "Access-Control-Request-Method": route.method}
    status, headers, _ = ask(make(origins), "OPTIONS", path_of(route), asked, b"")
    assert status == 204
    assert cors(headers) == {
        "Access-Control-Allow-Origin": SHOP,
        "Access-Control-Allow-Methods": ", ".join(sorted(r.method for r in ROUTES if r.path == route.path)),
        "Access-Control-Allow-Headers": ", ".join(
            ["Authorization", "Content-Type", "Idempotency-Key", "Page-Cursor", "X-Api-Key"]
        ),
        "Access-Control-Max-Age": "7200",
        "Vary": "Origin",
    }
    assert function.events == []


FAILURES: dict[str, tuple[int, str, str, Mapping[str, str], bytes, Exception | None]] = {
    # what fails: status, method, path, headers, body, how the function fails
    "no access token": (401, "POST", "/v1/tokenize", {}, b"{}", None),
    "an expired access token": (401, "POST", "/v1/tokenize", EXPIRED, b"{}", None),
    "no API key": (403, "POST", "/v1/tokenize", WITHOUT_A_KEY, b"{}", None),
    "no such route": (404, "GET", "/v1/nothing", GOOD, b"", None),
    "no such method": (404, "DELETE", "/v1/tokenize", GOOD, b"", None),
    "a body too large": (413, "POST", "/v1/tokenize", GOOD, b"x" * (MAX_BODY_BYTES + 1), None),
    "a crash": (502, "POST", "/v1/tokenize", GOOD, b"{}", FunctionCrashError("died")),
    "a timeout": (504, "POST", "/v1/tokenize", GOOD, b"{}", FunctionTimeoutError()),
}


@pytest.mark.parametrize("origins", [ALONE, SEVERAL], ids=["alone", "several"])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_page_may_read_each_error_of_the_gateway(
    make: Make, function: Function, failure: str, origins: Sequence[str]
) -> None:
    """The gateway's own answers name the page's origin, whatever they say."""
    status, method, path, headers, body, function.fails = FAILURES[failure]
    got, answered, said = ask(make(origins), method, path, {**headers, "Origin": SHOP}, body)
    assert (got, json.loads(said)["status"]) == (status, status)
    assert cors(answered) == {
        "Access-Control-Allow-Origin": SHOP,
        "Access-Control-Expose-Headers": EXPOSED,
        "Vary": "Origin",
    }


@pytest.mark.parametrize("origins", [ALONE, SEVERAL], ids=["alone", "several"])
@pytest.mark.parametrize("kind", snapshot.read()["api"]["x-amazon-apigateway-gateway-responses"])
def test_every_gateway_response_is_readable(make: Make, kind: str, origins: Sequence[str]) -> None:
    """Also those that only AWS brings about: 415, an authorizer that fails, the defaults of 4xx and 5xx."""
    headers = make(origins).refusal(kind, "request-1", {"origin": SHOP}).headers
    readable = SHOP if kind != "WAF_FILTERED" else origins[0]
    assert cors(headers) == {
        "Access-Control-Allow-Origin": readable,
        "Access-Control-Expose-Headers": EXPOSED,
        "Vary": "Origin",
    }


def test_a_page_may_read_that_it_is_too_fast(make: Any) -> None:
    """429 is an error of the gateway like the others."""
    gateway = make(SEVERAL, burst=1)
    asked = {**GOOD, "origin": OFFICE}
    assert ask(gateway, "POST", "/v1/tokenize", asked)[0] == 200
    status, headers, said = ask(gateway, "POST", "/v1/tokenize", asked)
    assert (status, json.loads(said)["code"]) == (429, "throttled")
    assert headers["Access-Control-Allow-Origin"] == OFFICE


@pytest.mark.parametrize("origins", [ALONE, SEVERAL], ids=["alone", "several"])
def test_a_page_may_read_that_it_is_alive(make: Make, origins: Sequence[str]) -> None:
    """Health is the gateway's own answer; its body is the same as without origins."""
    status, headers, said = ask(make(origins), "GET", "/v1/health", {"Origin": SHOP}, b"")
    assert (status, json.loads(said)) == (200, {"status": "ok"})
    assert headers["Access-Control-Allow-Origin"] == SHOP
    assert headers["Access-Control-Expose-Headers"] == EXPOSED


STRANGERS = [EVIL, "null", "https://SHOP.example", "https://evil-shop.example", f"{SHOP}:8443", f"{SHOP}/"]


@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize(("method", "path"), [("OPTIONS", "/v1/tokenize"), ("GET", "/v1/health")])
@pytest.mark.parametrize("origins", [ALONE, SEVERAL], ids=["alone", "several"])
def test_no_origin_is_named_that_is_not_allowed(
    make: Make, origins: Sequence[str], method: str, path: str, origin: str
) -> None:
    """A page of another origin finds an origin that is not its own."""
    _, headers, _ = ask(make(origins), method, path, {"Origin": origin}, b"")
    assert headers["Access-Control-Allow-Origin"] in origins
    assert headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize("failure", FAILURES)
def test_the_firewall_keeps_other_origins_out(
    make: Make, function: Function, failure: str, origin: str
) -> None:
    """Of several origins the gateway repeats the request's, so no other gets as far as that."""
    _, method, path, headers, body, function.fails = FAILURES[failure]
    status, answered, said = ask(make(SEVERAL), method, path, {**headers, "Origin": origin}, body)
    assert (status, json.loads(said)["code"]) == (403, "request_filtered")
    assert answered["Access-Control-Allow-Origin"] == SEVERAL[0]
    assert function.events == []


def test_programs_that_send_no_origin_are_let_through(make: Make, function: Function) -> None:
    """With several origins too; their errors name none."""
    status, _, _ = ask(make(SEVERAL), "POST", "/v1/tokenize", GOOD)
    assert status == 200
    _, headers, _ = ask(make(SEVERAL), "POST", "/v1/tokenize", {})
    assert cors(headers) == {"Access-Control-Expose-Headers": EXPOSED, "Vary": "Origin"}


@pytest.mark.parametrize("failure", FAILURES)
def test_without_origins_errors_are_as_they_were(make: Make, function: Function, failure: str) -> None:
    """No header of CORS, whatever the page."""
    _, method, path, headers, body, function.fails = FAILURES[failure]
    assert cors(ask(make([]), method, path, {**headers, "Origin": SHOP}, body)[1]) == {}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_without_origins_there_is_no_preflight(make: Make, route: Any) -> None:
    """OPTIONS is a method that no route has."""
    status, headers, _ = ask(make([]), "OPTIONS", path_of(route), {"Origin": SHOP}, b"")
    assert (status, cors(headers)) == (404, {})


@pytest.fixture
def served(make: Make) -> Iterator[str]:
    """The gateway over HTTP."""
    server = HttpServer(make(SEVERAL), "127.0.0.1", 0)
    server.start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


def test_a_preflight_over_http_has_no_body(served: str) -> None:
    """204, with the page's origin."""
    answer = requests.options(f"{served}/v1/tokenize", headers={"Origin": SHOP}, timeout=10)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP


def test_what_the_server_refuses_by_itself_is_readable_too(served: str) -> None:
    """Two lengths in one request never reach the gateway, and the page reads that."""
    asked = {"Origin": SHOP, "Content-Length": "2", "Transfer-Encoding": "chunked"}
    prepared = requests.Request("POST", f"{served}/v1/tokenize", headers=asked, data=b"{}").prepare()
    prepared.headers["Transfer-Encoding"] = "chunked"
    with requests.Session() as session:
        answer = session.send(prepared, timeout=10)
    assert answer.status_code == 400
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP


@pytest.mark.parametrize("text", ["*", "https://shop.example/", "http://localhost", "https://a.example,", ""])
def test_dev_refuses_what_is_no_origin(text: str) -> None:
    """And says how they are written."""
    with pytest.raises(ArgumentTypeError, match="ORIGINS are origins"):
        command_line.origins(text)


def test_dev_takes_several_origins() -> None:
    """In the order in which they are given."""
    assert command_line.origins(f"{OFFICE},{SHOP}") == [OFFICE, SHOP]
