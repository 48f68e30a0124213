"""The state machine of the module `bulk`, from a file to its manifest, over the real functions."""

import json
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from bulklib import functions
from bulklib.errors import Failed
from tests.support.bulk_account import ACCOUNT
from tests.support.bulk_machine import MODULE, BulkMachine, bulk_machine
from tests.support.bulk_rows import CARDS, HEAD, RANDOM, csv_rows
from tests.support.logs import captured_logs
from tests.support.world import World, world


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """One account for all tests."""
    with world() as account:
        yield account


@pytest.fixture
def machine(shared: World) -> Iterator[BulkMachine]:
    """A bucket and a machine of its own, with a file to import."""
    with bulk_machine(shared) as made:
        made.put("in/rows.csv", HEAD + csv_rows(20))
        made.put("in/map.toml", RANDOM)
        yield made


REQUEST = {"key": "in/rows.csv", "map": "in/map.toml"}


def manifest(machine: BulkMachine, execution: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest that an execution wrote."""
    return dict(json.loads(machine.get(json.loads(execution["output"])["manifest"])))


def test_a_file_is_imported(machine: BulkMachine, capsys: pytest.CaptureFixture[str]) -> None:
    """Scanned in segments, taken in by parts, one manifest; and nowhere but in the file a value."""
    with captured_logs() as logs:
        execution = machine.execute(**REQUEST)
    assert execution["status"] == "SUCCEEDED", machine.history(execution)[-3000:]
    written = manifest(machine, execution)
    assert (written["rows"], written["bad_cells"], machine.records) == (20, 0, 40)
    joined = machine.joined(written)
    assert joined.startswith(HEAD)
    steps = [event.get("step") or "part" for name, event in machine.invocations if name != "take-in"]
    assert {"lay_out", "scan", "plan", "part", "finish"} == set(steps)
    assert steps.count("part") == len(written["parts"]) > 2
    printed = capsys.readouterr().out
    lines = [json.loads(line) for line in printed.splitlines() if '"message": "bulk"' in line]
    assert sum(line.get("BulkRows", 0) for line in lines) == 20
    assert {line["outcome"] for line in lines} == {"done"}
    [metrics] = next(line for line in lines if line["step"] == "part")["_aws"]["CloudWatchMetrics"]
    assert (metrics["Namespace"], metrics["Dimensions"]) == ("Tokenvault", [["service", "step"]])
    shown = machine.history(execution) + printed + logs.getvalue()
    stored = b"".join(machine.get(key) for key in machine.stored() if key.startswith("out/"))
    for sentinel in (*CARDS, "two\\r\\nlines", "note 1"):
        assert sentinel not in shown
        assert sentinel.encode() not in stored


def test_a_step_that_fails_for_a_while_is_tried_again(machine: BulkMachine) -> None:
    """Each kind of step once: a part whose answers were lost too, and no value gets a second token."""
    met = set[str]()

    def once(name: str) -> Any:
        usual = machine.handlers[name]

        def handler(event: Mapping[str, Any]) -> Any:
            result, step = usual(event), str(event.get("step", name))
            if step not in met:
                met.add(step)
                raise Failed("for a while")
            return result

        return handler

    machine.handlers |= {name: once(name) for name in ("files", "part")}
    execution = machine.execute(**REQUEST)
    assert execution["status"] == "SUCCEEDED", machine.history(execution)
    assert met == {"lay_out", "scan", "plan", "part", "finish"}
    assert machine.records == 40


def test_what_has_to_be_mended_is_not_tried_again(machine: BulkMachine) -> None:
    """A map that names no column of the file: the execution says what to mend, and nothing was taken in."""
    machine.put("in/map.toml", b'[columns.iban]\ntype = "text"\n')
    execution = machine.execute(**REQUEST)
    assert (execution["status"], execution["error"]) == ("FAILED", "Refused")
    assert 'no column is named \\"iban\\"' in execution["cause"]
    assert len(machine.invocations) == 1


def test_an_import_that_failed_is_gone_on_with(machine: BulkMachine) -> None:
    """By another execution: parts that are there stay, and no manifest said before that all was done."""
    usual = machine.handlers["part"]

    def part(event: Mapping[str, Any]) -> Any:
        if event["part"]["number"] == 1:
            raise PermissionError("denied")
        return usual(event)

    machine.handlers["part"] = part
    failed = machine.execute(**REQUEST)
    assert failed["status"] == "FAILED"
    assert not [key for key in machine.stored() if key.endswith("out/manifest.json")]
    machine.handlers["part"] = usual
    execution = machine.execute(**REQUEST)
    assert (execution["status"], manifest(machine, execution)["rows"]) == ("SUCCEEDED", 20)
    assert machine.records == 40


def test_a_file_without_rows_needs_no_part(machine: BulkMachine) -> None:
    """Neither map of the machine is entered."""
    machine.put("in/rows.csv", HEAD)
    execution = machine.execute(**REQUEST)
    assert (execution["status"], manifest(machine, execution)["parts"]) == ("SUCCEEDED", [])


ACTIONS = {
    # By S3's own table: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    ("HeadObject", False): {"s3:GetObject"},
    ("HeadObject", True): {"s3:GetObjectVersion"},
    ("GetObject", False): {"s3:GetObject"},
    ("GetObject", True): {"s3:GetObjectVersion"},
    ("PutObject", False): {"s3:PutObject"},
}


def test_the_functions_call_what_their_roles_allow_and_nothing_else(
    machine: BulkMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each action on S3 that Terraform grants is used, under the prefix that it is granted for."""
    used, usual = set[tuple[str, str]](), functions.boto3.client

    def client(service: str, **options: Any) -> Any:
        made = usual(service, **options)
        call = made._make_api_call

        def noted(operation: str, given: dict[str, Any]) -> Any:
            if service == "s3":
                first, second, *_ = given["Key"].split("/")
                prefix = first if first == "in" else f"{first}/{second}"
                actions = ACTIONS[operation, "VersionId" in given]
                used.update((action, prefix) for action in actions)
                assert given["ExpectedBucketOwner"] == ACCOUNT
            return call(operation, given)

        made._make_api_call = noted
        return made

    monkeypatch.setattr(functions, "boto3", SimpleNamespace(client=client))
    machine.put("in/rows.csv", HEAD + csv_rows(5) + b"5,no card,x\n")
    assert machine.execute(**REQUEST)["status"] == "SUCCEEDED"
    inputs, outputs = ("s3:GetObject", "s3:GetObjectVersion"), ("s3:GetObject", "s3:PutObject")
    assert used == {(action, "in") for action in inputs} | {(action, "out/in") for action in outputs}
    written = (MODULE / "iam.tf").read_text()
    results = "${local.output_prefix}${local.input_prefix}"
    for actions, prefix in ((inputs, "${local.input_prefix}"), (outputs, results)):
        listed = ", ".join(f'"{action}"' for action in actions)
        assert f'Action = [{listed}], Resource = ["${{local.bucket_arn}}/{prefix}*"]' in written
