"""The inside of a function container: one handler, one event at a time, over a pipe.

`python -m local.runtime app.reveal 29` reads a JSON event a line on standard input and writes a JSON
answer a line on standard output; each event has 29 seconds. Whatever the handler prints goes to standard
error instead, so it cannot end up among the answers.
"""

import importlib
import json
import os
import sys
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from chalicelib.errors import ConfigurationError

TIMEOUT_SECONDS = 29
"""As long as API Gateway waits."""


@dataclass
class Context:
    """What a handler sees of Lambda.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    function_name: str
    memory_limit_in_mb: int
    timeout_seconds: float
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "1"
    started: float = field(default_factory=time.monotonic)
    client_context: None = None
    identity: None = None

    @property
    def invoked_function_arn(self) -> str:
        """The alias that was called."""
        return f"arn:aws:lambda:{os.environ['AWS_REGION']}:123456789012:function:{self.function_name}:live"

    @property
    def log_group_name(self) -> str:
        """Where the function's lines would go."""
        return f"/aws/lambda/{self.function_name}"

    log_stream_name = "local"

    def get_remaining_time_in_millis(self) -> int:
        """Time left before the container is given up."""
        return int(max(0.0, self.started + self.timeout_seconds - time.monotonic()) * 1000)


def main() -> None:
    """Serves events until the pipe closes."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    module, _, name = sys.argv[1].partition(".")
    handler = getattr(importlib.import_module(module), name)
    for line in sys.stdin:
        context = Context(
            os.environ["AWS_LAMBDA_FUNCTION_NAME"],
            int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]),
            float(sys.argv[2]),
        )
        answers.write(json.dumps(_answer(handler, json.loads(line), context)) + "\n")


def _answer(handler: Any, event: Any, context: Context) -> dict[str, Any]:
    """What Lambda makes of a result; of an exception only its kind, since it may quote the event.

    What is wrong with settings or policy quotes no event, and nobody mends it without knowing what it is.
    """
    try:
        return {"result": handler(event, context)}
    except Exception as error:  # noqa: BLE001  # a container outlives its handler's failures
        reason = f": {error}" if isinstance(error, ConfigurationError) else ""
        sys.stderr.write(f"handler failed: {type(error).__name__}{reason}\n")
        return {"error": type(error).__name__}


if __name__ == "__main__":
    main()
