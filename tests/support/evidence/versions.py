"""What exactly the evidence is about: the product, its libraries, its tools, and the commit."""

import hashlib
import json
import platform
import re
import subprocess
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from local import terraform_program
from local.errors import NoTerraformError
from tests.support.evidence.part import CannotHaveError, Part, Table

NAME: Final = "versions"
TITLE: Final = "Versions"
Run = Callable[[Sequence[str]], str]
"""Runs a command in the checkout and returns what it printed. Raises `CannotHaveError`."""


def runner(folder: Path) -> Run:
    """Runs commands in a folder."""

    def run(command: Sequence[str]) -> str:
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise CannotHaveError(f"{command[0]} does not run here ({type(problem).__name__})") from None
        if done.returncode != 0:
            raise CannotHaveError(f"`{' '.join(command)}` failed")
        return done.stdout.strip()

    return run


def versions(
    checkout: Path, run: Run, lock: Path, terraform: Callable[[], list[str]] = terraform_program.command
) -> Part:
    """The part. `lock` is where Terraform wrote which provider it took, if it ever ran here."""
    facts: dict[str, Callable[[], str]] = {
        "tokenvault": lambda: str(
            tomllib.loads((checkout / "pyproject.toml").read_text())["project"]["version"]
        ),
        "git commit": lambda: run(["git", "rev-parse", "HEAD"]),
        "changes that are not in that commit": lambda: _changes(run),
        "SHA-256 of requirements.lock": lambda: hashlib.sha256(
            (checkout / "requirements.lock").read_bytes()
        ).hexdigest(),
        "Python": platform.python_version,
        "Terraform": lambda: str(json.loads(run([*terraform(), "version", "-json"]))["terraform_version"]),
        "Terraform's provider hashicorp/aws": lambda: _provider(lock),
    }
    found: dict[str, str] = {}
    missing = []
    for name, fact in facts.items():
        try:
            found[name] = fact()
        except (CannotHaveError, NoTerraformError) as reason:
            missing.append(f"{name}: {reason}")
    return _part(found, missing)


def _part(found: dict[str, str], missing: list[str]) -> Part:
    data: dict[str, Any] = {"versions": found, "missing": missing}
    table = Table("Versions", ["what", "version"], [[name, version] for name, version in found.items()])
    state, summary = ("incomplete", "; ".join(missing)) if missing else ("recorded", "all of them known")
    return Part(NAME, TITLE, state, summary, data, [table], missing)  # type: ignore[arg-type]


def _changes(run: Run) -> str:
    """Evidence of a tree that differs from its commit is of no commit at all, so it says so."""
    changed = len(run(["git", "status", "--porcelain"]).splitlines())
    return f"{changed} files" if changed else "none"


def _provider(lock: Path) -> str:
    if not lock.exists():
        raise CannotHaveError("Terraform has not run here (`make up` lets it), so it took none yet")
    found = re.search(r'hashicorp/aws" \{\s+version\s+= "([^"]+)"', lock.read_text())
    if found is None:
        raise CannotHaveError(f"{lock.name} does not name it")
    return found[1]
