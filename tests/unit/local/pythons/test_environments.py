"""Each Python has an environment of its own, from the pinned requirements, made once."""

import subprocess
from pathlib import Path

import pytest

from local.pythons.environments import Environment
from tests.unit.local.pythons.conftest import Maker


def installs(asked: Path) -> list[str]:
    return [line.rpartition("-r ")[2] for line in asked.read_text().splitlines() if "pip install" in line]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as an environment is made from."""
    folder = tmp_path / "checkout"
    (folder / "clients/python").mkdir(parents=True)
    requirements = ("requirements.txt", "requirements.lock", "requirements-dev.txt")
    for name in (*requirements, "clients/python/pyproject.toml"):
        (folder / name).touch()
    return folder


def test_it_is_made_from_the_pins_once(tmp_path: Path, checkout: Path, make: Maker, asked: Path) -> None:
    """The lock by hash, then the development tools; the second time it is there."""
    environment = Environment(checkout, "3.96", make("3.96.1", tmp_path))
    environment.make()
    assert installs(asked) == ["requirements.lock", "requirements-dev.txt"]
    assert "--no-deps --require-hashes -r requirements.lock" in asked.read_text()
    assert environment.python == checkout / ".venv-pythons/3.96/bin/python"
    assert environment.python.exists()
    environment.make()
    assert len(installs(asked)) == 2


@pytest.mark.parametrize("name", ["requirements.txt", "requirements.lock", "requirements-dev.txt"])
def test_a_changed_requirement_makes_it_anew(
    tmp_path: Path, checkout: Path, make: Maker, asked: Path, name: str
) -> None:
    """By its content, so that a checkout of another commit is noticed whatever its times."""
    environment = Environment(checkout, "3.96", make("3.96.1", tmp_path))
    environment.make()
    (checkout / name).write_text("boto3==0.0.1\n")
    environment.make()
    assert len(installs(asked)) == 4


def test_another_interpreter_and_another_place_make_it_anew(
    tmp_path: Path, checkout: Path, make: Maker, asked: Path
) -> None:
    """An environment knows its interpreter and its checkout by their paths."""
    Environment(checkout, "3.96", make("3.96.1", tmp_path)).make()
    Environment(checkout, "3.96", make("3.96.2", tmp_path / "upgraded")).make()
    assert len(installs(asked)) == 4
    checkout.rename(tmp_path / "moved")
    Environment(tmp_path / "moved", "3.96", tmp_path / "upgraded/python3.96").make()
    assert len(installs(asked)) == 6


def test_a_half_made_environment_is_made_anew(
    tmp_path: Path, checkout: Path, make: Maker, asked: Path
) -> None:
    """After a pip that failed, the next time starts over."""
    with pytest.raises(subprocess.CalledProcessError):
        Environment(checkout, "3.96", make("3.96.1", tmp_path, pip="exit 1")).make()
    Environment(checkout, "3.96", make("3.96.1", tmp_path)).make()
    assert installs(asked) == ["requirements.lock", "requirements.lock", "requirements-dev.txt"]


def test_a_python_without_pip_is_lent_one(
    tmp_path: Path, checkout: Path, make: Maker, asked: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As Debian ships it: the pip of another Python installs pip, and a sentence says what is missing."""
    lender = make("3.95.1", tmp_path)
    bare = make("3.96.1", tmp_path, ensurepip="exit 1")
    environment = Environment(checkout, "3.96", bare, lender)
    environment.make()
    lent = f"pip -m pip --python {environment.python} install --quiet --disable-pip-version-check pip"
    assert asked.read_text().splitlines()[0] == lent
    assert installs(asked)[-2:] == ["requirements.lock", "requirements-dev.txt"]
    assert "python3-venv" in capfd.readouterr().out


def test_a_python_that_makes_no_environment_at_all_fails(
    tmp_path: Path, checkout: Path, make: Maker, asked: Path
) -> None:
    """Nor is pip asked for anything."""
    broken = make("3.96.1", tmp_path)
    broken.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(subprocess.CalledProcessError):
        Environment(checkout, "3.96", broken, make("3.95.1", tmp_path)).make()
    assert not installs(asked)
