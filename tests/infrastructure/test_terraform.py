"""Terraform by itself: its own tests, without an account."""

import json
from pathlib import Path

import pytest

from local.terraform import Terraform

TESTS = Path(__file__).resolve().parents[2] / "terraform" / "tests"
OF_THE_ROOT = {f"{name}.tftest.hcl" for name in ("composition", "lambda", "root", "second_region")}


@pytest.fixture
def offline(tmp_path: Path) -> Terraform:
    """A working copy that nothing was applied from."""
    terraform = Terraform(tmp_path, {}, print)
    terraform.prepare()
    terraform.init()
    return terraform


@pytest.mark.parametrize("whole", [True, False], ids=["the root", "its parts"])
def test_the_terraform_tests_pass(offline: Terraform, whole: bool) -> None:
    """`terraform test` with a mocked provider: the policy it writes, and each variable it refuses."""
    files = [file for file in sorted(TESTS.glob("*.tftest.hcl")) if (file.name in OF_THE_ROOT) is whole]
    runs = sum(file.read_text().count('\nrun "') for file in files)
    shown = offline.run("test", *(f"-filter=tests/{file.name}" for file in files), interactive=False)
    assert runs >= 10
    assert f"{runs} passed, 0 failed" in shown


def test_the_configuration_is_valid(offline: Terraform) -> None:
    """`terraform validate` on the module with the packaged app in it."""
    assert json.loads(offline.run("validate", "-no-tests", "-json", interactive=False))["valid"]
