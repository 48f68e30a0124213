"""What reviewers release is what is applied: the plan goes sealed from job to job, and no other opens."""

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "github-actions"))

import sealed_plan  # noqa: E402  # a script's folder, not a package

MARKED = b'{"client_secret": "sentinel-of-a-plan"}'
CONTEXT = sealed_plan.context_of("4711", "0123abcd")


@pytest.fixture
def kms() -> Iterator[Any]:
    """KMS with one key, whose ARN is the client's `key`."""
    with mock_aws():
        client = boto3.client("kms", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        client.key = client.create_key()["KeyMetadata"]["Arn"]
        yield client


@pytest.fixture
def sealed(kms: Any) -> bytes:
    """A sealed plan."""
    return sealed_plan.seal(kms, kms.key, CONTEXT, MARKED)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_the_plan_comes_back(kms: Any, sealed: bytes) -> None:
    """Sealed and opened, it is the same bytes; sealed, it shows none of them."""
    assert sealed_plan.unseal(kms, digest(sealed), CONTEXT, sealed) == MARKED
    assert b"sentinel" not in sealed


@pytest.mark.parametrize("field", ["run", "commit"])
def test_a_plan_of_another_run_is_refused(kms: Any, sealed: bytes, field: str) -> None:
    """KMS unwraps the key for this run and commit only."""
    with pytest.raises(sealed_plan.PlanRefusedError, match="KMS does not unwrap"):
        sealed_plan.unseal(kms, digest(sealed), CONTEXT | {field: "another"}, sealed)


def test_a_plan_in_this_ones_place_is_refused(kms: Any, sealed: bytes) -> None:
    """A plan that somebody else sealed, for this very run, has another digest, and KMS is not asked."""
    planted = sealed_plan.seal(kms, kms.key, CONTEXT, b"planted")
    with pytest.raises(sealed_plan.PlanRefusedError, match="SHA-256"):
        sealed_plan.unseal(None, digest(sealed), CONTEXT, planted)


@pytest.mark.parametrize("place", [-1, -20])
def test_a_changed_plan_is_refused(kms: Any, sealed: bytes, place: int) -> None:
    """Should the digest travel with the file after all, the seal still holds."""
    changed = bytearray(sealed)
    changed[place] ^= 1
    with pytest.raises(sealed_plan.PlanRefusedError, match="was changed") as refused:
        sealed_plan.unseal(kms, digest(bytes(changed)), CONTEXT, bytes(changed))
    assert "sentinel" not in str(refused.value)


def test_the_command_line_hands_a_plan_over(
    kms: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the workflow calls it; what it writes is for this user only."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    plan, handed, opened = (tmp_path / name for name in ("plan", "plan.sealed", "opened"))
    plan.write_bytes(MARKED)
    of = ["--run", "4711", "--commit", "0123abcd"]
    monkeypatch.setattr(sys, "argv", ["x", "seal", "--key", kms.key, *of, str(plan), str(handed)])
    assert sealed_plan.main() == 0
    stated = capsys.readouterr().out.strip()
    monkeypatch.setattr(sys, "argv", ["x", "open", "--sha256", stated, *of, str(handed), str(opened)])
    assert sealed_plan.main() == 0
    assert opened.read_bytes() == MARKED
    assert opened.stat().st_mode & 0o077 == 0


@pytest.fixture
def jobs() -> Any:
    """The jobs of the applying workflow."""
    text = (ROOT / "examples/github-actions/workflows/apply.yml").read_text()
    return yaml.safe_load(text)["jobs"]


def steps(job: Any) -> str:
    """All that a job runs."""
    return "\n".join(step.get("run", "") for step in job["steps"])


def test_the_gate_stands_after_the_plan(jobs: Any) -> None:
    """Reviewers are asked once there is a plan to read, and only the job behind the gate may apply."""
    assert set(jobs) == {"plan", "apply"}
    assert "environment" not in jobs["plan"]
    assert (jobs["apply"]["needs"], jobs["apply"]["environment"]) == ("plan", "production")
    roles = {
        name: [
            step["with"]["role-to-assume"]
            for step in job["steps"]
            if "role-to-assume" in step.get("with", {})
        ]
        for name, job in jobs.items()
    }
    assert roles == {"plan": ["${{ vars.PLAN_ROLE_ARN }}"], "apply": ["${{ vars.APPLY_ROLE_ARN }}"]}


def test_only_the_released_plan_is_applied(jobs: Any) -> None:
    """The second job plans nothing: it applies a file, taken by the digest that the first job stated."""
    assert "terraform plan" not in steps(jobs["apply"])
    assert re.findall(r"terraform apply (.*)", steps(jobs["apply"])) == ['-input=false "$RUNNER_TEMP/plan"']
    assert 'open --sha256 "$SHA256"' in steps(jobs["apply"])
    stated = [step["env"]["SHA256"] for step in jobs["apply"]["steps"] if "SHA256" in step.get("env", {})]
    assert stated == ["${{ needs.plan.outputs.package_sha256 }}", "${{ needs.plan.outputs.plan_sha256 }}"]


def test_the_plan_leaves_its_runner_sealed_only(jobs: Any) -> None:
    """What is uploaded is the sealed file; what is shown is Terraform's text, which leaves secrets out."""
    [upload] = [step for step in jobs["plan"]["steps"] if "upload-artifact" in step.get("uses", "")]
    assert upload["with"]["path"].endswith("/plan.sealed")
    assert "terraform show -no-color" in steps(jobs["plan"])
    assert "-json" not in steps(jobs["plan"])
