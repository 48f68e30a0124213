"""HTTP over the standard library: connections that are kept, time limits, no redirects."""

import http.client
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlsplit

IDLE_SECONDS: Final = 30
"""API Gateway closes a connection that was silent for longer; an older one is not tried."""


class ConnectionFailed(Exception):
    """No answer came. Whether the request was carried out is not known."""


@dataclass(frozen=True)
class Response:
    """One HTTP answer; the body is kept out of `repr`. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Transport(Protocol):
    """Sends one request to one server. Raises `ConnectionFailed`."""

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Response: ...

    def close(self) -> None: ...


class HttpTransport:
    """Sends requests below one URL. Safe to use from several threads, each on a connection of its own.

    A redirect is an answer like any other and never followed: it would carry credentials elsewhere.
    `context` may hold a client certificate, where the API asks for mutual TLS.
    """

    def __init__(self, url: str, timeout_seconds: float, context: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), parts.port
        self._base = parts.path.rstrip("/")
        self._timeout = timeout_seconds
        self._context = (context or ssl.create_default_context()) if parts.scheme == "https" else None
        self._lock = threading.Lock()
        self._idle: list[tuple[float, http.client.HTTPConnection]] = []

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Response:
        """One request, one answer. Raises `ConnectionFailed`."""
        connection = self._take()
        try:
            connection.request(method, self._base + path, body=body, headers=dict(headers))
            answer = connection.getresponse()
            response = Response(
                answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()
            )
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            # The text of these errors may quote what was sent; their kind says enough.
            raise ConnectionFailed(type(error).__name__) from None
        except BaseException:
            connection.close()
            raise
        self._keep(connection)
        return response

    def close(self) -> None:
        """Closes the connections that are not in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def _take(self) -> http.client.HTTPConnection:
        """A connection that was used a moment ago, or a new one."""
        with self._lock:
            while self._idle:
                since, connection = self._idle.pop()
                if time.monotonic() - since < IDLE_SECONDS:
                    return connection
                connection.close()
        if self._context is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=self._timeout, context=self._context
        )

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        # The server may have asked to close it, and then it has no socket any more.
        if connection.sock is not None:
            with self._lock:
                self._idle.append((time.monotonic(), connection))
