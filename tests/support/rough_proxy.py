"""A forward proxy as companies have one, on a bad day: it refuses, delays, and cuts what it carries."""

import itertools
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Literal

Trouble = Literal["refuses", "cuts requests", "cuts answers", "delays"]
_TROUBLES: Final[tuple[Trouble, ...]] = ("cuts requests", "delays", "cuts answers", "refuses")
"""What befalls tunnels, in turn. A request whose answer is cut was carried out. In the end, all are cut."""

_BYTES: Final = 40_000
"""What a tunnel carries one way before it is cut: a few requests of a hundred items."""

_DELAY_SECONDS: Final = 0.1
"""Before each piece of what comes back through a tunnel that delays."""


@dataclass
class RoughProxy:
    """Where it listens, what it was asked for, and what befell how many tunnels."""

    url: str
    asked: Counter[str] = field(default_factory=Counter)
    befallen: Counter[Trouble] = field(default_factory=Counter)


@contextmanager
def rough_proxy() -> Iterator[RoughProxy]:
    """A proxy on a free port until the end of the block. Every tunnel ends at this machine, by its port."""
    turns = itertools.cycle(_TROUBLES)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = RoughProxy(f"http://127.0.0.1:{listening.getsockname()[1]}")

        def serve() -> None:
            with suppress(OSError):
                while True:
                    arguments = proxy, listening.accept()[0], next(turns)
                    threading.Thread(target=_serve, args=arguments, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield proxy
        # Wakes the thread that accepts.
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def _serve(proxy: RoughProxy, client: socket.socket, trouble: Trouble) -> None:
    with client, suppress(OSError):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        asked = head.split(b"\r\n")[0].decode()
        proxy.asked[asked.rpartition(" ")[0]] += 1
        if trouble == "refuses":
            proxy.befallen[trouble] += 1
            client.sendall(b"HTTP/1.1 503 Not Now\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", int(asked.split(" ")[1].rpartition(":")[2]))) as server:
            client.sendall(b"HTTP/1.1 200 Go On\r\n\r\n")
            _carry(proxy, client, server, trouble)


def _carry(proxy: RoughProxy, client: socket.socket, server: socket.socket, trouble: Trouble) -> None:
    """Both ways, until either side ends it or it is cut: on the way there, or else on the way back."""

    def copy(source: socket.socket, target: socket.socket, cut: bool, delay: float = 0) -> None:
        carried = 0
        with suppress(OSError):
            while data := source.recv(4096):
                carried += len(data)
                if cut and carried > _BYTES:
                    proxy.befallen[trouble] += 1
                    break
                time.sleep(delay)
                target.sendall(data)
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    there, delay = trouble == "cuts requests", _DELAY_SECONDS if trouble == "delays" else 0
    back = threading.Thread(target=copy, args=(server, client, not there, delay), daemon=True)
    back.start()
    copy(client, server, there)
    back.join()
