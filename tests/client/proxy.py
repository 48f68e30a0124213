"""A proxy on loopback that opens tunnels to this machine, and notes what it is asked and what passes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """What a proxy met. `status` is its answer to CONNECT; only 200 opens a tunnel, and 0 is no answer."""

    port: int
    status: int = 200
    asked: list[bytes] = field(default_factory=list)
    passed: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://someone:a-password@127.0.0.1:{self.port}"


@contextmanager
def proxying() -> Iterator[Proxy]:
    """A proxy on a free port until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = Proxy(listening.getsockname()[1])

        def serve() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=_tunnel, args=(proxy, listening.accept()[0]), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield proxy
        # Wakes the thread that accepts.
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def _tunnel(proxy: Proxy, client: socket.socket) -> None:
    with client, suppress(OSError):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        proxy.asked.append(head)
        if proxy.status == 0:
            return
        client.sendall(b"HTTP/1.1 %d Answered\r\n\r\n" % proxy.status)
        if proxy.status != 200:
            return
        port = int(head.split(b" ")[1].rpartition(b":")[2])
        with socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=_copy, args=(proxy, server, client), daemon=True)
            back.start()
            _copy(proxy, client, server)
            back.join(10)


def _copy(proxy: Proxy, source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            proxy.passed.append(data)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
