"""A way to the API on which connections break, stall and are refused, in turn."""

import http.client
import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

_BEHAVIOURS: Final = (
    "passes", "cut before", "passes", "cut after", "passes", "stalls", "refuses", "passes", "cut after",
)  # fmt: skip
"""What befalls the requests, in turn. One that is cut after was carried out, and its answer is lost."""

_STALLED_SECONDS: Final = 0.5


@dataclass
class Road:
    """Where it begins, and what befell whom."""

    url: str
    befallen: Counter[str] = field(default_factory=Counter)


@contextmanager
def rough_road(target: str) -> Iterator[Road]:
    """A road to `target`, on a free port until the end of the block."""
    turns, lock = itertools.cycle(_BEHAVIOURS), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            with lock:
                behaviour = next(turns)
                road.befallen[behaviour] += 1
            if behaviour == "refuses":
                self._answer(503, {"Retry-After": "1", "Content-Type": "text/plain"}, b"not now")
                return
            if behaviour != "cut before":
                answer = _passed_on(target, self.command, self.path, dict(self.headers), body)
                time.sleep(_STALLED_SECONDS if behaviour == "stalls" else 0)
            if behaviour.startswith("cut"):
                self.close_connection = True
                return
            self._answer(*answer)

        do_GET = do_POST = do_DELETE = _handle

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in {"content-length", "connection", "date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        road = Road(f"http://127.0.0.1:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield road
        finally:
            server.shutdown()


def _passed_on(
    target: str, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    host = urlsplit(target).netloc
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request(method, path, body or None, {**headers, "Host": host})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()
