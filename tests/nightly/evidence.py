"""`make evidence` as an auditor gets it: of the applied stack, with results of a run of the suite.

In nightly runs: it installs what it files with, and asks npm.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from local.environment import isolated
from tests.infrastructure import conftest
from tests.support.continuous_integration import cannot_run
from tests.support.evidence.requirements import PAGE, requirements
from tests.support.running import Running

ROOT: Final = Path(__file__).resolve().parents[2]
RAN: Final = "tests/unit/audit/test_archive.py"
"""The tests that ran: they hold requirement 10.3.4 alone, and others only in part."""
MAKE: Final = ("make", "--silent", "--old-file", ".venv/.ready")
TITLES: Final = {
    "tests-by-requirement": "Tests by requirement",
    "client-access": "Clients and groups of people: action, type, purpose",
    "role-access": "Roles: tables and keys",
    "versions": "Versions",
    "components.cdx": "Components (CycloneDX)",
    "stack-checks": "Checks of the stack",
}


watched = conftest.watched
"""A fixture, for this file too."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """JUnit XML of a run of a small part of the suite."""
    written = tmp_path_factory.mktemp("results") / "junit.xml"
    command = [sys.executable, "-m", "pytest", "--quiet", f"--junit-xml={written}", RAN]
    subprocess.run(command, cwd=ROOT, env=isolated(os.environ), capture_output=True, check=True)
    return written


@pytest.fixture(scope="module")
def filed(watched: Running, results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder, as the command leaves it."""
    if shutil.which("npm") is None:
        cannot_run("no Node.js with npm here: the evaluator of IAM needs it, and CI has it")
    if subprocess.run([*MAKE, ".venv-evidence/.ready"], cwd=ROOT, check=False).returncode != 0:
        cannot_run("cyclonedx-py cannot be installed here, and CI can")
    scratch, terraform = tmp_path_factory.mktemp("evidence"), watched.stack.terraform
    given = {"STACK": "output", "STATE": "show"}
    for name, command in given.items():
        said = terraform.run(command, "-json", interactive=False)
        (scratch / f"{name.lower()}.json").write_text(said)
    files = [f"{name}={scratch / name.lower()}.json" for name in given]
    done = subprocess.run(
        [*MAKE, "evidence", f"RESULTS={results}", *files, f"OUT={scratch / 'out'}"],
        cwd=ROOT,
        env={**os.environ, **watched.stack.account.environment, **watched.environment("checkout")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    [folder] = (scratch / "out").iterdir()
    return folder


def part(filed: Path, name: str) -> Any:
    return json.loads((filed / f"{name}.json").read_text())


def test_the_folder_has_every_part_as_json_and_on_the_page(filed: Path) -> None:
    """Under a digest each, and what is missing is told."""
    manifest = json.loads((filed / "manifest.json").read_text())
    assert set(manifest["parts"]) == set(TITLES)
    wanted = {"index.html", *(f"{name}.json" for name in TITLES)}
    assert set(manifest["sha256"]) == wanted == {file.name for file in filed.iterdir()} - {"manifest.json"}
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((filed / name).read_bytes()).hexdigest() == digest
    page = (filed / "index.html").read_text()
    for name, title in TITLES.items():
        assert f"{title}: {manifest['parts'][name]['state']}</h2>" in page
    assert not {found["state"] for found in manifest["parts"].values()} & {"failed", "not checked"}


def test_requirements_are_as_the_tests_that_ran(filed: Path) -> None:
    """One whose tests all ran passed; one of which some did not is incomplete; none is left out."""
    rows = {row["requirement"]: row for row in part(filed, "tests-by-requirement")}
    named = {row.name: row for row in requirements(PAGE.read_text())}
    assert set(rows) == set(named)
    for name, row in rows.items():
        ran = {test for test in named[name].tests if test.startswith(RAN)}
        assert {test for test, outcome in row["tests"].items() if outcome == "passed"} == ran
        whole = ran == set(named[name].tests)
        assert row["state"] == (
            "without a test here" if not named[name].tests else "passed" if whole else "incomplete"
        )
    assert "passed" in {row["state"] for row in rows.values()}


def test_who_may_do_what_is_from_the_applied_policies(filed: Path) -> None:
    """By client with action, type and purpose; by role with table and key, as IAM decides."""
    clients, roles = part(filed, "client-access"), part(filed, "role-access")
    assert clients["source"] == roles["source"] == "the state state.json"
    may = {(g["client"], g["action"], g["type"], g["purpose"]) for g in clients["allowed"]}
    assert ("settlement", "detokenize", "card_number", "settlement") in may
    assert ("checkout", "tokenize", "card_number", None) in may
    assert "detokenize" not in {action for client, action, *_ in may if client == "checkout"}

    allowed = {(g["role"].split("-")[1], g["resource"], g["action"]) for g in roles["allowed"]}
    assert ("reveal", "key vault", "kms:Decrypt") in allowed
    assert ("tokenize", "key vault", "kms:Decrypt") not in allowed
    assert ("tokenize", "table vault", "dynamodb:PutItem") in allowed
    assert {"archive", "maintain"} <= {role for role, *_ in allowed}, "of all roles, not the API's alone"


def test_what_was_examined_is_named_exactly(filed: Path) -> None:
    """Versions, each there or told as missing; and each library of the package, with hashes."""
    versions, components = part(filed, "versions"), part(filed, "components.cdx")
    assert {"tokenvault", "SHA-256 of requirements.lock", "Python", "Terraform"} <= set(versions["versions"])
    assert len(versions["versions"]) + len(versions["missing"]) == 7
    assert components["bomFormat"] == "CycloneDX"
    assert {"cryptography", "boto3", "chalice"} <= {found["name"] for found in components["components"]}
    assert all(
        found.get("hashes") or any(reference.get("hashes") for reference in found["externalReferences"])
        for found in components["components"]
    )


def test_the_stack_was_looked_at_and_its_secrets_are_not_filed(filed: Path, watched: Running) -> None:
    """Nothing failed, and what only AWS can answer is told as not checked."""
    checks = part(filed, "stack-checks")
    assert checks["source"] == "the stack local-vault in us-east-1"
    assert {finding["state"] for finding in checks["findings"]} == {"ok", "not_checked"}
    everything = "".join(file.read_text() for file in filed.iterdir())
    for client in watched.stack.clients:
        assert not [name for name in ("client_secret", "api_key") if client[name] in everything]
