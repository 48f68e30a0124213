"""HTTP under the gateway: waitress, which keeps requests apart, and answers in problem documents.

A request reaches the gateway whole or not at all: a body that is cut short, a length that is none and a
broken chunk never do. https://www.rfc-editor.org/rfc/rfc9112#section-6.3
"""

import http.client
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask

from local.merged_api import Refusal

BACKLOG: Final = 1024
THREADS: Final = 64
"""Requests that wait for a function at the same time; the others wait in the queue of the server."""

MAX_RECEIVED_BYTES: Final = 64 * 1024 * 1024
"""More than API Gateway's limit of a body, so that the gateway answers to what is over that limit itself."""

_POLL_SECONDS: Final = 0.5
_IDLE_SECONDS: Final = 65


class Answers(Protocol):
    """What stands behind the server: `local.gateway.Gateway`."""

    def handle_request(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Any:
        """The answer as a Lambda proxy integration gives it."""

    def refusal(self, kind: str, request_id: str, headers: Mapping[str, str]) -> Refusal:
        """An answer that API Gateway makes by itself, to a request with these headers."""


class HttpServer:
    """Bound when it is made; raises `OSError` when the port is taken."""

    def __init__(self, gateway: Answers, host: str, port: int, threads: int = THREADS) -> None:
        self._server: Any = create_server(
            _application(gateway),
            host=host,
            port=port,
            ident=None,
            backlog=BACKLOG,
            threads=threads,
            connection_limit=BACKLOG,
            channel_timeout=_IDLE_SECONDS,
            max_request_body_size=MAX_RECEIVED_BYTES,
            asyncore_use_poll=True,
            log_socket_errors=False,
        )
        self._server.channel_class = _channel(gateway)
        self._stopping, self._closing = threading.Event(), threading.Lock()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.effective_port)

    def serve_forever(self) -> None:
        """Serves until `stop`, which another thread calls."""
        while not self._stopping.is_set():
            wasyncore.loop(timeout=_POLL_SECONDS, map=self._server._map, use_poll=True, count=1)
        with self._closing:
            self._server.task_dispatcher.shutdown(timeout=1)
            wasyncore.close_all(self._server._map)

    def start(self) -> None:
        """Serves in a thread of its own."""
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stops serving, closes every connection, and comes back when that is done."""
        with self._closing:  # else the trigger may be closed, and its descriptor somebody else's
            self._stopping.set()
            self._server.pull_trigger()
        self._thread.join()


def _application(gateway: Answers) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        method, target = environ["REQUEST_METHOD"], _target(environ["REQUEST_URI"])
        body = environ["wsgi.input"].read()
        answer = gateway.handle_request(method, target, _headers(environ), body)
        status = answer["statusCode"]
        raw = answer["body"].encode()
        headers = [*answer["headers"].items(), *_repeated(answer.get("multiValueHeaders") or {})]
        if status != http.client.NO_CONTENT:
            headers.append(("Content-Length", str(len(raw))))
        start_response(_status_line(status), headers)
        # https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2
        return [] if method == "HEAD" or status == http.client.NO_CONTENT else [raw]

    return application


def _channel(gateway: Answers) -> type[HTTPChannel]:
    """A connection whose refusals are problem documents, and repeat nothing of what was sent."""

    class ProblemTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
        def execute(self) -> None:
            headers = {name.replace("_", "-").lower(): text for name, text in self.request.headers.items()}
            refusal = gateway.refusal(_kind(self.request.error.code), str(uuid.uuid4()), headers)
            raw = refusal.body.encode()
            self.status = _status_line(refusal.status)
            self.response_headers.extend(refusal.headers.items())
            self.content_length = len(raw)
            self.set_close_on_finish()
            self.write(raw)

    class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
        parser_class = _Parser
        error_task_class = ProblemTask

    return Channel


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Refuses what waitress 3.0 stumbles over, and two lengths in one request (RFC 9112, 6.1)."""

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError:
            raise ParsingError("the target is no URI") from None
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("two lengths")


def _kind(status: int) -> str:
    """The gateway response for what the server found wrong with a request."""
    if status == http.client.REQUEST_ENTITY_TOO_LARGE:
        return "REQUEST_TOO_LARGE"
    return "DEFAULT_5XX" if status == http.client.INTERNAL_SERVER_ERROR else "DEFAULT_4XX"


def _target(target: str) -> str:
    """Path and query of a request, whose line may hold the whole URL (RFC 9112, 3.2.2)."""
    if target.startswith("/"):
        return target
    parts = urlsplit(target)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a request; WSGI has their names in its own spelling (PEP 3333)."""
    names = {name: name.removeprefix("HTTP_") for name in environ if name.startswith("HTTP_")}
    names |= {name: name for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if name in environ}
    return {field.replace("_", "-").lower(): environ[name] for name, field in names.items()}


def _repeated(headers: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in headers.items() for value in values]


def _status_line(status: int) -> str:
    return f"{status} {http.client.responses.get(status, '')}"
