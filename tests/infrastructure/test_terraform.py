"""Terraform by itself: its own tests without an account, and a destroy that leaves nothing."""

import json
from pathlib import Path

import pytest

from local.processes import free_port
from local.stack import VARIABLES, Stack, StackPaths
from local.terraform import Terraform


@pytest.fixture
def offline(tmp_path: Path) -> Terraform:
    """A working copy that nothing was applied from."""
    terraform = Terraform(tmp_path, {}, print)
    terraform.prepare()
    terraform.init()
    return terraform


def test_the_terraform_tests_pass(offline: Terraform) -> None:
    """`terraform test` with a mocked provider: the policy it writes, and each variable it refuses."""
    shown = offline.run("test", interactive=False)
    assert "0 failed" in shown
    assert int(shown.split(" passed")[0].split()[-1]) >= 15


def test_the_configuration_is_valid(offline: Terraform) -> None:
    """`terraform validate` on the module with the packaged app in it."""
    assert json.loads(offline.run("validate", "-no-tests", "-json", interactive=False))["valid"]


def test_destroy_leaves_nothing(tmp_path: Path) -> None:
    """A stack of its own is applied, archives something and is destroyed; nothing is left in the state."""
    stack = Stack(StackPaths(tmp_path, free_port(), free_port()), print)
    try:
        stack.start()
        s3 = stack.account.client("s3")
        [archive] = [b["Name"] for b in s3.list_buckets()["Buckets"] if "audit-archive" in b["Name"]]
        s3.put_object(Bucket=archive, Key="audit/object", Body=b"an event")
        stack.terraform.run("destroy", "-auto-approve", f"-var-file={VARIABLES}")
        left = json.loads(stack.terraform.run("show", "-json", interactive=False))
        assert left.get("values", {}).get("root_module", {}) == {}
        dynamodb, kms = stack.account.client("dynamodb"), stack.account.client("kms")
        assert dynamodb.list_tables()["TableNames"] == []
        keys = [kms.describe_key(KeyId=k["KeyId"])["KeyMetadata"] for k in kms.list_keys()["Keys"]]
        ours = [key["KeyState"] for key in keys if key["Description"].startswith("tokenvault")]
        assert set(ours) == {"PendingDeletion"}
    finally:
        stack.stop()
