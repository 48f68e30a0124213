"""The state machine of the module `bulk`, run by moto's interpreter over the module's real functions.

The definition is the file that Terraform deploys. Lambda's part is a call in this process: of
`bulklib.functions`, and of the service for the function that takes batches in.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.awslambda.models import LambdaFunction

from bulklib import functions
from bulklib.objects import Objects
from chalicelib.api import direct
from tests.support.bulk_account import ACCOUNT, PART_VALUES, SEGMENT_BYTES, BulkAccount
from tests.support.state_machines import StateMachine, rendered, run_state_machines
from tests.support.world import REGION, World

MODULE = Path(__file__).resolve().parents[2] / "terraform" / "modules" / "bulk"
Handler = Callable[[Mapping[str, Any]], Any]


def quick_retry() -> str:
    """The retries as they are deployed, but that none waits longer than two seconds."""
    retry = json.loads((MODULE / "retry.json").read_text())
    return json.dumps([{**entry, "IntervalSeconds": 1, "MaxDelaySeconds": 2} for entry in retry])


def definition(bucket: str, **variables: Any) -> str:
    """The definition, with quick retries."""
    functions_there = {name: f"{bucket}-{name}" for name in ("files", "part")}
    given = {"partition": "aws", "bucket": bucket, "output_prefix": "out/", **functions_there}
    values = {**given, "retry": quick_retry(), "parallel_segments": 2, "parallel_parts": 2, **variables}
    return rendered(MODULE / "state_machine.json", values)


class Deployed:
    """Functions of a bucket's machine, in this process. `handlers` may be changed, `invocations` and
    `failures` are all there were."""

    def __init__(self, bucket: str, handlers: dict[str, Handler], written: str) -> None:
        self.invocations, self.failures = list[tuple[str, Any]](), list[str]()
        self.bucket, self.handlers = bucket, handlers
        self._role = boto3.client("iam").create_role(
            RoleName=f"{bucket}-machine", AssumeRolePolicyDocument="{}"
        )["Role"]["Arn"]
        for name in handlers:
            self._deploy(name)
        self._machine = StateMachine(bucket, written, self._role)

    def execute(self, **request: Any) -> dict[str, Any]:
        """Runs the machine; gives the execution once it has ended."""
        return self._machine.execute(request)

    def history(self, execution: Mapping[str, Any]) -> str:
        """All that Step Functions keeps of an execution, as text."""
        return self._machine.history(execution)

    def answered(self, name: str, event: Mapping[str, Any]) -> tuple[str, bool, str]:
        """What Lambda makes of a function's result, or of its exception."""
        self.invocations.append((name, event))
        try:
            return json.dumps(self.handlers[name](event)), False, ""
        except Exception as error:  # noqa: BLE001  # whatever it is, Lambda tells its kind and its text
            self.failures.append(f"{type(error).__name__}: {error}")
            return json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}), True, ""

    def _deploy(self, name: str) -> None:
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as zipped:
            zipped.writestr("handler.py", "")
        boto3.client("lambda", REGION).create_function(
            FunctionName=f"{self.bucket}-{name}",
            Role=self._role,
            Runtime="python3.13",
            Handler="handler.handler",
            Code={"ZipFile": package.getvalue()},
        )


class BulkMachine(BulkAccount, Deployed):
    """The bucket with the state machine of imports."""

    def __init__(self, account: World) -> None:
        BulkAccount.__init__(self, account)
        handlers: dict[str, Handler] = {
            "files": lambda event: functions.files(event, None),
            "part": lambda event: functions.part(event, None),
            "take-in": self._take_in,
        }
        Deployed.__init__(self, self.bucket, handlers, definition(self.bucket))

    def _take_in(self, event: Mapping[str, Any]) -> Any:
        service = self.account.services["tokenize"]
        return direct.answer(
            event, "r", lambda: direct.serving(service, "shop/checkout"), self.account.telemetry
        )


def run_functions(patch: pytest.MonkeyPatch, made: Deployed) -> None:
    """Has Lambda call the handlers."""

    def invoke(function: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
        given = json.loads(event) if isinstance(event, str) else event
        return made.answered(function.function_name.removeprefix(f"{made.bucket}-"), given)

    patch.setattr(LambdaFunction, "_invoke_lambda", invoke)


@contextmanager
def bulk_machine(account: World) -> Iterator[BulkMachine]:
    """The machine in an account, as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        run_state_machines(patch)
        made = BulkMachine(account)
        run_functions(patch, made)
        for name, value in environment(made.objects, made.bucket).items():
            patch.setenv(name, value)
        patch.setattr("bulklib.files.Files.__init__.__kwdefaults__", DEFAULTS)
        for cached in (functions._objects, functions._files, functions._taker):
            cached.cache_clear()
        yield made


DEFAULTS = {"segment_bytes": SEGMENT_BYTES, "part_values": PART_VALUES}


def environment(objects: Objects, bucket: str) -> dict[str, str]:
    """The functions' environment, as Terraform sets it."""
    return {
        "AWS_DEFAULT_REGION": REGION,
        "TOKENVAULT_BULK_BUCKET": bucket,
        "TOKENVAULT_BULK_ACCOUNT": ACCOUNT,
        "TOKENVAULT_BULK_KMS_KEY_ARN": objects.kms_key_arn,
        "TOKENVAULT_BULK_CLIENT": "shop/checkout",
        "TOKENVAULT_BULK_INPUT_PREFIX": "in/",
        "TOKENVAULT_BULK_OUTPUT_PREFIX": "out/",
        "TOKENVAULT_BULK_FUNCTION": f"{bucket}-take-in",
        "TOKENVAULT_BULK_PARALLEL": "2",
    }
