"""The module `bulk` by itself, applied to the emulator: planned again, looked at, destroyed."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.processes import free_port
from local.stack import Stack, StackPaths
from local.terraform import Terraform
from tests.infrastructure.conftest import ROOT

sys.path.insert(0, str(ROOT / "terraform" / "deployer"))

from record import calls_of, collected  # a script's folder, not a package

MAIN = """
provider "aws" {
  region = "us-east-1"
}

resource "aws_iam_role" "tokenize" {
  name               = "tokenvault-tokenize"
  assume_role_policy = "{}"
}

resource "aws_iam_role" "reveal" {
  name               = "tokenvault-reveal"
  assume_role_policy = "{}"
}

resource "aws_sns_topic" "alarms" {
  name = "tokenvault-alarms"
}

module "bulk" {
  source = "../modules/bulk"

  name          = "tokenvault"
  partition     = "aws"
  account       = "123456789012"
  client        = "shop/loader"
  package       = "../modules/bulk/bulk.zip"
  parquet_layer = "../modules/bulk/parquet-layer.zip"
  vault_package = { filename = "../modules/bulk/bulk.zip", runtime = "python3.13", architectures = ["arm64"] }

  tokenize = {
    role_arn    = aws_iam_role.tokenize.arn
    memory_mb   = 1024
    environment = { TOKENVAULT_FUNCTION = "tokenize" }
    log_group   = "/aws/lambda/tokenvault-tokenize-us-east-1"
  }

  exports = {
    client = "shop/mover"
    reveal = {
      role_arn    = aws_iam_role.reveal.arn
      memory_mb   = 1024
      environment = { TOKENVAULT_FUNCTION = "reveal" }
      log_group   = "/aws/lambda/tokenvault-reveal-us-east-1"
    }
  }

  key_administration = { principals = ["arn:aws:iam::123456789012:root"], actions = ["kms:PutKeyPolicy"] }

  key_deletion_window_days = 7
  log_retention_days       = 400
  alarms_topic_arn         = aws_sns_topic.alarms.arn
  force_destroy            = true
}
"""


class Applied:
    """The module on an emulator of its own, and the calls that the provider made of it."""

    def __init__(self, folder: Path) -> None:
        self.stack = Stack(StackPaths(folder, free_port(), free_port()), print)
        self.log, self.calls = folder / "provider.log", list[tuple[str, str, str]]()
        logs = {"TF_LOG_PROVIDER": "DEBUG", "TF_LOG_PATH": str(self.log)}
        self._terraform = Terraform(folder, {**self.stack.account.environment, **logs}, print)

    def begin(self) -> None:
        """Everything before the apply."""
        self.stack.prepare()
        alone = self._terraform.copy / "alone"
        alone.mkdir()
        versions = (ROOT / "terraform" / "versions.tf").read_text().split('\nprovider "aws"')[0]
        (alone / "main.tf").write_text(versions + MAIN)
        self._terraform.copy = alone
        self._terraform.init()
        self.log.unlink(missing_ok=True)

    def run(self, command: str, *options: str) -> None:
        """A Terraform command; notes the provider's calls."""
        self._terraform.run(command, *options)
        self.calls += calls_of(self.log)

    def client(self, service: str) -> Any:
        """A client of the emulator."""
        return self.stack.account.client(service)


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    """The module, applied."""
    made = Applied(tmp_path_factory.mktemp("bulk"))
    try:
        made.begin()
        made.run("apply", "-auto-approve")
        yield made
    finally:
        made.stack.stop()


def test_the_second_plan_is_empty(applied: Applied) -> None:
    """What was applied is what is there."""
    applied.run("plan", "-detailed-exitcode")


FIRST = {
    "tokenvault-bulk-us-east-1": ("LayOut", "files"),
    "tokenvault-bulk-export-us-east-1": ("Begin", "carry"),
}


def test_the_machines_are_those_that_the_tests_run(applied: Applied) -> None:
    """With versions of the functions filled in, and no data of executions in their logs."""
    client = applied.client("stepfunctions")
    machines = {
        each["name"]: each["stateMachineArn"] for each in client.list_state_machines()["stateMachines"]
    }
    assert machines.keys() == FIRST.keys()
    for name, (step, function) in FIRST.items():
        described = client.describe_state_machine(stateMachineArn=machines[name])
        called = json.loads(described["definition"])["States"][step]["Parameters"]["FunctionName"]
        assert called.endswith(f"function:tokenvault-bulk-{function}-us-east-1:1")
        assert not described["loggingConfiguration"].get("includeExecutionData")


def test_what_gives_out_has_the_revealing_role_and_what_carries_has_not(applied: Applied) -> None:
    """Two functions, two roles; neither has what the other is there for."""
    client = applied.client("lambda")
    given = client.get_function_configuration(FunctionName="tokenvault-bulk-give-out-us-east-1")
    carrying = client.get_function_configuration(FunctionName="tokenvault-bulk-carry-us-east-1")
    assert given["Role"].endswith(":role/tokenvault-reveal")
    assert carrying["Role"].endswith(":role/tokenvault-bulk-carry-us-east-1")
    assert "TOKENVAULT_BULK_BUCKET" not in given["Environment"]["Variables"]
    assert "TOKENVAULT_FUNCTION" not in carrying["Environment"]["Variables"]


def test_destroying_leaves_nothing_and_the_pipeline_may_do_all_of_it(applied: Applied) -> None:
    """Each call of the provider is one of `calls.json`, which the pipeline's policies are made of."""
    applied.run("destroy", "-auto-approve")
    assert applied.client("stepfunctions").list_state_machines()["stateMachines"] == []
    assert applied.client("s3").list_buckets()["Buckets"] == []
    recorded = json.loads((ROOT / "terraform/deployer/calls.json").read_text())
    for kind, phases in collected(applied.calls).items():
        for phase, calls in phases.items():
            assert set(calls) <= set(recorded[kind][phase]), kind
