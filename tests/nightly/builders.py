"""Every Python of this machine builds the same package: `python -m pytest tests/nightly/builders.py`.

Not in the daily suite, which builds with one Python: each needs an environment of its own
(`make test-pythons` makes them).
"""

import hashlib
import os
import sys
from pathlib import Path

import pytest

from local.paths import ROOT
from local.pythons import interpreters
from local.pythons.environments import Environment
from tests.infrastructure.conftest import build
from tests.support.continuous_integration import cannot_run

from interpreter import MissingInterpreterError, pinned  # isort: skip  # the import above makes it importable

PYTHONS = {version: interpreters.interpreter(version, os.environ) for version in interpreters.SUPPORTED}
FOUND = {version: found for version, found in PYTHONS.items() if found}


def digests(package: Path) -> dict[str, str]:
    """The SHA-256 of each file that is deployed."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in package.iterdir()}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the Python that runs the tests builds."""
    try:
        pinned()
    except MissingInterpreterError as missing:
        cannot_run(str(missing))
    return digests(build("aws", tmp_path_factory.mktemp("ours"), python=sys.executable))


@pytest.mark.parametrize("version", FOUND)
def test_every_python_builds_the_same_bytes(ours: dict[str, str], tmp_path: Path, version: str) -> None:
    """The zip and its Terraform for AWS, with whatever pip came with that Python."""
    environment = Environment(ROOT, version, FOUND[version])
    environment.make()
    assert digests(build("aws", tmp_path, python=str(environment.python))) == ours
    assert set(ours) == {"deployment.zip", "chalice.tf.json"}
