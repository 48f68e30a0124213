"""Lambda invocations: the emulator keeps functions, and the launcher that started it runs them."""

import json
import os
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import Request

from moto.awslambda.models import LambdaBackend, LambdaFunction

from local.emulator.patching import wrap
from local.invocations import VARIABLE
from local.loopback import direct

_INVOKED_SECONDS: Final = 330
"""Longer than the longest timeout of a function of ours."""


@wrap(
    LambdaFunction,
    "_invoke_lambda",
    why="moto runs functions in Docker containers, where it finds Docker; here the launcher runs them",
    seen_on="5.2.5",
)
def _invoke_lambda(original: Any, self: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
    """Payload, whether it is a function's error, and the log."""
    address = os.environ.get(VARIABLE)
    if address is None:
        return _error("Emulator.NoRuntime", "The emulator keeps functions and runs none.")
    given = json.loads(event) if isinstance(event, str) else event or {}
    try:
        with direct(
            Request(f"{address}{self.function_name}", json.dumps(given).encode()), None, _INVOKED_SECONDS
        ) as answer:
            made = json.load(answer)
    except HTTPError:
        return _error("Emulator.NoRuntime", "No such function is run at the moment.")
    if "error" in made:
        return _error(made["error"], "The function failed; its log says why.")
    return json.dumps(made["result"]), False, ""


def _error(kind: str, message: str) -> tuple[str, bool, str]:
    return json.dumps({"errorType": kind, "errorMessage": message}), True, ""


@wrap(
    LambdaBackend,
    "send_dynamodb_items",
    why="with an event source mapping moto starts a container in the middle of a PutItem, and takes the "
    "records off the stream even when that fails; now they stay for readers of the stream",
    seen_on="5.2.5",
)
def _send_dynamodb_items(original: Any, self: LambdaBackend, *args: Any, **kwargs: Any) -> str:
    return ""
