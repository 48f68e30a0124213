"""The launcher runs functions for the emulator, and for nobody else."""

import json
import os
from collections.abc import Iterator

import pytest

from local.caller import send
from local.container import FunctionCrashError, FunctionTimeoutError
from local.emulator.services.awslambda_invocation import _invoke_lambda
from local.invocations import VARIABLE, Invocations


def invoke(name, event):
    """Three functions."""
    if name == "crashes":
        raise FunctionCrashError("ValueError")
    if name == "hangs":
        raise FunctionTimeoutError
    return {"got": {"echo": event}[name]}


@pytest.fixture
def invocations() -> Iterator[Invocations]:
    """A server on a free port."""
    made = Invocations(invoke)
    yield made
    made.stop()


class Deployed:
    """As much of moto's function as an invocation looks at."""

    def __init__(self, name: str) -> None:
        self.function_name = name


def invoked(name: str, event: object) -> tuple[object, bool]:
    """What the emulator answers to an invocation: payload, and whether it is an error."""
    payload, failed, _ = _invoke_lambda(Deployed(name), event)
    return json.loads(payload), failed


def test_a_function_gets_its_event_and_answers(invocations, monkeypatch):
    """Through the emulator; without a payload the event is empty."""
    monkeypatch.setitem(os.environ, VARIABLE, invocations.environment[VARIABLE])
    assert invoked("echo", {"rotate": "shop"}) == ({"got": {"rotate": "shop"}}, False)
    assert invoked("echo", "{}") == ({"got": {}}, False)
    assert invoked("echo", None) == ({"got": {}}, False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("crashes", "ValueError"), ("hangs", "Sandbox.Timedout"), ("unknown", "Emulator.NoRuntime")],
)
def test_what_goes_wrong_has_a_kind(invocations, monkeypatch, name, kind):
    """As Lambda tells it: a payload with the error's type."""
    monkeypatch.setitem(os.environ, VARIABLE, invocations.environment[VARIABLE])
    payload, failed = invoked(name, {})
    assert failed
    assert payload["errorType"] == kind


def test_without_a_launcher_there_is_no_runtime(monkeypatch):
    """An emulator that was started by itself says so."""
    monkeypatch.delenv(VARIABLE, raising=False)
    assert invoked("echo", {})[0]["errorType"] == "Emulator.NoRuntime"


def test_nobody_else_runs_a_function(invocations):
    """The path is a secret, and only POST runs anything."""
    address = invocations.environment[VARIABLE]
    root = address[: address.rindex("/", 0, -1)]
    assert send("POST", f"{root}/echo", {}, b"{}").status == 404
    assert send("POST", f"{root}/guessed/echo", {}, b"{}").status == 404
    assert send("GET", f"{address}echo", {}, None).status == 404
