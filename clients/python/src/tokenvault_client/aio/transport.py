"""HTTP over httpx: connections that are kept, one time limit for a request, no redirects."""

import asyncio
import re
import ssl
from collections.abc import Mapping
from typing import Any, Final

try:
    import httpx
except ImportError:
    raise ImportError("the client for asyncio needs httpx: pip install httpx") from None

from tokenvault_client import http
from tokenvault_client.connections import IDLE_SECONDS
from tokenvault_client.http import ConnectionFailed, Response
from tokenvault_client.proxies import Proxy

MOST_CONNECTIONS: Final = 100
"""To one server at a time. What is beyond waits within its time: a thousand tasks are no thousand sockets."""

_STATUS: Final = re.compile(r"[0-9]{3}\b")
"""How httpx reports the answer of a proxy to CONNECT, the proxy's own words behind it."""


class HttpxTransport:
    """Sends requests below one URL, from any number of tasks of one event loop.

    It is httpx's transport without its client: that reads the environment, keeps cookies, and logs addresses,
    a subject's among them. A redirect is an answer like any other and never followed.
    """

    def __init__(self, url: str, context: ssl.SSLContext | None = None, proxy: Proxy | None = None) -> None:
        self._closed = False
        self._base, secure = url.rstrip("/"), url.lower().startswith("https:")
        self._connections = httpx.AsyncHTTPTransport(
            # One that trusts nobody, where there is no TLS.
            verify=(context or ssl.create_default_context())
            if secure
            else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            trust_env=False,
            limits=httpx.Limits(
                max_connections=MOST_CONNECTIONS,
                max_keepalive_connections=MOST_CONNECTIONS,
                keepalive_expiry=IDLE_SECONDS,
            ),
            proxy=_proxy(proxy) if proxy and secure else None,
        )

    async def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> Response:
        """One request, one answer, within `seconds`. Raises `ConnectionFailed`.

        A task that is cancelled meanwhile closes its connection, which nobody gets any more.
        """
        if self._closed:
            # A call that was under way would open a connection that nobody closes.
            raise ConnectionFailed("the client was closed", retryable=False, sent=False)
        progress = _Progress()
        try:
            async with asyncio.timeout(seconds):
                return await self._answer(method, path, headers, body, progress)
        except httpx.InvalidURL:
            raise ConnectionFailed("InvalidURL", retryable=False, sent=False) from None
        except (OSError, httpx.HTTPError) as error:
            raise _failure(error, progress.sent) from None

    async def aclose(self) -> None:
        """Closes the connections, for good."""
        self._closed = True
        await self._connections.aclose()

    async def _answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, progress: "_Progress"
    ) -> Response:
        extensions = {"trace": progress.note}
        request = httpx.Request(
            method, self._base + path, headers=dict(headers), content=body, extensions=extensions
        )
        answer = await self._connections.handle_async_request(request)
        try:
            content = await answer.aread()
        finally:
            await answer.aclose()
        return Response(answer.status_code, {k.lower(): text for k, text in answer.headers.items()}, content)


class _Progress:
    """Whether anything of a request was sent; https://www.python-httpx.org/advanced/extensions/#trace"""

    def __init__(self) -> None:
        self.sent = False

    async def note(self, event: str, info: Mapping[str, Any]) -> None:
        # A tunnel's CONNECT is none of the request.
        if event == "http11.send_request_headers.started" and info["request"].method != b"CONNECT":
            self.sent = True


def _proxy(proxy: Proxy) -> httpx.Proxy:
    host = f"[{proxy.host}]" if ":" in proxy.host else proxy.host
    return httpx.Proxy(f"http://{host}:{proxy.port}", headers=dict(proxy.headers))


def _failure(error: Exception, sent: bool) -> ConnectionFailed:
    if isinstance(error, httpx.ProxyError) and (refused := _STATUS.match(str(error))):
        return http.refused_by_proxy(int(refused[0]))
    return http.failure(_cause(error), sent)


def _cause(error: Exception) -> Exception:
    """The system's own error behind those of the libraries between, if there is one."""
    found, behind = error, error.__cause__ or error.__context__
    while behind is not None:
        if isinstance(behind, BaseExceptionGroup):
            behind = behind.exceptions[0]
        if isinstance(behind, OSError):
            found = behind
        behind = behind.__cause__ or behind.__context__
    return found
