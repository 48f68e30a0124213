"""A test that cannot be run is skipped by a developer's machine, and a failure in CI."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.continuous_integration import cannot_run

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("ci", ["true", "True", "1"])
def test_ci_passes_over_no_test(monkeypatch: pytest.MonkeyPatch, ci: str) -> None:
    """However it is spelled."""
    monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.fail.Exception, match="no Node"):
        cannot_run("no Node.js")


@pytest.mark.parametrize("ci", ["", "0", "false", "False", None])
def test_a_developers_machine_runs_the_rest(monkeypatch: pytest.MonkeyPatch, ci: str | None) -> None:
    """Also where it says that it is none."""
    monkeypatch.delenv("CI", raising=False)
    if ci is not None:
        monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.skip.Exception, match="no Node"):
        cannot_run("no Node.js")


def test_what_ci_runs_knows_that_it_is_ci(tmp_path: Path) -> None:
    """Whatever the machine that it runs on has set."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    (tmp_path / "Makefile").write_text("check:\n\t@echo CI is $$CI\n")
    of_make = {"CI", "MAKEFLAGS", "MAKELEVEL"}  # under `make test`, a make within says where it is
    inherited = {name: value for name, value in os.environ.items() if name not in of_make}
    done = subprocess.run(
        [tmp_path / ".ci" / "run"], env=inherited, capture_output=True, text=True, check=True
    )
    assert done.stdout == "CI is true\n"
