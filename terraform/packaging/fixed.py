"""What a step of the build runs in: nothing of the builder's that could get into the package.

Where libraries are fetched *from* (an index, a proxy, a certificate) stays the builder's: their hashes are in
the lock, so it cannot change a byte. What is fetched, and how it is made, does not:
https://pip.pypa.io/en/stable/topics/configuration/
"""

import ast
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

UMASK: Final = 0o022

TRANSPORT: Final = (
    "cert",
    "client-cert",
    "default-timeout",
    "extra-index-url",
    "find-links",
    "index-url",
    "keyring-provider",
    "no-index",
    "proxy",
    "retries",
    "timeout",
    "trusted-host",
)
"""The settings of pip that say how to reach an index."""

_THEIRS: Final = ("AWS_", "CHALICE", "LANG", "LC_", "PIP_", "PYTHON", "SOURCE_DATE_EPOCH", "TZ")


def environment() -> dict[str, str]:
    """The builder's variables without those that change what is made, and fixed ones in their place."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_THEIRS)}
    return kept | {
        "LC_ALL": "C",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        # Chalice makes a session of boto3 to load the app: without a profile or Region of the builder's.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def pip_environment() -> dict[str, str]:
    """The same for pip: the builder's way to an index, and no other setting of theirs (a constraint, say)."""
    return environment() | _transport() | {"PIP_CONFIG_FILE": os.devnull}


def run(command: Sequence[str | Path], cwd: Path, environment: dict[str, str]) -> None:
    """One step; it speaks on standard error only. Raises `CalledProcessError`."""
    subprocess.run(command, cwd=cwd, env=environment, umask=UMASK, check=True, stdout=subprocess.DEVNULL)


def _transport() -> dict[str, str]:
    settings = _pip_settings()
    found = {}
    for name in TRANSPORT:
        for section in ("global", "download", ":env:"):  # the later ones win, as in pip
            if f"{section}.{name}" in settings:
                found[f"PIP_{name.upper().replace('-', '_')}"] = settings[f"{section}.{name}"]
    return found


def _pip_settings() -> dict[str, str]:
    """What the builder's files and variables tell pip. `pip config list` shows `section.name='value'`."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, env=_readable())
    lines = (line.partition("=") for line in shown.stdout.splitlines())
    return {name: str(ast.literal_eval(value)) for name, _, value in lines if value.startswith(("'", '"'))}


def _readable() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"PYTHONUTF8": "1"}
