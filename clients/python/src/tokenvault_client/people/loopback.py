"""Where the browser comes back to: one answer on loopback (RFC 8252, 7.3)."""

import contextlib
import os
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Final

from tokenvault_client.deadlines import Deadline

_DONE: Final = (
    b"<!doctype html><meta charset=utf-8><title>tokenvault</title><p>Back to the terminal; this page can go."
)
_POLL_SECONDS: Final = 0.5
_MOST_REQUESTS: Final = 50


class _Server(HTTPServer):
    # A second sign-in comes while the port still waits for late packets of the first. On Windows the same
    # option would let another process listen at the port at the same time.
    allow_reuse_address = os.name == "posix"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: a browser that hangs up is no error, and a traceback may hold a code."""


class Loopback:
    """A port of this machine that waits for a browser. Raises `OSError` if none of the ports is free."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._answer: str | None = None
        self._server = _bound(ports, self._handler())
        self.port = int(self._server.server_port)

    def wait(self, is_answer: Callable[[str], bool], deadline: Deadline) -> str | None:
        """The address that a browser asked for, if it is an answer; one for an icon, say, is let pass."""
        for _ in range(_MOST_REQUESTS):
            self._answer = None
            while self._answer is None and deadline.left():
                self._server.timeout = min(_POLL_SECONDS, max(deadline.left(), 0.01))
                self._server.handle_request()
            if self._answer is None or is_answer(self._answer):
                return self._answer
        return None

    def close(self) -> None:
        """Frees the port."""
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 5.0

            def do_GET(self) -> None:
                outer._answer = self.path
                self.send_response(200)
                for name, text in (
                    ("Content-Type", "text/html"),
                    ("Content-Length", str(len(_DONE))),
                    ("Cache-Control", "no-store"),
                    ("Referrer-Policy", "no-referrer"),
                ):
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(_DONE)

            def log_message(self, *_: Any) -> None:
                """The address holds the code."""

        return Handler


def _bound(ports: Sequence[int], handler: type[BaseHTTPRequestHandler]) -> _Server:
    for port in ports:
        with contextlib.suppress(OSError):
            return _Server(("127.0.0.1", port), handler)
    raise OSError("none of the ports is free")
