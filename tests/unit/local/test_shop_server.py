"""The example shop's server: whom it answers, what each answer carries, and what it logs."""

import http.client
import importlib
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from local.example import FOLDER

TOKEN = "9163629425901111"
MODULES = ("orders", "settings", "server", "web")


class Vault:
    """The vault's client, as the shop uses it."""

    def __init__(self) -> None:
        self.sessions = 0

    def capture_session(self, **_: Any) -> Any:
        self.sessions += 1
        return SimpleNamespace(session=f"secret-{self.sessions}", session_id=f"id-{self.sessions}")

    def facts(self, token: str) -> Any:
        return SimpleNamespace(metadata={"capture_session": "id-1"})


class Served:
    """A shop that is open, and requests to it as any program can write them."""

    def __init__(self, server: ThreadingHTTPServer, vault: Vault) -> None:
        self.vault, self.port = vault, server.server_port
        self.origin = f"http://localhost:{self.port}"

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> http.client.HTTPResponse:
        """The answer to a request that has these headers alone, `_` standing for `-`."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        asked.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        given = {"Host": f"localhost:{self.port}", "Content_Length": str(len(body)), **headers}
        for name, value in given.items():
            if value:
                asked.putheader(name.replace("_", "-"), value)
        asked.endheaders(body.encode())
        return asked.getresponse()

    def posted(self, body: str = "{}", path: str = "/api/capture-sessions", **headers: str) -> int:
        """The status that a page of the shop gets, unless headers say otherwise."""
        return self.ask("POST", path, body, **{"Origin": self.origin, **headers}).status


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The shop at a free port, with a vault that does whatever it is asked for."""
    monkeypatch.syspath_prepend(str(FOLDER))
    made = [importlib.import_module(name) for name in ("settings", "server")]
    settings, server = made
    vault, listening = Vault(), ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    chosen = settings.Settings(
        f"http://localhost:{listening.server_port}", "https://vault.example", "https://people.example/t", "id"
    )
    listening.RequestHandlerClass = server.handler(server.Shop(vault, chosen), chosen)
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield Served(listening, vault)
    listening.shutdown()
    listening.server_close()
    for name in MODULES:
        sys.modules.pop(name, None)


def test_a_page_of_the_shop_is_answered(shop: Served) -> None:
    """Each of its pages, its client, and what they ask for."""
    for path in ("/", "/office", "/office?code=a&state=b", "/shop.css", "/api/settings", "/api/orders"):
        assert shop.ask("GET", path).status == 200, path
    assert shop.posted() == 201
    assert shop.posted(json.dumps({"card": TOKEN, "session": "id-1"}), "/api/orders") == 201


@pytest.mark.parametrize(
    "host", ["", "evil.example:PORT", "127.0.0.1:PORT", "localhost", "localhost:PORT.evil.example"]
)
@pytest.mark.parametrize("path", ["/", "/api/orders", "/api/settings"])
def test_a_name_that_is_not_the_shops_is_none_of_its_pages(shop: Served, host: str, path: str) -> None:
    """A page may have its own name resolve to this machine (DNS rebinding), and would read the orders as its
    own (RFC 9110, 15.5.20)."""
    shop.posted()
    answer = shop.ask("GET", path, Host=host.replace("PORT", str(shop.port)))
    assert answer.status == 421
    assert b"vault" not in answer.read()


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://evil.example",
        "http://localhost",
        "HTTP://LOCALHOST:PORT",
        "http://localhost:PORT/",
        "https://localhost:PORT",
        "http://127.0.0.1:PORT",
    ],
)
@pytest.mark.parametrize("path", ["/api/capture-sessions", "/api/orders"])
def test_no_other_page_begins_a_session_or_an_order(shop: Served, origin: str, path: str) -> None:
    """A form of any site can send a request, with whatever body; a browser says from where."""
    assert shop.posted(path=path, Origin=origin.replace("PORT", str(shop.port))) == 403
    assert shop.vault.sessions == 0


def test_a_rebound_name_begins_no_session_either(shop: Served) -> None:
    """Where Origin and Host agree with each other, and not with the shop's own."""
    name = f"evil.example:{shop.port}"
    assert shop.posted(Host=name) == 421
    assert shop.posted(Host=name, Origin=f"http://{name}") == 421
    assert shop.vault.sessions == 0


@pytest.mark.parametrize("body", ["[" * 4000, "{", "[]", "7", '{"card": [' * 400, "\xff", ""])
def test_what_is_no_json_object_is_refused(
    shop: Served, body: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """However deep: in words, and without a trace of the program."""
    assert shop.posted(body) == 422
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("length", ["", "-1", "4097", "9" * 5000, "+2", "2, 2"])
def test_a_body_has_a_length_that_the_shop_takes(shop: Served, length: str) -> None:
    """Before any of it is read."""
    assert shop.posted(Content_Length=length) == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/office"),
        ("GET", "/none"),
        ("GET", "/api/orders"),
        ("POST", "/api/none"),
        ("TRACE", "/"),
        ("PUT", "/"),
    ],
)
def test_each_answer_has_the_pages_policy(shop: Served, method: str, path: str) -> None:
    """A refusal too, and what the server says by itself: one page that may be framed is enough."""
    answer = shop.ask(method, path)
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "trusted-types 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Python" not in answer.headers["Server"]
    assert answer.headers.get_all("Set-Cookie") is None


@pytest.mark.parametrize(
    "path",
    [
        "/../server.py",
        "/client/../server.py",
        "/settings.py",
        "/client/",
        "/" + "a" * 5000 + ".js",
        "/pages/",
        "/%00.js",
    ],
)
def test_nothing_but_pages_is_served(shop: Served, path: str) -> None:
    """No file of the program, and no name that the file system refuses."""
    assert shop.ask("GET", path).status == 404


def test_its_log_has_no_query(shop: Served, capfd: pytest.CaptureFixture[str]) -> None:
    """People come back from the sign-in with a code in it, and whoever mistakes a link may put more there."""
    for path in ("/office?code=a-code&state=a-state", "/none?card=4111111111111111"):
        shop.ask("GET", path).read()
    shop.ask("BREW", "/office?code=a-code").read()
    said = capfd.readouterr().err
    assert "/office" in said
    for secret in ("a-code", "a-state", "4111"):
        assert secret not in said
