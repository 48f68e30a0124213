"""A tiny service on loopback that speaks the API as far as the client can tell: a fake, over real HTTP."""

import base64
import json
import ssl
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tokenvault_client import Client, Retries, Settings

ALL = "vault/tokenize vault/search vault/read vault/detokenize vault/subjects.read vault/erase vault/approve"
ALL += " vault/export"
CREATED = "2026-01-02T03:04:05Z"
APPROVAL = {
    "approval": "0a" * 16,
    "state": "approved",
    "asked_by": {"client": "settlement", "user_sub": "a-sub", "username": "anna"},
    "purpose": "refund",
    "types": {"text": 2},
    "asked_at": CREATED,
    "expires_at": CREATED,
    "decided_by": {"client": "officer", "user_sub": None, "username": None},
    "decided_at": CREATED,
    "export": None,
}
EXPORT_APPROVAL = APPROVAL | {
    "types": {},
    "export": {"types": ["card", "text"], "recipient_sha256": "ab" * 32},
}
BEGUN = {
    "export_id": "0b" * 16,
    "opening": "e30.e30.c2ln",
    "cursor": "e30.c2ln",
    "types": ["text"],
    "recipient_sha256": "ab" * 32,
    "begun_at": CREATED,
    "expires_at": CREATED,
}
PAGE = {
    "number": 1,
    "sealed": "c2VhbGVk",
    "tokens": 3,
    "failed": 1,
    "walked": 0.5,
    "cursor": "e30.c2ln",
    "receipt": None,
}
RECEIPT = {
    "version": 1,
    "vault_id": "a-vault",
    "tenant": "shop",
    "subject": "customer-1",
    "erased_at": "2026-01-02T03:04:05Z",
    "secrets_destroyed": 1,
    "tokens_closed": 3,
    "remains": {"what": ["nothing much"], "in_backups_until": "2026-02-06"},
}


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def access_token(self) -> str:
        return self.headers["Authorization"].removeprefix("Bearer ")


