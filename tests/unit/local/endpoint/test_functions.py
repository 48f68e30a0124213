"""Functions that an emulator's Lambda runs."""

import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.container import MOST_CONTAINERS, Function, FunctionCrashError, FunctionTimeoutError
from local.endpoint.functions import DeployedFunction


class Lambda:
    """An account with one function, and what its Lambda answers."""

    def __init__(self, **answer: Any) -> None:
        self.answer, self.asked = answer, {}

    def client(self, service: str) -> "Lambda":
        assert service == "lambda"
        return self

    def function(self, name: str, alias: str) -> Function:
        return Function(name, "app.reveal", 512, {"A": "b"})

    def invoke(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return {**self.answer, "Payload": io.BytesIO(json.dumps(self.answer["Payload"]).encode())}


def test_an_event_goes_in_and_a_result_comes_back() -> None:
    """Through the alias, as API Gateway calls it."""
    account = Lambda(Payload={"statusCode": 200})
    function = DeployedFunction(account, "reveal-us-east-1", "live")
    assert function.invoke({"body": None}) == {"statusCode": 200}
    asked = {"FunctionName": "reveal-us-east-1", "Qualifier": "live", "Payload": b'{"body": null}'}
    assert account.asked == asked
    assert (function.name, function.environment) == ("reveal-us-east-1", {"A": "b"})


@pytest.mark.parametrize(
    ("kind", "raised"),
    [("Sandbox.Timedout", FunctionTimeoutError), ("KeyError", FunctionCrashError)],
)
def test_a_function_that_fails_says_its_kind_and_no_more(kind: str, raised: type[Exception]) -> None:
    """A message may quote the event."""
    told = {"errorType": kind, "errorMessage": "a sentinel"}
    function = DeployedFunction(Lambda(FunctionError="Unhandled", Payload=told), "reveal", "live")
    with pytest.raises(raised) as failed:
        function.invoke({})
    assert "sentinel" not in str(failed.value)


def test_an_error_without_a_kind_is_a_crash() -> None:
    """Whatever an emulator puts there."""
    function = DeployedFunction(Lambda(FunctionError="Unhandled", Payload=None), "reveal", "live")
    with pytest.raises(FunctionCrashError, match="Unhandled"):
        function.invoke({})


def test_no_more_run_at_a_time_than_the_launcher_runs() -> None:
    """The others wait, since each one more would be a container to start on the same machine."""
    running, most, lock = 0, 0, threading.Lock()

    class Slow(Lambda):
        def invoke(self, **asked: Any) -> dict[str, Any]:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.01)
            with lock:
                running -= 1
            return super().invoke(**asked)

    function = DeployedFunction(Slow(Payload="done"), "reveal", "live")
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(function.invoke, range(16))) == ["done"] * 16
    assert most == MOST_CONTAINERS
