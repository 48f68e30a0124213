"""The TypeScript client says what the service and the Python client say. Its own tests: `make typescript`."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tokenvault_client import access_tokens, client, errors
from tokenvault_client.batches import MAX_ITEMS
from tokenvault_client.retries import Retries
from tokenvault_client.settings import VARIABLES

from chalicelib.api.json_body import MAX_BODY_BYTES
from chalicelib.auth.scopes import REVEALING_ACTIONS

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "clients/typescript"


def source(name: str) -> str:
    return (PACKAGE / "src" / f"{name}.ts").read_text()


def described(name: str) -> Any:
    return json.loads((PACKAGE / name).read_text())


def test_both_clients_take_the_same_errors_for_passing() -> None:
    """A code that one of them sends again, so does the other."""
    [listed] = re.findall(r"RETRYABLE.*?new Set<Code>\(\[(.*?)\]\)", source("errors"), re.DOTALL)
    assert set(re.findall(r'"(\w+)"', listed)) == errors.RETRYABLE


def test_both_clients_have_the_same_kinds_of_errors() -> None:
    """Each with the same one above it."""
    found = dict(re.findall(r"export class (\w+) extends (\w+)", source("errors")))
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    known = {kind.__name__: kind.__mro__[1].__name__ for kind in kinds}
    del known["VerificationError"]  # Receipts are checked by the command line tool.
    assert found == {**known, "TokenvaultError": "Error"}


def test_the_limits_are_the_services() -> None:
    """Of items and of bytes."""
    assert f"MAX_ITEMS = {MAX_ITEMS};" in source("batches")
    assert f"MAX_BODY_BYTES = {MAX_BODY_BYTES // 1024} * 1024;" in source("batches")


def strings(pattern: str, name: str) -> set[str]:
    """The strings in the one place of a source file that matches."""
    [found] = re.findall(pattern, source(name), re.DOTALL)
    return set(re.findall(r'"([\w.]+)"', found))


def test_both_clients_know_the_same_actions_and_which_of_them_reveal() -> None:
    """The service refuses an access token for any that reveals where values go in."""
    revealing = strings(r"const REVEALING\b.*?\[(.*?)\]", "access-tokens")
    assert revealing == set(REVEALING_ACTIONS) == access_tokens.REVEALING
    assert strings(r"const ACTIONS\b = \[(.*?)\]", "access-tokens") == access_tokens.ANY


def test_patience_is_the_same_unless_told_otherwise() -> None:
    """The time of a call, of an attempt, of a wait."""
    patience = Retries()
    expected = {
        "firstWait": patience.first_wait,
        "longestWait": patience.longest_wait,
        "attemptSeconds": patience.attempt_seconds,
    }
    found = re.findall(r"(\w+): options\.\w+ \?\? ([\d.]+)", source("retries"))
    assert {name: float(seconds) for name, seconds in found} == expected
    assert f"timeoutSeconds = {client.TIMEOUT_SECONDS:g}" in source("client")


def test_the_environment_has_the_same_names() -> None:
    """So one environment serves both clients and the command line tool."""
    assert set(re.findall(r"TOKENVAULT_\w+(?=\")", source("settings"))) == set(VARIABLES.values())


def test_nothing_is_needed_at_run_time_and_the_rest_is_pinned() -> None:
    """Exact versions, and nobody publishes the package by accident."""
    package = described("package.json")
    assert not {"dependencies", "peerDependencies", "optionalDependencies"} & set(package)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["devDependencies"].values())
    assert package["private"] is True


def packages() -> dict[str, Any]:
    """What the lock holds besides the package itself."""
    found = described("package-lock.json")["packages"]
    return {name: entry for name, entry in found.items() if name}


@pytest.mark.parametrize("name", sorted(packages()))
def test_the_lock_names_each_package_by_its_hash_and_no_registry(name: str) -> None:
    """Whichever mirror it comes from."""
    entry = packages()[name]
    assert entry["integrity"].startswith("sha512-")
    assert "resolved" not in entry


@pytest.mark.parametrize("file", sorted((PACKAGE / "src").glob("*.ts")), ids=lambda path: path.name)
def test_a_file_is_short_and_says_what_it_is(file: Path) -> None:
    """As in the rest of the repository."""
    lines = file.read_text().splitlines()
    assert lines[0].startswith("/**")
    assert len(lines) < 350 or file.name == "openapi.ts"


def test_without_node_the_target_says_what_it_needs(tmp_path: Path) -> None:
    """In a line of its own, and before anything is installed."""
    (tmp_path / "node").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "node").chmod(0o755)
    command = ["make", "--silent", "--old-file", ".venv/.ready", "typescript"]
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    said = "make typescript needs Node.js 20 or later with npm on the PATH: https://nodejs.org/"
    assert said in done.stderr.splitlines()
    assert done.stdout == ""
