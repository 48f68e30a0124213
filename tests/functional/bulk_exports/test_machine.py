"""The state machine of exports, from its input to a manifest, over the real functions."""

import json
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from bulklib import export_functions
from bulklib.errors import Failed
from tests.functional.bulk_exports.over_s3 import TEXTS, VALUES, values
from tests.support import policies
from tests.support.bulk_account import ACCOUNT
from tests.support.bulk_export_machine import BulkExportMachine, bulk_export_machine
from tests.support.bulk_machine import MODULE
from tests.support.exports import ask, opened_parts, pem
from tests.support.logs import captured_logs
from tests.support.world import World


@pytest.fixture
def machine(account: World) -> Iterator[BulkExportMachine]:
    """A bucket and a machine of its own."""
    with bulk_export_machine(account) as made:
        yield made


def request(**changed: Any) -> dict[str, Any]:
    return {"recipient": pem(), "purpose": "moving", "parts": 4, **changed}


def opened(machine: BulkExportMachine, execution: Mapping[str, Any]) -> list[str]:
    """The values of the files that the manifest names."""
    written = json.loads(machine.get(json.loads(execution["output"])["manifest"]))
    files = [machine.get(part["key"]).decode().splitlines() for part in written["parts"]]
    return values(opened_parts(machine.account, files))


def test_a_vault_is_exported(machine: BulkExportMachine, capsys: pytest.CaptureFixture[str]) -> None:
    """Part beside part, one manifest; no value in history, logs or objects, nor an opening or a cursor."""
    with captured_logs() as logs:
        execution = machine.execute(**request())
    assert execution["status"] == "SUCCEEDED", machine.history(execution)[-3000:]
    output = json.loads(execution["output"])
    assert output == {"manifest": output["manifest"], "tokens": TEXTS, "failed": 0}
    assert opened(machine, execution) == VALUES
    place = output["manifest"].removesuffix("manifest.json")
    assert place.startswith("out/exports/")
    files = [f"{place}vault-{number:02}-of-04.export" for number in range(1, 5)]
    assert sorted(key for key in machine.stored() if key.startswith("out/")) == [output["manifest"], *files]
    printed = capsys.readouterr().out
    lines = [json.loads(line) for line in printed.splitlines() if '"message": "bulk"' in line]
    assert sum(line.get("BulkExported", 0) for line in lines) == TEXTS
    assert sum(line.get("BulkExportedParts", 0) for line in lines) == 4
    assert {line["step"] for line in lines} == {"export_begin", "export_carry", "export_finish"}
    stored = b"".join(machine.get(key) for key in machine.stored()).decode()
    history = machine.history(execution)
    assert "sentinel" not in history + printed + logs.getvalue() + stored
    [begun] = [key for key in machine.stored() if key.startswith("under-way/begun/")]
    secrets = json.loads(machine.get(begun))
    assert not [text for text in (secrets["opening"], *secrets["cursors"]) if text in history + printed]


def test_runs_that_end_by_their_time(machine: BulkExportMachine) -> None:
    """The machine goes round until a part is there, however little each run carries."""
    usual = machine.handlers["carry"]

    def short(event: Mapping[str, Any]) -> Any:
        machine.context.seconds = 900.0
        pages = len([name for name, _ in machine.invocations if name == "give-out"])

        def seconds() -> float:
            now = len([name for name, _ in machine.invocations if name == "give-out"])
            return 0.0 if now - pages >= 2 else 900_000.0

        clocked = SimpleNamespace(get_remaining_time_in_millis=seconds)
        return export_functions.carry(event, clocked) if event["step"] == "carry" else usual(event)

    machine.handlers["carry"] = short
    execution = machine.execute(**request(parts=2))
    assert execution["status"] == "SUCCEEDED", machine.history(execution)[-3000:]
    runs = [event for name, event in machine.invocations if event.get("step") == "carry"]
    assert len(runs) > 6
    assert opened(machine, execution) == VALUES


def test_a_step_that_fails_for_a_while_is_tried_again(machine: BulkExportMachine) -> None:
    """Each kind of step once, after its work was done: no page stands there twice, and no export is lost."""
    met, usual = set[str](), machine.handlers["carry"]

    def handler(event: Mapping[str, Any]) -> Any:
        result = usual(event)
        if event["step"] not in met:
            met.add(event["step"])
            raise Failed("for a while")
        return result

    machine.handlers["carry"] = handler
    execution = machine.execute(**request())
    assert execution["status"] == "SUCCEEDED", machine.history(execution)[-3000:]
    assert met == {"begin", "carry", "finish"}
    assert opened(machine, execution) == VALUES
    begun = [event for name, event in machine.invocations if event.get("operation") == "begin_export"]
    assert len(begun) == 1


