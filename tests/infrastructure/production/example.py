"""The example of production, as written, except for what keeps a stack from being taken down again."""

from typing import Any, Final

from local.terraform import Terraform

EXAMPLE: Final = "environments/production.tfvars"
OPTIONS: Final = (f"-var-file={EXAMPLE}", "-var=deletion_protection=false")


def with_another_client(terraform: Terraform, name: str) -> tuple[str, ...]:
    """Options for the example with one client more."""
    example = (terraform.copy / EXAMPLE).read_text()
    [line] = [line for line in example.splitlines() if line.strip().startswith("privacy = ")]
    more = terraform.copy / f"{name}.tfvars"
    more.write_text(example.replace(line, f'{line}\n{name} = {{ actions = ["read"], types = ["*"] }}'))
    return ("-refresh=false", f"-var-file={more.name}", "-var=deletion_protection=false")


def states_of_keys(kms: Any) -> set[str]:
    """The states of those KMS keys of a Region that are ours."""
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return {key["KeyState"] for key in keys if key["Description"].startswith("tokenvault")}
