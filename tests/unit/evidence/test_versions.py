"""Versions: each fact is there or named as missing."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.evidence.components import components
from tests.support.evidence.part import CannotHaveError
from tests.support.evidence.versions import runner, versions

LOCK = 'provider "registry.terraform.io/hashicorp/aws" {\n  version     = "6.1.2"\n}\n'


def answering(**answers: str) -> Callable[[Sequence[str]], str]:
    """Commands that answer by their name; others do not run here."""

    def run(command: Sequence[str]) -> str:
        name = "_".join(command[:2]).rpartition("/")[2]
        if name not in answers:
            raise CannotHaveError(f"{command[0]} does not run here")
        return answers[name]

    return run


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (tmp_path / "requirements.lock").write_text("locked")
    (tmp_path / "lock.hcl").write_text(LOCK)
    return tmp_path


RUN = answering(
    git_rev_parse="",
    **{
        "git_rev-parse": "abc123",
        "git_status": " M app.py",
        "terraform_version": '{"terraform_version": "1.11.0"}',
    },
)


def test_all_are_recorded(checkout: Path) -> None:
    """Product, commit and what differs from it, the lock's digest, Python, Terraform and its provider."""
    part = versions(checkout, RUN, checkout / "lock.hcl", lambda: ["terraform"])
    found = part.data["versions"]
    assert (part.state, part.missing) == ("recorded", [])
    assert (found["tokenvault"], found["git commit"]) == ("1.2.3", "abc123")
    assert found["changes that are not in that commit"] == "1 files"
    assert found["SHA-256 of requirements.lock"] == hashlib.sha256(b"locked").hexdigest()
    assert (found["Terraform"], found["Terraform's provider hashicorp/aws"]) == ("1.11.0", "6.1.2")
    assert found["Python"].count(".") == 2


def test_what_is_not_there_is_missing_with_its_reason(checkout: Path) -> None:
    """Without git and Terraform the rest is recorded, and the part is incomplete."""
    part = versions(checkout, answering(), checkout / "nowhere.hcl")
    assert part.state == "incomplete"
    assert "git commit: git does not run here" in part.missing
    assert any(
        line.startswith("Terraform's provider hashicorp/aws: Terraform has not run") for line in part.missing
    )
    assert "git commit" not in part.data["versions"]
    assert part.data["versions"]["tokenvault"] == "1.2.3"


def test_a_command_that_fails_or_is_not_there_is_no_answer(tmp_path: Path) -> None:
    """Both are told apart from an empty answer."""
    run = runner(tmp_path)
    assert run(["true"]) == ""
    with pytest.raises(CannotHaveError, match="`false` failed"):
        run(["false"])
    with pytest.raises(CannotHaveError, match="does not run here"):
        run(["tokenvault-has-no-such-command"])


HASHED = {
    "name": "b",
    "version": "2",
    "externalReferences": [{"hashes": [{"alg": "SHA-256", "content": "00"}]}],
}


def bill(*found: object) -> str:
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": found})


def test_the_components_are_filed_as_the_tool_made_them(tmp_path: Path) -> None:
    """With how many hashes each has; one without any is missing."""
    tool = tmp_path / "cyclonedx-py"
    tool.touch()
    run = answering(**{"cyclonedx-py_requirements": bill(HASHED, {"name": "a", "version": "1"})})
    part = components(run, tool, tmp_path / "requirements.lock")
    assert part.data["bomFormat"] == "CycloneDX"
    assert part.tables[0].rows == [["a", "1", "0"], ["b", "2", "1"]]
    assert (part.state, len(part.missing)) == ("incomplete", 1)
    whole = components(answering(**{"cyclonedx-py_requirements": bill(HASHED)}), tool, tmp_path / "x.lock")
    assert (whole.state, whole.missing) == ("recorded", [])


@pytest.mark.parametrize("said", ["", "no JSON", bill()])
def test_no_components_are_not_an_empty_list(tmp_path: Path, said: str) -> None:
    """Nothing in the package is not what a broken tool may say."""
    tool = tmp_path / "cyclonedx-py"
    tool.touch()
    with pytest.raises(CannotHaveError, match="cyclonedx-py"):
        components(answering(**{"cyclonedx-py_requirements": said}), tool, tmp_path / "x.lock")
    with pytest.raises(CannotHaveError, match="not installed"):
        components(answering(), tmp_path / "missing", tmp_path / "x.lock")
