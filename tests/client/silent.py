"""A server that never answers."""

import contextlib
import socket
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def silent(sent: bytes = b"", every: float = 0.05) -> Iterator[str]:
    """A server that takes connections, and then says nothing, or something again and again."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop, taken = threading.Event(), list[socket.socket]()

        def serve() -> None:
            with contextlib.suppress(OSError):
                while not stop.is_set():
                    taken.append(listening.accept()[0])
                    threading.Thread(target=trickle, args=(taken[-1],), daemon=True).start()

        def trickle(connection: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while sent and not stop.wait(every):
                    connection.sendall(sent)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stop.set()
            for connection in taken:
                connection.close()
