"""Lambda invocations: the emulator keeps functions, and runs none."""

import json
from typing import Any

from moto.awslambda.models import LambdaBackend, LambdaFunction

from local.emulator.patching import wrap


@wrap(
    LambdaFunction,
    "_invoke_lambda",
    why="moto runs functions in Docker containers, where it finds Docker; here the launcher runs them",
    seen_on="5.2.5",
)
def _invoke_lambda(original: Any, self: LambdaFunction, *args: Any, **kwargs: Any) -> tuple[str, bool, str]:
    refusal = {
        "errorType": "Emulator.NoRuntime",
        "errorMessage": "The emulator keeps functions and runs none.",
    }
    return json.dumps(refusal), True, ""


@wrap(
    LambdaBackend,
    "send_dynamodb_items",
    why="with an event source mapping moto starts a container in the middle of a PutItem, and takes the "
    "records off the stream even when that fails; now they stay for whoever reads the stream",
    seen_on="5.2.5",
)
def _send_dynamodb_items(original: Any, self: LambdaBackend, *args: Any, **kwargs: Any) -> str:
    return ""