@dataclass(frozen=True)
class Answer:
    """An answer to give in place of the usual one."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(status: int, code: str, *, retry_after: str | None = None, **more: Any) -> Answer:
    """A problem document."""
    body = {"status": status, "code": code, "detail": f"about {code}", "request_id": "r-1", **more}
    asked = {} if retry_after is None else {"Retry-After": retry_after}
    return Answer(status, body, {"Content-Type": "application/problem+json", **asked})


HANG_UP = Answer(0)
"""The connection ends before any answer."""


class Service:
    """Answers as scripted, then as usual: every value has a token, every token a value.

    With `known_types`, who asks for the types is told these, apart from what is scripted and seen.
    """

    def __init__(self) -> None:
        self.scopes, self.lifetime = ALL, 3600
        self.script: deque[Answer] = deque()
        self.endpoint_script: deque[Answer] = deque()
        self.seen: list[Seen] = []
        self.asked: list[Seen] = []
        self.connections = self.open_connections = 0
        self.usual: Callable[[Seen], Answer] = _usual
        self.on_request: Callable[[], None] = lambda: None
        self.on_token_request: Callable[[], None] = lambda: None
        self.known_types: Sequence[str] | None = None
        self.url = ""
        self.lock = threading.Lock()

    def answer(self, seen: Seen) -> Answer:
        if seen.path == "/oauth2/token":
            self.on_token_request()
            with self.lock:
                self.asked.append(seen)
                return self.endpoint_script.popleft() if self.endpoint_script else self._access_token(seen)
        if seen.path.endswith("/v1/types") and self.known_types is not None:
            return _types(self.known_types)
        with self.lock:
            self.seen.append(seen)
            scripted = self.script.popleft() if self.script else None
        self.on_request()
        return scripted or self.usual(seen)

    def _access_token(self, seen: Seen) -> Answer:
        scope = parse_qs(seen.raw.decode()).get("scope", [self.scopes])[0]
        claims = {"scope": scope, "jti": len(self.asked)}
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        return Answer(200, {"access_token": f"e30.{payload}.c2ln", "expires_in": self.lifetime})

    def settings(self, **changes: str) -> Settings:
        known = {"url": self.url, "token_url": f"{self.url}/oauth2/token"}
        credentials = {"client_id": "an-id", "client_secret": "a-secret", "api_key": "an-api-key"}
        return Settings(**{**known, **credentials, **changes})

    def client(self, *, parallel: int = 4, **retries: Any) -> Client:
        """A client that does not wait between its attempts, of which there are four."""
        patience = {"attempts": 4, "sleep": lambda seconds: None, "draw": lambda: 0.0, **retries}
        return Client(self.settings(), retries=Retries(**patience), parallel=parallel)

    def environment(self) -> dict[str, str]:
        settings = self.settings()
        return {
            "TOKENVAULT_URL": settings.url,
            "TOKENVAULT_TOKEN_URL": settings.token_url,
            "TOKENVAULT_CLIENT_ID": settings.client_id,
            "TOKENVAULT_CLIENT_SECRET": settings.client_secret,
            "TOKENVAULT_API_KEY": settings.api_key,
        }


def _usual(seen: Seen) -> Answer:
    if seen.path == "/v1/capture-sessions":
        made = {"session": "cGFnZQ.bWFj", "expires": 1_800_000_000, "session_id": "an-id"}
        return Answer(201, made)
    if seen.path == "/v1/import":
        return Answer(200, {"results": [_facts(item["token"]) for item in seen.body["items"]]})
    if seen.path in ("/v1/tokenize", "/v1/search"):
        return Answer(200, {"results": [_facts(str(item["value"])[::-1]) for item in seen.body["items"]]})
    if seen.path == "/v1/detokenize":
        return Answer(200, {"results": [_revealed(item["token"]) for item in seen.body["items"]]})
    if seen.path == "/v1/types":
        return _types(["text"])
    if seen.path.startswith("/v1/subjects/") and seen.method == "GET":
        return Answer(200, _page(seen.headers.get("Page-Cursor")))
    if seen.path.startswith("/v1/subjects/"):
        return Answer(200, {"receipt": RECEIPT, "jws": "a.b.c"})
    if seen.path.startswith("/v1/exports"):
        answers = {"/v1/exports": Answer(201, BEGUN), "/v1/exports/pages": Answer(200, PAGE)}
        return answers.get(seen.path, Answer(200, EXPORT_APPROVAL))
    if seen.path.startswith("/v1/approvals"):
        return Answer(200, APPROVAL)
    if seen.method == "DELETE":
        return Answer(204)
    more = {"created_by": "checkout", "metadata": {"order": "7"}}
    return Answer(200, _facts(seen.path.rpartition("/")[2]) | more)


def _types(names: Sequence[str]) -> Answer:
    kind = {"format": "text", "mode": "random", "default_ttl_seconds": None, "max_ttl_seconds": 60}
    return Answer(200, {"types": [{"type": name, **kind} for name in names]})


def _page(cursor: str | None) -> dict[str, Any]:
    """Two pages of a subject, the second with a token that expired."""
    if cursor is None:
        return {"tokens": [_facts("t1")], "failed": [], "erased_at": None, "next_cursor": "dDE"}
    error = {"code": "token_not_found", "detail": "there is no such token, or no longer"}
    return {
        "tokens": [_facts("t2")],
        "failed": [{"token": "t3", "error": error}],
        "erased_at": None,
        "next_cursor": None,
    }


def _facts(token: str) -> dict[str, Any]:
    return {"token": token, "type": "text", "created": CREATED, "expires_at": None}


def _revealed(token: str) -> dict[str, Any]:
    if token == "gone":
        return {"error": {"code": "token_not_found", "detail": "there is no such token, or no longer"}}
    return {"token": token, "type": "text", "value": token[::-1]}


class _Server(ThreadingHTTPServer):
    """A client that was killed takes no answer, and that is no error of the service."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Service]:
    """The service, on a free port, until the end of the block."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            with service.lock:
                service.connections += 1
                service.open_connections += 1

        def finish(self) -> None:
            with service.lock:
                service.open_connections -= 1
            super().finish()

        def log_message(self, *args: object) -> None: ...

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            if len(raw) < length:
                raise ConnectionError  # The client was killed while it sent.
            answer = service.answer(Seen(self.command, self.path, dict(self.headers), raw))
            if answer is HANG_UP:
                self.close_connection = True
                return
            body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, text in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, text)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if answer.status != 204:
                self.wfile.write(body)

        do_GET = do_POST = do_DELETE = _serve

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    service.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
