"""The example pipeline has no long-lived key, and its bootstrap can be applied, planned empty, destroyed."""

import json
import re
from pathlib import Path

import pytest

from tests.infrastructure.bootstrapping import bootstrap
from tests.support.running import Running

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / "examples/github-actions/workflows").glob("*.yml"))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_have_no_keys_and_pinned_actions(workflow: Path) -> None:
    """Every action is a commit, every credential a role for an hour, every permission asked for."""
    text = workflow.read_text()
    actions = re.findall(r"uses: (\S+)", text)
    assert len(actions) >= 4
    for action in actions:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
    assert "id-token: write" in text
    assert "\npermissions: {}\n" in text
    assert not re.search(r"secrets\.|aws-access-key-id|aws-secret-access-key|AKIA", text)
    assert "persist-credentials: false" in text


def test_workflows_name_targets_that_exist() -> None:
    """What the workflows `make` is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for workflow in WORKFLOWS
        for line in re.findall(r"\bmake ([a-z -]+)", workflow.read_text())
        for target in line.split()
    }
    assert named
    assert named <= targets


def test_the_bootstraps_own_tests_pass(tmp_path: Path) -> None:
    """Whom the roles trust, and the variables it refuses, without an account."""
    shown = bootstrap(tmp_path, {}).run("test", interactive=False)
    assert "19 passed, 0 failed" in shown


def test_the_bootstrap_is_applied_and_destroyed(running: Running, tmp_path: Path) -> None:
    """On the emulator: nothing to change afterwards, room for a second Region, nothing left."""
    environment = running.stack.account.environment
    terraform = bootstrap(tmp_path / "first", environment)
    second = bootstrap(tmp_path / "second", environment, region="eu-west-1", make_oidc_provider="false")
    try:
        terraform.run("apply", "-auto-approve")
        second.run("apply", "-auto-approve")
        terraform.run("plan", "-detailed-exitcode")
        outputs = terraform.outputs()
        assert set(outputs["role_arns"]) == {"plan", "apply"}
        assert not {*outputs["role_arns"].values()} & {*second.outputs()["role_arns"].values()}
        assert "encrypt      = true" in outputs["backend"]
    finally:
        second.run("destroy", "-auto-approve")
        terraform.run("destroy", "-auto-approve")
    for left in (terraform, second):
        assert json.loads(left.run("show", "-json", interactive=False)).get("values") is None
