"""The maintenance function: each step is done, whatever is wrong with one tenant or with another step."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.errors import ConfigurationError, RecordCorrupt, StoreUnavailable
from tests.support import policies
from tests.support.faults import DYNAMODB_FAULTS
from tests.support.logs import captured_lines
from tests.support.world import World, world

TEXT = {"type": "text", "value": "x", "subject": "p1"}


@pytest.fixture
def account() -> Iterator[World]:
    """An account for each test."""
    with world() as made:
        yield made


def spoil(account: World, tenant: str) -> None:
    """Changes a key item of a tenant into one that does not parse."""
    items = [item for item in account.items("keys") if item["pk"]["S"] == tenant]
    branch = next(item for item in items if item["sk"]["S"].startswith("branch#"))
    account.store({**branch, "created": {"S": "soon"}}, "keys")


def with_tenant(name: str) -> dict[str, Any]:
    """The policy with one more tenant."""
    written = policies.document()
    written["tenants"][name] = {"clients": {}}
    return written


def test_a_tenant_with_spoiled_keys_holds_up_nobody(account: World) -> None:
    """A new tenant gets its keys, erased subjects are cleaned up, chains are noted; the error comes last."""
    token = account.tokenize(TEXT).only["token"]
    account.erase(subject="p1")
    account.settle()
    account.put_policy(with_tenant("late"))
    spoil(account, "clinic")
    noted = len(account.items("audit"))
    with captured_lines() as lines, pytest.raises(RecordCorrupt):
        account.maintain()
    assert {item["sk"]["S"] for item in account.items("keys") if item["pk"]["S"] == "late"} > {"prf"}
    assert "value" not in account.stored(token)
    assert len(account.items("audit")) == noted + 1
    [line] = [line for line in lines() if line["message"] == "maintenance"]
    assert (line["level"], line["RecordsCleaned"]) == ("ERROR", 1)
    assert line["errors"] == ["record_corrupt: a key item does not parse"]


@pytest.mark.parametrize(
    ("step", "call", "parameters"),
    [
        ("checkpoint", "dynamodb.Query", {"TableName": "audit"}),
        ("expire", "dynamodb.Query", {"IndexName": "by_expiry"}),
        ("clean", "dynamodb.Query", {"TableName": "subjects"}),
    ],
)
def test_a_step_that_fails_does_not_keep_the_others(
    account: World, step: str, call: str, parameters: dict[str, str]
) -> None:
    """A new tenant has its keys all the same, and the error is raised."""

    def fail(name: str, given: dict[str, Any]) -> Exception | None:
        met = name == call and parameters.items() <= given.items()
        return DYNAMODB_FAULTS["throttled"] if met else None

    account.put_policy(with_tenant("late"))
    account.fault = fail
    with pytest.raises(StoreUnavailable):
        account.maintain()
    assert [item for item in account.items("keys") if item["pk"]["S"] == "late"], step


def test_keys_made_before_a_step_failed_are_reported(account: World) -> None:
    """The log counts what was written, though the tenant's run broke off before the keys were marked."""
    account.put_policy(with_tenant("late"))

    def fail(name: str, given: dict[str, Any]) -> Exception | None:
        if name != "dynamodb.Query" or given["ExpressionAttributeValues"] != {":tenant": {"S": "late"}}:
            return None
        written = {item["sk"]["S"] for item in account.items("keys") if item["pk"]["S"] == "late"}
        return DYNAMODB_FAULTS["throttled"] if "prf" in written else None

    account.fault = fail
    with captured_lines() as lines, pytest.raises(StoreUnavailable):
        account.maintain()
    account.fault = None
    [line] = [line for line in lines() if line["message"] == "maintenance"]
    assert (line["keys_made"], line["keys_ready"]) == (2, 0)
    account.maintain()


def test_an_erasure_that_waits_is_measured(account: World) -> None:
    """The age of the oldest one, for an alarm that keeps what receipts promise; 0 once all is done."""
    account.tokenize(TEXT)
    account.erase(subject="p1")
    with captured_lines() as lines:
        account.maintain()
        account.settle()
        account.maintain()
        waiting, done = [line for line in lines() if line["message"] == "maintenance"]
    assert 0 <= waiting["PendingErasureAge"] < 60
    assert done["PendingErasureAge"] == 0


def test_chains_of_a_tenant_that_left_the_policy_are_noted(account: World) -> None:
    """A container goes on with the policy that it loaded; its last events stand in a later checkpoint."""
    token = account.tokenize({"type": "text", "value": "x"}, client="intake", scopes=("tokenize",)).only[
        "token"
    ]
    written = policies.document()
    del written["tenants"]["clinic"]
    account.put_policy(written)
    account.detokenize(token, client="intake", purpose="treatment")
    [event] = account.events()
    event |= {"sk": {"S": "2026-01-01" + event["sk"]["S"][10:]}}
    chain = event["chain"]["S"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.audit.checkpointer.SETTLED_SECONDS", -1)
        account.maintain()
    tails = [
        tail["M"]["chain"]["S"]
        for item in account.items("audit")
        if item["action"]["S"] == "checkpoint"
        for tail in item["tails"]["L"]
    ]
    assert chain in tails


def test_a_key_with_other_contents_elsewhere_is_not_ready(account: World) -> None:
    """Regions are compared by what a key holds: one id with two contents is never used for writing."""
    for item in account.items("keys"):
        if item["sk"]["S"].startswith("ready#"):
            account.dynamodb.delete_item(TableName="keys", Key={"pk": item["pk"], "sk": item["sk"]})
    here, there = (account.env("maintain") | {"TOKENVAULT_REGIONS": "us-east-1,eu-west-1"} for _ in range(2))
    there["AWS_REGION"] = "eu-west-1"
    wiring.maintain(there, lambda service, region: account.client(service), account.telemetry, None)
    for mark in account.items("keys"):
        if mark["sk"]["S"] == "held#eu-west-1#prf":
            account.store({**mark, "contents": {"B": b"other"}}, "keys")
    wiring.maintain(here, account.client, account.telemetry, None)
    ready = {item["sk"]["S"] for item in account.items("keys") if item["sk"]["S"].startswith("ready#")}
    assert ready, "the branch keys are the same"
    assert "ready#prf" not in ready


def test_maintenance_knows_its_own_region(account: World) -> None:
    """A list of Regions without this one would never have all marks."""
    env = account.env("maintain") | {"TOKENVAULT_REGIONS": "eu-west-1"}
    with pytest.raises(ConfigurationError, match="TOKENVAULT_REGIONS must name this Region, too"):
        wiring.maintain(env, account.client, account.telemetry, None)
