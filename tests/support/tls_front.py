"""The API and the token endpoint of a stack over TLS, under a name of their own, as in AWS."""

import http.client
import ssl
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

_TOKENS: Final = "/oauth2/"
_OURS: Final = {"content-length", "connection", "date", "server", "transfer-encoding"}
"""Headers of an answer that belong to one connection (RFC 9110, 7.6.1), or that the handler writes itself."""


class _Server(ThreadingHTTPServer):
    """A connection that broke is the caller's affair."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


@contextmanager
def tls_front(api: str, tokens: str, certificate: Path) -> Iterator[int]:
    """The port where both answer until the end of the block. A request that was cut is not passed on."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                raise ConnectionError
            target = tokens if self.path.startswith(_TOKENS) else api
            status, headers, answered = _passed_on(
                urlsplit(target).netloc, self.command, self.path, dict(self.headers), body
            )
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in _OURS:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answered)))
            self.end_headers()
            self.wfile.write(answered)

        do_GET = do_POST = do_DELETE = _handle

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with _Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def _passed_on(
    host: str, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request(method, path, body or None, {**headers, "Host": host})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()
