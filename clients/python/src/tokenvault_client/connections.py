"""Connections to one server: kept for a while, made anew in another process, and bounded in time."""

import http.client
import io
import os
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

from tokenvault_client import forks
from tokenvault_client.deadlines import Deadline
from tokenvault_client.proxies import Proxy

IDLE_SECONDS: Final = 30
"""API Gateway closes a connection that was silent for longer; an older one is not tried."""


@dataclass(frozen=True)
class Server:
    """Where a connection goes: with TLS if there is a context, and through the proxy if there is one."""

    host: str
    port: int | None
    context: ssl.SSLContext | None = None
    proxy: Proxy | None = None


class Connections:
    """The connections to a server. Safe to use from several threads, each on a connection of its own.

    A child process does not use what its parent had opened: two processes on one socket get each other's
    answers, and two that continue one TLS session encrypt different texts under one key and nonce.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock, self._process = threading.Lock(), os.getpid()
        self._idle: list[tuple[float, http.client.HTTPConnection]] = []
        forks.watch(self)

    def take(self, deadline: Deadline) -> http.client.HTTPConnection:
        """A connection that was used a moment ago, or a new one, for one request until the deadline."""
        connection = self._kept() or self._new()
        connection.timeout = deadline.left()
        if connection.sock is not None:
            connection.sock.settimeout(deadline.left())
        connection.response_class = _response_until(deadline)
        return connection

    def keep(self, connection: http.client.HTTPConnection) -> None:
        """Takes a connection back after a whole answer."""
        # The server may have asked to close it, and then it has no socket any more.
        if connection.sock is not None:
            with self._lock:
                self._idle.append((time.monotonic(), connection))

    def close(self) -> None:
        """Closes the connections that are not in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def after_fork(self) -> None:
        """Forgets the parent's connections. Closing them here ends nothing for the parent."""
        self._lock, self._process = threading.Lock(), os.getpid()
        self.close()

    def _kept(self) -> http.client.HTTPConnection | None:
        if self._process != os.getpid():  # forked by code that does not run Python's own hooks
            self.after_fork()
        with self._lock:
            while self._idle:
                since, connection = self._idle.pop()
                if time.monotonic() - since < IDLE_SECONDS:
                    return connection
                connection.close()
        return None

    def _new(self) -> http.client.HTTPConnection:
        server, proxy = self._server, self._server.proxy
        host, port = (proxy.host, proxy.port) if proxy else (server.host, server.port)
        if server.context is None:
            return http.client.HTTPConnection(host, port)
        connection = http.client.HTTPSConnection(host, port, context=server.context)
        if proxy:
            connection.set_tunnel(server.host, server.port or http.client.HTTPS_PORT, dict(proxy.headers))
        return connection


def _response_until(deadline: Deadline) -> Any:
    """What makes responses for a connection. The time limit of a socket is one of each read, not of all."""

    def response(sock: socket.socket, *args: Any, **options: Any) -> http.client.HTTPResponse:
        return http.client.HTTPResponse(_Timed(sock, deadline), *args, **options)  # type: ignore[arg-type]  # only makefile is called

    return response


class _Timed(io.RawIOBase):
    """Reads of a socket that end at a deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._socket, self._deadline = sock, deadline
        self._raw = sock.makefile("rb", buffering=0)

    def makefile(self, mode: str) -> io.BufferedReader:
        """As `HTTPResponse` asks a socket for it."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.left()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
