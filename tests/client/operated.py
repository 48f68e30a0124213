"""An account's functions behind Lambda's HTTP API, so that the tool can be run on them as a process."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from chalicelib import key_wiring, wiring
from chalicelib.errors import TokenvaultError
from tests.support.rotations import Operator

Answer = Callable[[str, dict[str, Any]], Any]
"""Given the function's name and the event. What it raises becomes a function error."""


def functions(operator: Operator) -> Answer:
    """The functions of the operator's account, each call in a warm container."""

    def answer(name: str, event: dict[str, Any]) -> Any:
        if name == "tv-reveal":
            assert event in (
                {"rewrap": operator.tenant},
                {"rewrap": operator.tenant, "part": event.get("part")},
            )
            return key_wiring.answered(operator.rewrap_page, event.get("part"))
        if "rotate" in event:
            account = operator.account
            run = wiring.maintain(account.env("maintain"), account.client, account.telemetry, event["rotate"])
            account.restart()
            return {"made": list(run.keys_made), "ready": list(run.keys_ready)}
        return key_wiring.answered(operator.send, event)

    return answer


@contextmanager
def lambdas(answer: Answer) -> Iterator[str]:
    """Serves the functions, and gives the address."""

    class Handler(BaseHTTPRequestHandler):
        """https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""

        def do_POST(self) -> None:
            name = self.path.split("/")[3]
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            failed = {}
            try:
                body = answer(name, event)
            except TokenvaultError as error:
                body = {"errorType": type(error).__name__, "errorMessage": str(error)}
                failed = {"X-Amz-Function-Error": "Unhandled"}
            payload = json.dumps(body).encode()
            self.send_response(200)
            for header, text in {**failed, "Content-Length": str(len(payload))}.items():
                self.send_header(header, text)
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
