"""Where Terraform or its provider cannot be had: `run` serves something, the suite names what is left out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local import commands
from local.errors import NoTerraformError, StepError
from local.instead import StackOrInstead
from local.paths import ROOT
from local.provider import find_mirror
from local.terraform import Terraform

MISSING = NoTerraformError("the registry cannot be reached.")
SUITE = """
import pytest

from local.errors import NoTerraformError


@pytest.fixture(scope="session")
def applied():
    raise NoTerraformError("the registry cannot be reached.")


@pytest.mark.parametrize("number", [1, 2])
def test_that_takes_it(applied, number):
    pass


def test_that_starts_a_stack():
    raise NoTerraformError("the registry cannot be reached.")


def test_of_something_else():
    pass
"""
TERRAFORM = """#!/bin/sh
case "$1" in
  version) echo Terraform v1.11.0 ;;
  init) echo "{says}" >&2; exit 1 ;;
esac
"""


class FakeStack:
    """Notes what is done to it; its start may fail."""

    def __init__(self, name: str, done: list[str], failure: Exception | None = None) -> None:
        self._name, self._done, self._failure = name, done, failure

    def start(self) -> None:
        self._done.append(f"start {self._name}")
        if self._failure:
            raise self._failure

    def stop(self) -> None:
        self._done.append(f"stop {self._name}")

    def change(self, variables: str) -> None:
        self._done.append(f"change {self._name}")


def served(done: list[str], failure: Exception | None = None, obtain=lambda: None) -> StackOrInstead:
    """The two, with what happens noted in `done`."""
    return StackOrInstead(
        FakeStack("run", done, failure), lambda: FakeStack("dev", done), obtain, done.append
    )


def refuse() -> None:
    raise MISSING


def test_with_terraform_the_stack_is_the_stack() -> None:
    """Started, changed and stopped; nothing is said."""
    done: list[str] = []
    either = served(done)
    either.start()
    either.change("my.tfvars")
    either.stop()
    assert done == ["start run", "change run", "stop run"]


@pytest.mark.parametrize(("failure", "obtain"), [(MISSING, lambda: None), (None, refuse)])
def test_without_it_the_other_one_comes_up(failure, obtain) -> None:
    """One line says so, and nothing of the first stays, whether the program or its provider is missing."""
    done: list[str] = []
    either = served(done, failure, obtain)
    either.start()
    either.stop()
    started = ["start run"] if failure else []
    said = f"{commands.INSTEAD} {MISSING}"
    assert done == [*started, "stop run", said, "start dev", "stop dev"]
    assert "\n" not in said


def test_any_other_failure_stays_one() -> None:
    """A mistake in the configuration does not hide behind the other stack."""
    done: list[str] = []
    with pytest.raises(StepError, match="port 8000 is taken"):
        served(done, StepError("port 8000 is taken")).start()
    assert done == ["start run"]


def test_up_tells_it_too(tmp_path: Path, capsys) -> None:
    """The line is taken from what the launcher in the background said."""
    log = tmp_path / "launcher.log"
    log.write_text(f"[1/7] check what is needed ...\n{commands.INSTEAD} {MISSING}\nserving\n")
    commands.say_what_is_up(log)
    assert capsys.readouterr().out == f"{commands.INSTEAD} {MISSING}\n"


def test_a_mirror_that_is_named_and_is_none_is_a_mistake(tmp_path: Path) -> None:
    """The setting is to be mended; it does not make `run` serve something else."""
    with pytest.raises(StepError, match="TF_PLUGIN_MIRROR") as problem:
        find_mirror({"TF_PLUGIN_MIRROR": str(tmp_path)}, tmp_path / "memory")
    assert not isinstance(problem.value, NoTerraformError)


def test_nothing_is_packaged_for_a_terraform_that_is_not_there(tmp_path: Path, monkeypatch) -> None:
    """The way to it is looked for before the minute that packaging takes."""
    monkeypatch.setenv("TF_PLUGIN_MIRROR", str(tmp_path))
    with pytest.raises(StepError, match="TF_PLUGIN_MIRROR"):
        Terraform(tmp_path, {}, lambda text: None).prepare()
    assert not (tmp_path / "terraform").exists()


@pytest.mark.parametrize(
    ("says", "missing"),
    [
        ("Error: Failed to query available provider packages", True),
        ("Error: Failed to install provider", True),
        ("Error: Argument or block definition required", False),
    ],
)
def test_a_provider_that_does_not_come_is_told_from_a_mistake(
    tmp_path: Path, monkeypatch, says: str, missing: bool
) -> None:
    """A registry that is there and gives nothing is as good as none; a broken file is another matter."""
    (tmp_path / "terraform").write_text(TERRAFORM.format(says=says))
    (tmp_path / "terraform").chmod(0o755)
    (tmp_path / "mirror" / "registry.terraform.io" / "hashicorp" / "aws").mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("TF_PLUGIN_MIRROR", str(tmp_path / "mirror"))
    terraform = Terraform(tmp_path / "state", {}, lambda text: None)
    terraform.copy.mkdir()
    with pytest.raises(StepError) as problem:
        terraform.init()
    assert isinstance(problem.value, NoTerraformError) == missing


@pytest.mark.parametrize(
    ("ci", "code", "outcome"), [({}, 0, "1 passed, 3 skipped"), ({"CI": "true"}, 1, "failed")]
)
def test_the_suite_runs_the_rest_and_names_what_it_could_not(
    tmp_path: Path, ci, code: int, outcome: str
) -> None:
    """All else runs; in CI what did not run is a failure."""
    (tmp_path / "test_some.py").write_text(SUITE)
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.without_terraform"]
    command += [
        "-p",
        "no:schemathesis",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:hypothesispytest",
        "test_some.py",
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**inherited, **ci, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert outcome in done.stdout.splitlines()[-1]
    named = done.stdout.split("not run, since there is no Terraform here ===")[1]
    for test in ("test_that_takes_it[1]", "test_that_takes_it[2]", "test_that_starts_a_stack"):
        assert f"test_some.py::{test}\n" in named
    assert "test_of_something_else" not in named
