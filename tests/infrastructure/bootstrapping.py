"""The configuration that an account gets once, to be planned and applied by tests."""

import json
import shutil
from pathlib import Path

from local.terraform import Terraform

ROOT = Path(__file__).resolve().parents[2]
VARIABLES = {
    "region": "us-east-1",
    "repository": "example/deployment",
    "repository_ids": {"owner": "123456", "repository": "456789"},
}


def bootstrap(state: Path, environment: dict[str, str], **variables: str) -> Terraform:
    """A working copy of `terraform/bootstrap`, initialised."""
    terraform = Terraform(state, environment, print)
    shutil.copytree(ROOT / "terraform/bootstrap", terraform.copy)
    (terraform.copy / "my.auto.tfvars.json").write_text(json.dumps(VARIABLES | variables))
    terraform.init()
    return terraform
