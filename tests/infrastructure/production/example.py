"""The example of production as tests apply it, beside the configuration that an account gets once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local.account import Account
from local.processes import free_port
from local.stack import Stack, StackPaths
from local.terraform import Terraform
from terraform.deployer import record
from tests.infrastructure.bootstrapping import bootstrap
from tests.infrastructure.iam.policies import role
from tests.infrastructure.state import Found, changes, resources

EXAMPLE: Final = "environments/production.tfvars"
REGION: Final = "eu-central-1"
REGIONS: Final = (REGION, "eu-west-1")
ADMINISTRATORS: Final = (role("acme-key-administrators"), role(f"tokenvault-pipeline-apply-{REGION}"))
# As written, except for what keeps a stack from being taken down again, for the pipeline's role, and for what
# the bootstrap has.
_VARIABLES: Final = (
    "-var=deletion_protection=false",
    "-var=manage_api_gateway_account=false",
    f"-var=key_administrator_arns={json.dumps(ADMINISTRATORS)}",
)
OPTIONS: Final = (f"-var-file={EXAMPLE}", *_VARIABLES)


@dataclass(frozen=True)
class ProductionExample:
    """Example and bootstrap, applied to one account.

    `before` is what the account held in each Region before the example. `calls` are the provider's, and
    `second_plan` is what Terraform would change if it applied again.
    """

    stack: Stack
    before: dict[str, dict[str, set[str]]]
    applied: list[dict[str, Any]]
    bootstrap: Found
    calls: record.Calls
    second_plan: dict[str, str]

    @property
    def found(self) -> Found:
        """The example's resources to look things up in."""
        return Found(self.applied)


@contextmanager
def production_example(folder: Path) -> Iterator[ProductionExample]:
    """An emulator of its own, with the bootstrap applied and the example after it."""
    stack = Stack(StackPaths(folder, free_port(), free_port()), print)
    try:
        stack.prepare()
        first = bootstrap(folder / "bootstrap", stack.account.environment, region=REGION)
        first.run("apply", "-auto-approve")
        before = inventories(stack)
        log = folder / "provider.log"
        terraform = record.recording(stack, log)
        calls = record.logged(terraform, log, "apply", "-auto-approve", *OPTIONS)
        second_plan = changes(terraform.run("plan", "-json", *OPTIONS))
        calls += record.calls_of(log)
        yield ProductionExample(
            stack, before, _managed(terraform), Found(_managed(first)), record.collected(calls), second_plan
        )
    finally:
        stack.stop()


def _managed(terraform: Terraform) -> list[dict[str, Any]]:
    shown = json.loads(terraform.run("show", "-json", interactive=False))
    return [one for one in resources(shown["values"]["root_module"]) if one["mode"] == "managed"]


def inventories(stack: Stack) -> dict[str, dict[str, set[str]]]:
    """Tables, networks, buckets, and keys that are not about to go, of both Regions."""
    return {region: _inventory(type(stack.account)(stack.places.emulator_url, region)) for region in REGIONS}


def _inventory(account: Account) -> dict[str, set[str]]:
    kms = account.client("kms")
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    going = {"PendingDeletion", "PendingReplicaDeletion"}
    vpcs = account.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])
    return {
        "tables": set(account.client("dynamodb").list_tables()["TableNames"]),
        "networks": {vpc["VpcId"] for vpc in vpcs["Vpcs"]},
        "buckets": {bucket["Name"] for bucket in account.client("s3").list_buckets()["Buckets"]},
        "keys": {
            key["KeyId"]
            for key in keys
            if key["Description"].startswith("tokenvault") and key["KeyState"] not in going
        },
    }


def with_another_client(terraform: Terraform, name: str) -> tuple[str, ...]:
    """Options for the example with one client more."""
    example = (terraform.copy / EXAMPLE).read_text()
    [line] = [line for line in example.splitlines() if line.strip().startswith("privacy = ")]
    more = terraform.copy / f"{name}.tfvars"
    more.write_text(example.replace(line, f'{line}\n{name} = {{ actions = ["read"], types = ["*"] }}'))
    return ("-refresh=false", f"-var-file={more.name}", *_VARIABLES)