def test_the_machine_waits_for_the_budget(machine: BulkExportMachine) -> None:
    """As long as the vault says, and goes on then."""
    usual, left = machine.handlers["give-out"], [3]

    def gives(event: Mapping[str, Any]) -> Any:
        if event["operation"] == "export_page":
            left[0] -= 1
            if left[0] == 0:
                body = {"code": "budget_exceeded", "detail": "used up", "status": 429, "retry_after": 2}
                return {
                    "status": 429,
                    "content_type": "application/problem+json",
                    "body": json.dumps(body),
                }
        return usual(event)

    machine.handlers["give-out"] = gives
    execution = machine.execute(**request())
    assert execution["status"] == "SUCCEEDED", machine.history(execution)[-3000:]
    assert opened(machine, execution) == VALUES
    assert (execution["stopDate"] - execution["startDate"]).total_seconds() >= 2


def test_a_policy_that_loses_the_client_half_way(machine: BulkExportMachine) -> None:
    """The execution fails at once and says why; there is no manifest, and nothing was tried in vain."""
    usual, pages = machine.handlers["give-out"], [0]
    without = policies.exporting()
    without["tenants"]["shop"]["clients"]["mover"]["actions"] = ["read"]

    def gives(event: Mapping[str, Any]) -> Any:
        pages[0] += event["operation"] == "export_page"
        if pages[0] == 4:
            machine.account.deploy(without)
        return usual(event)

    machine.handlers["give-out"] = gives
    execution = machine.execute(**request())
    assert execution["status"] == "FAILED"
    assert "Refused: not_permitted" in " ".join(machine.failures)
    assert not [key for key in machine.stored() if key.endswith("manifest.json")]


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"recipient": "some text"}, "no P-256 public key"),
        ({"parts": 5}, "input: parts"),
        ({"purpose": "settlement"}, "not_permitted"),
    ],
)
def test_what_has_to_be_mended_is_not_tried_again(
    machine: BulkExportMachine, changed: dict[str, Any], text: str
) -> None:
    """A wrong key, number or purpose: the execution says which, and nothing was stored."""
    execution = machine.execute(**request(**changed))
    assert (execution["status"], execution["error"]) == ("FAILED", "Refused")
    assert text in execution["cause"]
    assert machine.stored() == []
    assert len([name for name, _ in machine.invocations if name == "carry"]) == 1


def test_an_approval_is_used_once(machine: BulkExportMachine) -> None:
    """Missing it is said; given, the export is made; named again, it is refused."""
    machine.account.deploy(policies.exporting(approval={}))
    refused = machine.execute(**request())
    assert (refused["status"], "approval_required" in refused["cause"]) == ("FAILED", True)
    approval = str(ask(machine.account).body["approval"])
    machine.account.decide(approval)
    execution = machine.execute(**request(approval=approval))
    assert execution["status"] == "SUCCEEDED", machine.history(execution)[-3000:]
    assert opened(machine, execution) == VALUES
    again = machine.execute(**request(approval=approval))
    assert (again["status"], "approval_not_usable" in again["cause"]) == ("FAILED", True)


def test_in_one_piece(machine: BulkExportMachine) -> None:
    """A single part has the file that the tool makes, by its usual name."""
    execution = machine.execute(**request(parts=1))
    assert execution["status"] == "SUCCEEDED", machine.history(execution)[-3000:]
    assert opened(machine, execution) == VALUES
    assert [key for key in machine.stored() if key.endswith("/vault.export")]


ACTIONS = {
    # By S3's own table: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    "HeadObject": {"s3:GetObject"},
    "GetObject": {"s3:GetObject"},
    "PutObject": {"s3:PutObject"},
    "CreateMultipartUpload": {"s3:PutObject"},
    "UploadPart": {"s3:PutObject"},
    "UploadPartCopy": {"s3:GetObject", "s3:PutObject"},
    "CompleteMultipartUpload": {"s3:PutObject"},
}


def test_the_function_calls_what_its_role_allows_and_nothing_else(
    machine: BulkExportMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads and writes under its two prefixes, lists them, and invokes one function."""
    used, usual = set[tuple[str, str]](), export_functions.boto3.client

    def client(service: str, **options: Any) -> Any:
        made = usual(service, **options)
        call = made._make_api_call

        def noted(operation: str, given: dict[str, Any]) -> Any:
            if operation == "ListObjectsV2":
                used.add(("s3:ListBucket", given["Prefix"].partition("/")[0]))
            elif service == "s3":
                version = {"s3:GetObjectVersion"} if given.get("VersionId") else None
                actions = version or ACTIONS[operation]
                first, second, *_ = given["Key"].split("/")
                prefix = f"{first}/{second}" if first == "out" else first
                used.update((action, prefix) for action in actions)
                assert given["ExpectedBucketOwner"] == ACCOUNT
            else:
                used.add((operation, given["FunctionName"].removeprefix(f"{machine.bucket}-")))
            return call(operation, given)

        made._make_api_call = noted
        return made

    monkeypatch.setattr(export_functions, "boto3", SimpleNamespace(client=client))
    assert machine.execute(**request())["status"] == "SUCCEEDED"
    actions = ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject")
    s3 = {(action, prefix) for action in actions for prefix in ("out/exports", "under-way")}
    assert used == s3 | {("s3:ListBucket", "under-way"), ("Invoke", "give-out")}
    written = (MODULE / "iam.tf").read_text()
    listed = '"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"'
    assert (
        f"Action = [{listed}], Resource = [for prefix in [local.exports_prefix, local.under_way_prefix]"
        in (written)
    )
