"""The state machine that ends rotations, run by moto's interpreter over the real functions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

from chalicelib.service import key_events, walker
from chalicelib.vault import walk_table, walks
from tests.client.operated import Answer, functions
from tests.support.answers import tokens
from tests.support.rotations import Operator
from tests.support.state_machines import StateMachine, rendered, run_state_machines
from tests.support.values import of_a_subject, opaque
from tests.support.world import World, world

MACHINE = Path(__file__).resolve().parents[2] / "terraform" / "modules" / "rotation" / "machine.asl.json"
ROLE = "arn:aws:iam::123456789012:role/rotation"
RECORDS = 12
SEGMENTS = 3
"""Fewer than there are, so that an execution takes a second."""
QUICK = {"pause": 0, "pause_after_fault": 0, "settling_seconds": 0, "faults": 8, "steps": 1000, "limit": 1000}
"""Nobody waits in tests."""


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An account whose state machines run, one walk after the other."""
    for module in (walks, walk_table, walker, key_events):
        monkeypatch.setattr(module, "SEGMENTS", SEGMENTS)
    run_state_machines(monkeypatch)
    with world() as made:
        yield made


@pytest.fixture
def operator(account: World) -> Operator:
    return Operator(account)


class Machine:
    """The state machine as Terraform renders it, over functions that answer like this."""

    def __init__(self, answer: Answer, monkeypatch: pytest.MonkeyPatch, **settings: int) -> None:
        self._answer, self.events = answer, list[tuple[str, dict[str, Any]]]()
        monkeypatch.setattr(lambda_eval_utils, "_invoke_lambda_function", self._invoked)
        parts = json.dumps([{"part": part, "begun": None} for part in range(SEGMENTS)])
        given = {"invoke": "arn:aws:states:::lambda:invoke", "maintain": "tv-maintain", "reveal": "tv-reveal"}
        given |= {"parts": parts, "concurrency": 1, "longest_seconds": 120, **QUICK, **settings}
        self._machine = StateMachine("rotation", rendered(MACHINE, given), ROLE)

    def run(self, **given: Any) -> dict[str, Any]:
        """An execution with this input, to its end."""
        return self._machine.execute(given)

    def asked(self, name: str) -> list[dict[str, Any]]:
        """What the events of this name said."""
        return [event[name] for _, event in self.events if name in event]

    def _invoked(self, parameters: dict[str, Any], **_: Any) -> dict[str, Any]:
        event = json.loads(parameters["Payload"])
        self.events.append((parameters["FunctionName"], event))
        return {"StatusCode": 200, "Payload": self._answer(parameters["FunctionName"], event)}


def output(ended: dict[str, Any]) -> dict[str, Any]:
    """What an execution answered that came to its end."""
    assert ended["status"] == "SUCCEEDED", ended
    return dict(json.loads(ended["output"]))


def test_a_rotation_is_begun_and_ended(
    account: World, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version; every record sealed again under it; the one before retired; every value opens."""
    made = tokens(account.tokenize(*(item for number in range(RECORDS) for item in opaque(number))))
    old = operator.versions()[0]["key_id"]
    answer = functions(operator)

    def settled(name: str, event: dict[str, Any]) -> Any:
        said = answer(name, event)
        if "rotate" in event:
            operator.settle()
        return said

    machine = Machine(settled, monkeypatch)
    assert output(machine.run(tenant="shop", rotate=True)) == {"tenant": "shop", "retire": {old: None}}
    states = [(version["retired"] is not None, version["records"]) for version in operator.versions()]
    assert states == [(True, 0), (False, RECORDS)]
    account.restart()
    shown = account.detokenize(*made).body["results"]
    assert [entry["value"] for entry in shown] == [f"text {number}" for number in range(RECORDS)]
    assert machine.asked("rotate") == ["shop"]


def test_nothing_of_a_record_is_said_to_the_machine(
    account: World, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its history shows inputs and answers to whoever may look at it."""
    made = tokens(account.tokenize(*of_a_subject(1), *opaque(2)))
    operator.rotate()
    said = list[str]()
    answer = functions(operator)

    def heard(name: str, event: dict[str, Any]) -> Any:
        answered = answer(name, event)
        said.append(json.dumps([event, answered]))
        return answered

    machine = Machine(heard, monkeypatch)
    output(machine.run(tenant="shop"))
    assert machine.asked("rewrap")
    hidden = (*made, "text 1", "text 2", "person-1")
    assert not [text for text in said for secret in hidden if secret in text]


def test_walks_that_end_early_are_gone_on_with(
    account: World, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An execution's history has an end, so a walk takes some steps, and the next round goes on there."""
    account.tokenize(*(item for number in range(RECORDS) for item in opaque(number)))
    operator.rotate()
    operator.settle()
    machine = Machine(functions(operator), monkeypatch, steps=2, limit=1)
    [retired] = output(machine.run(tenant="shop"))["retire"].values()
    assert retired is None
    begun = [walk["begun"] for walk in machine.asked("walk") if "revision" not in walk]
    assert any(begun)
    assert [version["records"] for version in operator.versions()] == [0, RECORDS]


def test_passing_faults_are_ridden_out(
    account: World, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call in three fails, before or after it was carried out: no record is lost or counted twice."""
    account.tokenize(*(item for number in range(RECORDS) for item in opaque(number)))
    operator.rotate()
    operator.settle()
    answer, calls = functions(operator), list[str]()

    def failing(name: str, event: dict[str, Any]) -> Any:
        calls.append(name)
        late = None if len(calls) % 6 == 3 else answer(name, event)
        if len(calls) % 3 == 0:
            raise RuntimeError("the answer was lost")
        return late

    output(Machine(failing, monkeypatch, limit=10).run(tenant="shop"))
    states = [(version["retired"] is not None, version["records"]) for version in operator.versions()]
    assert states == [(True, 0), (False, RECORDS)]


@pytest.mark.parametrize("retry", [True, False])
def test_what_goes_on_failing_ends_the_job(
    account: World, operator: Operator, monkeypatch: pytest.MonkeyPatch, retry: bool
) -> None:
    """Once it has failed often enough in a row, or at once if it cannot heal; begun again, it ends well."""
    account.tokenize(*opaque(1))
    answer = functions(operator)
    error = {"error": {"code": "store_unavailable", "detail": "the store said no", "retry": retry}}
    spoiled = Machine(lambda *_: error, monkeypatch, faults=2)
    assert spoiled.run(tenant="shop")["status"] == "FAILED"
    assert len(spoiled.events) == (3 if retry else 1) * SEGMENTS
    monkeypatch.setattr(spoiled, "_answer", answer)
    assert output(spoiled.run(tenant="shop")) == {"tenant": "shop", "retire": {}}


def test_a_tenant_that_there_is_not_ends_the_job(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything was walked over; an input that is no name asks for nothing else."""
    machine = Machine(functions(operator), monkeypatch)
    for tenant in ("nobody", {"rotate": "shop"}):
        assert machine.run(tenant=tenant)["status"] == "FAILED"
    assert not machine.asked("rewrap")


def test_the_machine_walks_over_every_segment() -> None:
    """As many walks as there are segments: with one less, records would never be counted."""
    assert f"segments = {walks.SEGMENTS} " in (MACHINE.parent / "main.tf").read_text()
