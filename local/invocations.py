"""Runs functions for others on this machine: the emulator hands `aws lambda invoke` on to here.

The emulator keeps functions, and the launcher runs them. Callers must know the path: the emulator is started
with it, and nobody else learns it.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

from local.container import FunctionCrashError, FunctionTimeoutError
from local.http_server import HttpServer
from local.merged_api import Refusal

VARIABLE: Final = "TOKENVAULT_EMULATOR_INVOCATIONS"
"""The emulator's environment variable with the address."""

_HEADERS: Final = {"Content-Type": "application/json"}


class Invocations:
    """A server on a free port of loopback. `invoke` runs the function that has a name.

    It raises `KeyError` when there is none.
    """

    def __init__(self, invoke: Callable[[str, Any], Any]) -> None:
        self._invoke = invoke
        self._path = f"/{secrets.token_urlsafe(32)}/"
        self._server = HttpServer(self, "127.0.0.1", 0, threads=4)
        self._server.start()

    @property
    def environment(self) -> dict[str, str]:
        """What tells the emulator where functions are run."""
        return {VARIABLE: f"http://127.0.0.1:{self._server.port}{self._path}"}

    def stop(self) -> None:
        """Runs no more."""
        self._server.stop()

    def handle_request(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Any:
        """`POST /<secret>/<function>` with the event: what the function made of it, or its error's kind."""
        if method != "POST" or not path.startswith(self._path):
            return _answer(404, {"error": "NotFound"})
        try:
            result = self._invoke(path.removeprefix(self._path), json.loads(body or b"{}"))
        except KeyError:
            return _answer(404, {"error": "ResourceNotFound"})
        except FunctionTimeoutError:
            return _answer(200, {"error": "Sandbox.Timedout"})
        except FunctionCrashError as crash:
            return _answer(200, {"error": str(crash)})
        return _answer(200, {"result": result})

    def refusal(self, kind: str, request_id: str, headers: Mapping[str, str]) -> Refusal:
        """What no gateway words."""
        return Refusal(400, _HEADERS, json.dumps({"error": kind}))


def _answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    return {"statusCode": status, "headers": _HEADERS, "body": json.dumps(body)}
