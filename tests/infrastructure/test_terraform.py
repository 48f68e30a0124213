"""Terraform by itself: its own tests, without an account."""

import json
from pathlib import Path

import pytest

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
