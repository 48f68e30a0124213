"""A proxy between Terraform and the emulator, which looks at the account after each request."""

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
"""Headers of one connection, not of the message: RFC 9110, 7.6.1. The length is set anew."""


class Between:
    """Forwards requests to `endpoint`, and calls `look` after each, before its answer goes back.

    `look` is called by one request at a time. What it raises is kept in `problems`; the request is answered
    nevertheless, so the change goes on as it would have.
    """

    def __init__(self, endpoint: str, look: Callable[[], None]) -> None:
        self._target = urlsplit(endpoint).netloc
        self._look, self._lock = look, threading.Lock()
        self.problems: list[Exception] = []
        self.looks = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        """Starts to listen."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops."""
        self._server.shutdown()
        self._server.server_close()

    def _forward(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in HOP_BY_HOP}
        connection = http.client.HTTPConnection(self._target, timeout=60)
        connection.request(asked.command, asked.path, body, headers)
        answer = connection.getresponse()
        answered = answer.read()
        connection.close()
        self._see()
        asked.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(answered)))
        asked.end_headers()
        if asked.command != "HEAD":
            asked.wfile.write(answered)

    def _see(self) -> None:
        with self._lock:
            self.looks += 1
            try:
                self._look()
            except Exception as problem:  # noqa: BLE001  # whatever it is, the test reports it
                self.problems.append(problem)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        forward = self._forward

        class Handler(BaseHTTPRequestHandler):
            """One request."""

            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                forward(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _answer

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        return Handler
