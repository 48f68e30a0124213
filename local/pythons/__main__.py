"""Tests on each supported Python of this machine: `python -m local.pythons [--only 3.14] -- [argument ...]`.

Arguments are pytest's. Each runs in an environment of its own. The exit status is 1 when a Python failed or
none was found; those that this machine lacks are named and fail nothing.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from local.output import say
from local.paths import ROOT
from local.pythons.environments import Environment
from local.pythons.interpreters import SUPPORTED, interpreter

PASSED: Final = "passed"
NOT_FOUND: Final = "not found"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command's exit status, after a line for each Python."""
    parser = argparse.ArgumentParser(prog="python -m local.pythons")
    parser.add_argument("tests", nargs="*", help="what pytest is given")
    parser.add_argument("--only", action="append", choices=SUPPORTED, help="this Python; may be repeated")
    chosen = parser.parse_args(arguments)
    outcomes = {version: _outcome(version, chosen.tests) for version in chosen.only or SUPPORTED}
    for version, outcome in outcomes.items():
        say(f"Python {version}  {outcome}")
    tried = set(outcomes.values()) - {NOT_FOUND}
    return 0 if tried == {PASSED} else 1


def _outcome(version: str, tests: Sequence[str]) -> str:
    found = interpreter(version, os.environ)
    if found is None:
        return NOT_FOUND
    say(f"testing on Python {version}, {found} ...")
    try:
        return _tested(version, found, tests)
    except (subprocess.CalledProcessError, OSError) as failed:
        return f"failed: {failed}"


def _tested(version: str, found: Path, tests: Sequence[str]) -> str:
    """Raises `CalledProcessError` when the environment cannot be made, or a test fails."""
    environment = Environment(ROOT, version, found)
    environment.make()
    subprocess.run([str(environment.python), "-m", "pytest", *tests], cwd=ROOT, check=True)
    return PASSED


if __name__ == "__main__":
    sys.exit(main())
