"""HTTP over the standard library: connections that are kept, time limits, no redirects."""

import http.client
import re
import socket
import ssl
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlsplit

from tokenvault_client.connections import Connections, Server
from tokenvault_client.deadlines import Deadline
from tokenvault_client.errors import Unavailable
from tokenvault_client.proxies import Proxy

_TUNNEL: Final = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")
"""How `http.client` reports the answer of a proxy to CONNECT."""


class ConnectionFailed(Exception):
    """No answer came. Whether the request was carried out is not known, unless nothing of it was `sent`.

    `retryable` says whether another try may help: it does not if a name, a certificate or a proxy's
    refusal is at fault.
    """

    def __init__(self, kind: str, *, retryable: bool = True, sent: bool = True) -> None:
        super().__init__(kind)
        self.retryable, self.sent = retryable, sent

    @property
    def error(self) -> Unavailable:
        """What the caller of the client is told."""
        unknown = "; whether it was carried out is unknown" if self.sent else "; nothing was sent"
        return Unavailable.of("unreachable", f"no answer came ({self}){unknown}")


class NoAccessToken(ConnectionFailed):
    """A request was not sent, since there was no access token for it."""

    def __init__(self, why: Unavailable) -> None:
        super().__init__(why.code, retryable=why.retryable, sent=False)
        self._why = why

    @property
    def error(self) -> Unavailable:
        """What the caller of the client is told."""
        return self._why


@dataclass(frozen=True)
class Response:
    """One HTTP answer; the body is kept out of `repr`. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Send(Protocol):
    """Sends one request to one server, and waits no longer than `seconds`. Raises `ConnectionFailed`."""

    def __call__(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> Awaitable[Response]: ...


class Transport(Protocol):
    """Sends one request to one server, and waits no longer than `seconds`. Raises `ConnectionFailed`."""

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        seconds: float,
    ) -> Response: ...

    def close(self) -> None: ...


class HttpTransport:
    """Sends requests below one URL. Safe to use from several threads, and on both sides of a fork.

    A redirect is an answer like any other and never followed: it would carry credentials elsewhere.
    `context` may hold a client certificate, for an API that asks for mutual TLS. `proxy` is for https only.
    """

    def __init__(
        self,
        url: str,
        timeout_seconds: float,
        context: ssl.SSLContext | None = None,
        proxy: Proxy | None = None,
    ) -> None:
        parts = urlsplit(url)
        self._base, self._timeout = parts.path.rstrip("/"), timeout_seconds
        secure = parts.scheme == "https"
        context = (context or ssl.create_default_context()) if secure else None
        self._connections = Connections(
            Server(str(parts.hostname), parts.port, context, proxy if secure else None)
        )

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        seconds: float | None = None,
    ) -> Response:
        """One request, one answer, within `seconds` (the transport's own limit if None).

        Raises `ConnectionFailed`.
        """
        deadline = Deadline.after(self._timeout if seconds is None else seconds)
        connection = self._connections.take(deadline)
        sent = False
        try:
            if connection.sock is None:
                connection.connect()
            sent = True
            connection.request(method, self._base + path, body=body, headers=dict(headers))
            answer = connection.getresponse()
            response = Response(
                answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()
            )
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            # What broke one connection has most likely broken the others that were kept.
            self._connections.close()
            raise failure(error, sent) from None
        except BaseException:
            connection.close()
            raise
        self._connections.keep(connection)
        return response

    def close(self) -> None:
        """Closes the connections that are not in use."""
        self._connections.close()


def failure(error: Exception, sent: bool = True) -> ConnectionFailed:
    """The failure of a request. The text of these errors may quote what was sent; their kind says enough."""
    if refused := _TUNNEL.match(str(error)):
        return refused_by_proxy(int(refused[1]))
    unknown_name = isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME
    lasting = unknown_name or isinstance(error, ssl.SSLCertVerificationError)
    return ConnectionFailed(type(error).__name__, retryable=not lasting, sent=sent)


def refused_by_proxy(status: int) -> ConnectionFailed:
    """The failure of a request whose proxy opened no tunnel."""
    return ConnectionFailed(f"the proxy answered {status}", retryable=status >= 500, sent=False)
