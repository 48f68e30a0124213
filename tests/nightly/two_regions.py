"""Two Regions that both serve, really applied from one root: what each is given; neither needs the other.

Not in the daily suite, which plans them: an apply of both takes minutes.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from chalicelib import wiring
from chalicelib.telemetry import Telemetry
from local.account import Account
from local.processes import free_port
from local.stack import VARIABLES, Stack, StackPaths
from tests.infrastructure.state import Found, listed, resources

REGIONS: Final = ("us-east-1", "us-west-2")
ROTATION: Final = "-var=rotation={every_days=365}"
OPTIONS: Final = (
    f"-var-file={VARIABLES}",
    f"-var=replica_region={REGIONS[1]}",
    "-var=replica_serves=true",
    ROTATION,
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The local stack's variables, with a second Region that serves."""
    made = Stack(StackPaths(tmp_path_factory.mktemp("regions"), free_port(), free_port()), print)
    try:
        made.prepare()
        made.terraform.run("apply", "-auto-approve", *OPTIONS)
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def found(stack: Stack) -> Found:
    """All that Terraform made."""
    shown = json.loads(stack.terraform.run("show", "-json", interactive=False))
    applied = resources(shown["values"]["root_module"])
    return Found([resource for resource in applied if resource["mode"] == "managed"])


@pytest.fixture(scope="module")
def accounts(stack: Stack) -> list[Account]:
    """The account, as it is reached in each Region."""
    return [Account(stack.account.endpoint, region) for region in REGIONS]


@pytest.fixture(scope="module")
def names(stack: Stack) -> list[dict[str, str]]:
    """The functions of each Region."""
    outputs = stack.terraform.outputs()
    return [outputs["function_names"], outputs["replica"]["function_names"]]


def test_a_second_plan_is_empty(stack: Stack) -> None:
    """Planned again, nothing would change in either Region."""
    stack.terraform.run("plan", "-detailed-exitcode", *OPTIONS)


def test_rotations_end_by_a_job_of_the_first_region(stack: Stack, accounts: list[Account]) -> None:
    """One walk over a global table is enough, and each tenant has its schedule."""
    here, there = (
        [*account.client("stepfunctions").list_state_machines()["stateMachines"]] for account in accounts
    )
    assert [machine["stateMachineArn"] for machine in here] == [
        stack.terraform.outputs()["rotation_state_machine_arn"]
    ]
    assert there == []
    scheduler = accounts[0].client("scheduler")
    schedules = [
        scheduler.get_schedule(Name=schedule["Name"]) for schedule in scheduler.list_schedules()["Schedules"]
    ]
    assert {json.loads(schedule["Target"]["Input"])["tenant"] for schedule in schedules} == {"shop", "clinic"}
    assert {schedule["Target"]["Arn"] for schedule in schedules} == {here[0]["stateMachineArn"]}


def test_a_key_names_the_functions_of_its_own_region(found: Found) -> None:
    """Nobody uses a key of the other Region; the vault KEK is denied to both tokenizing functions in both."""
    for kind, (here, there) in (
        ("aws_kms_key", REGIONS),
        ("aws_kms_replica_key", REGIONS[::-1]),
    ):
        keys = found.named(kind, "this")
        assert set(keys) == {"vault", "index", "hmac", "receipts", "audit", "tables"}
        for name, key in keys.items():
            used, denied = _principals(key["policy"])
            assert {arn.rsplit("/", 1)[1] for arn in denied} == (
                {f"tokenvault-tokenize-{region}" for region in (here, there)} if name == "vault" else set()
            )
            assert used
            assert all(arn.endswith((f"-{here}", ":root")) for arn in used)


def _principals(policy: str) -> tuple[set[str], set[str]]:
    statements = json.loads(policy)["Statement"]
    return tuple(
        {arn for each in statements if each["Effect"] == effect for arn in listed(each["Principal"]["AWS"])}
        for effect in ("Allow", "Deny")
    )  # type: ignore[return-value]  # one set for each of two


def test_a_role_reaches_nothing_of_the_other_region(found: Found) -> None:
    """No statement of a function's role names a table, a key, a bucket or a log group that lies there."""
    policies = [
        values
        for name in ("this", "archive", "failures")
        for values in found.all_named("aws_iam_role_policy", name)
    ]
    assert len(policies) == 10
    for policy in policies:
        here, there = sorted(REGIONS, key=lambda region: not policy["role"].endswith(region))
        assert policy["role"].endswith(here)
        assert there not in policy["policy"]


def test_replicas_are_for_the_second_regions_functions(found: Found) -> None:
    """The items of a replica are denied to the first Region's roles too, and the other way round."""
    for name, region in zip(("this", "replica"), REGIONS, strict=True):
        for table in found.all_named("aws_dynamodb_resource_policy", name):
            if f":{region}:" in table["resource_arn"]:
                [statement] = json.loads(table["policy"])["Statement"]
                left = statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
                assert {arn.rsplit("-", 3)[0].rsplit("/", 1)[1] for arn in left if region in arn} == {
                    f"tokenvault-{function}" for function in ("tokenize", "reveal", "maintain")
                }
                assert not any(other in arn for arn in left for other in REGIONS if other != region)


def test_keys_are_ready_once_both_regions_have_marked_them(
    accounts: list[Account], names: list[dict[str, str]]
) -> None:
    """With what each maintenance function was deployed with, over its own Region's table and keys alone."""

    def maintain(number: int) -> None:
        account = accounts[number]
        environment = account.function(names[number]["maintain"], "live").environment
        region = REGIONS[number]
        called: list[str] = []

        def client(service: str, asked: str) -> Any:
            called.append(asked)
            return account.client(service)

        wiring.maintain(environment, client, Telemetry("test"), None)
        assert set(called) == {region}

    for number in (0, 0, 1):
        assert not _ready(accounts[0])
        maintain(number)
    assert _ready(accounts[0]) == _ready(accounts[1])
    assert len(_ready(accounts[0])) == 4, "a branch key and a PRF key of each of two tenants"


def _ready(account: Account) -> set[tuple[str, str]]:
    items = account.client("dynamodb").scan(TableName="tokenvault-keys", ConsistentRead=True)["Items"]
    return {(each["pk"]["S"], each["sk"]["S"]) for each in items if each["sk"]["S"].startswith("ready#")}


def test_destroy_leaves_nothing(stack: Stack, accounts: list[Account]) -> None:
    """Last in this file: no table and no key of ours is left in either Region."""
    stack.terraform.run("destroy", "-auto-approve", *OPTIONS)
    for account in accounts:
        assert account.client("dynamodb").list_tables()["TableNames"] == []
        kms = account.client("kms")
        keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
        ours = {key["KeyState"] for key in keys if key["Description"].startswith("tokenvault")}
        assert ours <= {"PendingDeletion", "PendingReplicaDeletion"}
    assert stack.account.client("s3").list_buckets()["Buckets"] == []
