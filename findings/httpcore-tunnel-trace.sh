#!/usr/bin/env bash
# The trace of a request tells of a proxy's CONNECT as if it were the request: headers and body were "sent".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile httpcore==1.0.9 h11==0.16.0
cd "$work"

./venv/bin/python - <<'PY'
import importlib.metadata
import socket
import threading

import httpcore

print("httpcore", importlib.metadata.version("httpcore"))
listening = socket.create_server(("127.0.0.1", 0))


def proxy() -> None:
    """Refuses the tunnel, so that nothing can reach the server behind it."""
    connection, _ = listening.accept()
    with connection:
        print("the proxy reads", connection.recv(65536).split(b"\r\n")[0].decode())
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")


threading.Thread(target=proxy, daemon=True).start()
told: list[tuple[str, str]] = []


def trace(event: str, info: dict[str, object]) -> None:
    if event.startswith("http11.send_request") and event.endswith("complete"):
        told.append((event, ""))
    elif "request" in info:
        told.append((event, info["request"].method.decode()))


address = f"http://127.0.0.1:{listening.getsockname()[1]}"
with httpcore.HTTPProxy(address) as connections:
    try:
        connections.request(
            "POST", "https://service.example/", content=b"{}", extensions={"trace": trace}
        )
    except httpcore.ProxyError as error:
        print("ProxyError:", error)
for event, method in told:
    print(event, method)
events = [event for event, _ in told]
assert "http11.send_request_headers.complete" in events, "a tunnel is no part of the trace now"
assert "http11.send_request_body.complete" in events, "a tunnel is no part of the trace now"
assert {method for _, method in told if method} == {"CONNECT"}, "the request itself is told of, too"
PY
