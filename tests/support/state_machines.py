"""State machines as Terraform deploys them, run by moto's interpreter."""

import json
import re
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.core.config import default_user_config

from tests.support.world import REGION


def run_state_machines(patch: pytest.MonkeyPatch) -> None:
    """Has moto carry executions out, which it does not by itself."""
    patch.setitem(default_user_config, "stepfunctions", {"execute_state_machine": True})


def rendered(template: Path, values: Mapping[str, Any]) -> str:
    """A definition as `templatefile` makes it, which leaves `$` without a brace alone."""
    return re.sub(r"\$\{(\w+)\}", lambda found: str(values[found[1]]), template.read_text())


class StateMachine:
    """A state machine in the account of the test."""

    def __init__(self, name: str, definition: str, role_arn: str) -> None:
        self._client = boto3.client("stepfunctions", REGION)
        made = self._client.create_state_machine(name=name, definition=definition, roleArn=role_arn)
        self._arn = made["stateMachineArn"]

    def execute(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """An execution with this input, once it has ended."""
        begun = self._client.start_execution(
            stateMachineArn=self._arn, name=f"run-{uuid.uuid4()}", input=json.dumps(given)
        )
        while True:
            execution = self._client.describe_execution(executionArn=begun["executionArn"])
            if execution["status"] != "RUNNING":
                return dict(execution)
            time.sleep(0.05)

    def history(self, execution: Mapping[str, Any]) -> str:
        """All that Step Functions keeps of an execution, as text."""
        arn = execution["executionArn"]
        pages = self._client.get_paginator("get_execution_history").paginate(executionArn=arn)
        return json.dumps([event for page in pages for event in page["events"]], default=str)
