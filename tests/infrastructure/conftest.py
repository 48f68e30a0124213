"""Packages, built once a session."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def build(stage: str, out: Path, checkout: Path = ROOT) -> Path:
    """Packages a stage of a checkout into a folder, as `make package` does."""
    command = [
        sys.executable,
        str(checkout / "terraform/packaging/build.py"),
        "--stage",
        stage,
        "--out",
        str(out),
    ]
    subprocess.run(command, check=True, cwd=out)
    return out


@pytest.fixture(scope="session")
def aws_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package that is deployed (arm64)."""
    return build("aws", tmp_path_factory.mktemp("aws"))


@pytest.fixture(scope="session")
def host_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for the machine that runs the tests."""
    return build("host", tmp_path_factory.mktemp("host"))
