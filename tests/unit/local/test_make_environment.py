"""`make` makes the environment anew when it is not this checkout's, or its interpreter is gone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
INTERPRETER = """#!/bin/sh
# `python -m venv` and pip in a moment: what is made says where it was made.
case "$1 $2" in
  "-m venv") mkdir -p "$3/bin" && ln -s "$0" "$3/bin/python" && pwd > "$3/made-in" ;;
  "-m pip") : ;;
  "-m local") [ "$7" = terraform ] && exit 1; echo "$4|$6" > .venv/ports; cat .venv/made-in ;;
  "-m pytest") echo "the tests run" ;;
  *) exec {python} "$@" ;;
esac
"""


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    """A folder with a small interpreter of its own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    interpreter(folder / "python3.11")
    return folder


def interpreter(file: Path) -> None:
    """Writes one."""
    file.write_text(INTERPRETER.format(python=sys.executable))
    file.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as the rule looks at."""
    folder = tmp_path / "a checkout"
    (folder / "clients" / "python").mkdir(parents=True)
    requirements = ("requirements.txt", "requirements.lock", "requirements-dev.txt")
    for name in ("Makefile", *requirements, "clients/python/pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def make(
    checkout: Path, bin_folder: Path, *variables: str, target: str = "down"
) -> "subprocess.CompletedProcess[str]":
    """`make` of a target. `down` prints where the environment that it runs in was made.

    Without what an outer `make` (of `make test`) hands down: the inner one would print its directories, too.
    """
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    environment = {**inherited, "PATH": f"{bin_folder}:/usr/bin:/bin"}
    return subprocess.run(
        ["make", target, *variables],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def ran_in(done: "subprocess.CompletedProcess[str]") -> tuple[bool, str]:
    """Whether the environment was made, and where the code ran."""
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return "making .venv" in lines[0], lines[-1]


def test_it_is_made_once(checkout: Path, bin_folder: Path) -> None:
    """The second time it is there."""
    assert ran_in(make(checkout, bin_folder)) == (True, str(checkout))
    assert ran_in(make(checkout, bin_folder)) == (False, str(checkout))


@pytest.mark.parametrize("move", [shutil.move, lambda a, b: shutil.copytree(a, b, symlinks=True)])
def test_another_place_gets_its_own(checkout: Path, bin_folder: Path, tmp_path: Path, move) -> None:
    """A moved checkout and a copied one run their own code."""
    make(checkout, bin_folder)
    other = tmp_path / "other"
    move(str(checkout), str(other))
    assert ran_in(make(other, bin_folder)) == (True, str(other))
    assert ran_in(make(other, bin_folder)) == (False, str(other))


def test_an_interpreter_that_is_gone_is_replaced(checkout: Path, bin_folder: Path) -> None:
    """After an upgrade of Python the links of the environment lead nowhere."""
    make(checkout, bin_folder)
    (bin_folder / "python3.11").unlink()
    interpreter(bin_folder / "upgraded")
    (bin_folder / "python3.11").symlink_to("upgraded")
    assert ran_in(make(checkout, bin_folder)) == (True, str(checkout))
    assert (checkout / ".venv/bin/python").resolve().name == "upgraded"


def test_a_changed_requirement_makes_it_anew(checkout: Path, bin_folder: Path) -> None:
    """As does a half-made environment, which has no mark."""
    make(checkout, bin_folder)
    later = (checkout / ".venv/.ready").stat().st_mtime + 5
    os.utime(checkout / "requirements.txt", (later, later))
    assert ran_in(make(checkout, bin_folder))[0]
    (checkout / ".venv/.ready").unlink()
    assert ran_in(make(checkout, bin_folder))[0]


def test_without_a_python_it_says_which(checkout: Path, tmp_path: Path) -> None:
    """One line, and nothing half made."""
    empty = tmp_path / "empty"
    empty.mkdir()
    for tool in ("make", "sh", "cat", "test", "rm", "touch", "echo"):
        if found := shutil.which(tool):
            (empty / tool).symlink_to(found)
    done = subprocess.run(
        ["make", "down"], cwd=checkout, env={"PATH": str(empty)}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "needs Python 3.11 to 3.14" in done.stderr
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("value", ["", "80 90", "80 down", "*"])
def test_ports_arrive_as_they_were_given(checkout: Path, bin_folder: Path, value: str) -> None:
    """Empty or with spaces, so that the launcher can name the variable that is no port."""
    assert make(checkout, bin_folder, f"PORT={value}", f"EMULATOR_PORT={value}").returncode == 0
    assert (checkout / ".venv/ports").read_text() == f"{value}|{value}\n"


def test_the_tests_run_where_terraform_cannot_be_had(checkout: Path, bin_folder: Path) -> None:
    """It is looked for first; all that takes none is tried all the same."""
    done = make(checkout, bin_folder, target="test")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-2:] == ["testing all that takes no Terraform ...", "the tests run"]
