"""The example of production, as written, except for what keeps a stack from being taken down again."""

from typing import Final

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
