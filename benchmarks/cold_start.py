"""Runs in a fresh interpreter that sees nothing but the folder it is given, as a cold start in Lambda does.

`python -I -S cold_start.py <folder> <work> [<answers>]` prints seconds of CPU and of wall time, and the peak
of memory in MB. `work` is `floor`, or a handler such as `app.reveal`, which answers one event. AWS's answers
were recorded beforehand; giving them out again takes next to nothing.
"""

import time

STARTED = time.perf_counter()

import importlib  # noqa: E402  # the clock first
import json  # noqa: E402  # the clock first
import sys  # noqa: E402  # the clock first
from pathlib import Path  # noqa: E402  # the clock first
from typing import Any  # noqa: E402  # the clock first


def floor() -> None:
    """The library and the two clients that no such function can do without."""
    import boto3  # noqa: PLC0415  # what is measured

    boto3.client("dynamodb", "us-east-1")
    boto3.client("kms", "us-east-1")


def answered(handler: str, given: dict[str, Any]) -> None:
    """The first request of a container, answered."""
    module, _, name = handler.partition(".")
    handle = getattr(importlib.import_module(module), name)
    _replay([tuple(exchange) for exchange in given["recorded"]])
    answer = handle(given["event"], None)
    assert answer["statusCode"] == 200, answer  # what is not answered is not measured


def _replay(recorded: list[tuple[str, str]]) -> None:
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415  # loaded already
    from botocore.httpsession import URLLib3Session  # noqa: PLC0415  # loaded already

    class Raw:
        def __init__(self, body: str) -> None:
            self._body = body.encode()

        def stream(self, *_: Any, **__: Any) -> Any:
            yield self._body

    def send(_: Any, request: Any) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        called = (target.decode() if isinstance(target, bytes) else target).partition(".")[2]
        place = next(i for i, (operation, _) in enumerate(recorded) if operation == called)
        return AWSResponse(request.url, 200, {}, Raw(recorded.pop(place)[1]))

    URLLib3Session.send = send


def peak_mb() -> float:
    """The most memory that this program held (`getrusage` would count the one that started it, too)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    if sys.argv[2] == "floor":
        floor()
    else:
        answered(sys.argv[2], json.loads(Path(sys.argv[3]).read_text()))
    spent = [time.process_time(), time.perf_counter() - STARTED, peak_mb()]
    sys.stderr.write(json.dumps(spent) + "\n")
