"""Which interpreters of this machine are a Python that is asked for."""

import os
import sys
import tomllib
from pathlib import Path

import pytest

from local.paths import ROOT
from local.pythons.interpreters import SUPPORTED, interpreter
from tests.unit.local.pythons.conftest import Maker

HERE = ".".join(map(str, sys.version_info[:2]))


def test_the_supported_are_those_of_the_project() -> None:
    """The first and the last are the bounds that pyproject.toml states."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    minors = [int(version.removeprefix("3.")) for version in SUPPORTED]
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert stated == f">=3.{minors[0]},<3.{minors[-1] + 1}"


def test_it_is_found_on_the_path(tmp_path: Path, make: Maker) -> None:
    """The first that starts: a shim of pyenv's for a Python that is not chosen does not."""
    shim, there = tmp_path / "shims", tmp_path / "bin"
    make("3.96.1", shim).write_text("#!/bin/sh\nexit 127\n")
    python = make("3.96.1", there)
    assert interpreter("3.96", {"PATH": f"{shim}{os.pathsep}{there}"}) == python


@pytest.mark.parametrize(
    ("variable", "folder"),
    [
        ("PYENV_ROOT", "versions/3.96.1/bin"),
        ("UV_PYTHON_INSTALL_DIR", "cpython-3.96.1-linux-x86_64-gnu/bin"),
    ],
)
def test_it_is_found_where_pyenv_and_uv_put_it(
    tmp_path: Path, make: Maker, variable: str, folder: str
) -> None:
    """Neither has to put it on the PATH."""
    python = make("3.96.1", tmp_path / folder)
    assert interpreter("3.96", {"PATH": "", "HOME": str(tmp_path), variable: str(tmp_path)}) == python


def test_the_newest_release_is_taken(tmp_path: Path, make: Maker) -> None:
    """By number: 3.96.10 comes after 3.96.9."""
    newest = make("3.96.10", tmp_path / ".pyenv/versions/3.96.10/bin")
    make("3.96.9", tmp_path / ".pyenv/versions/3.96.9/bin")
    assert interpreter("3.96", {"PATH": "", "HOME": str(tmp_path)}) == newest


@pytest.mark.parametrize(
    ("release", "unusual"),
    [("3.95.1", {}), ("3.96.1", {"implementation": "PyPy"}), ("3.96.1", {"flags": "t"})],
)
def test_it_is_taken_for_what_it_says_it_is(
    tmp_path: Path, make: Maker, release: str, unusual: dict[str, str]
) -> None:
    """Another version under the name, another implementation and a free-threaded build are passed over."""
    make(release, tmp_path, **unusual).rename(tmp_path / "python3.96")
    assert interpreter("3.96", {"PATH": str(tmp_path), "HOME": str(tmp_path)}) is None


def test_the_python_that_asks_is_found_in_any_case() -> None:
    """It may be on the PATH as `python3` only."""
    found = interpreter(HERE, {"PATH": "", "HOME": "/nonexistent"})
    assert found == Path(sys.executable)
