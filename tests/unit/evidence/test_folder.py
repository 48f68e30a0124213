"""The folder of a day, and the command that writes it."""

import hashlib
import json
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from local import facts, processes
from local.paths import StackPaths
from tests.support.evidence import folder
from tests.support.evidence.__main__ import filed
from tests.support.evidence.collecting import NO_STACK, ROOT, Given, parts, provider_lock
from tests.support.evidence.part import CannotHaveError, Part, State, collected
from tests.support.evidence.requirements import PAGE, named_tests, requirements
from tests.support.evidence.stack_checks import NOT_APPLIED

DAY = date(2026, 11, 28)


def part(state: State = "recorded", name: str = "name") -> Part:
    return Part(name, "A part", state, "in short", None if state == "not checked" else {"a": 1})


def test_a_part_that_cannot_be_had_says_why() -> None:
    """It is `not checked`, with the reason, also among what is missing."""

    def collect() -> Part:
        raise CannotHaveError("nobody is there")

    found = collected("name", "A part", collect)
    assert (found.state, found.summary, found.data) == ("not checked", "nobody is there", None)
    assert list(found.missing) == ["A part: nobody is there"]


def test_the_folder_is_of_the_day_and_lists_its_files(tmp_path: Path) -> None:
    """A file for each part that was had, the page, and the digests of all of them."""
    written = folder.write(tmp_path, DAY, [part(), part("not checked", "lost")])
    assert written == tmp_path / "2026-11-28"
    assert {file.name for file in written.iterdir()} == {"name.json", "index.html", "manifest.json"}
    manifest = json.loads((written / "manifest.json").read_text())
    assert (manifest["date"], manifest["state"]) == ("2026-11-28", "not checked")
    assert manifest["parts"]["lost"]["state"] == "not checked"
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((written / name).read_bytes()).hexdigest() == digest
    assert "2026-11-28" in (written / "index.html").read_text()


def test_a_second_run_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    """Evidence of two moments is not mixed; that of another day stays."""
    other = folder.write(tmp_path, date(2026, 11, 27), [part(name="old")])
    folder.write(tmp_path, DAY, [part(name="first")])
    written = folder.write(tmp_path, DAY, [part(name="second")])
    assert not (written / "first.json").exists()
    assert (other / "old.json").exists()
    assert {place.name for place in tmp_path.iterdir()} == {"2026-11-27", "2026-11-28"}


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["passed", "recorded"], 0),
        (["passed", "not checked", "incomplete"], 0),
        (["not checked", "failed", "passed"], 1),
    ],
)
def test_only_a_failure_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], states: list[State], code: int
) -> None:
    """The folder is written all the same, and what is missing is counted and said."""
    found = [part(state, f"part-{number}") for number, state in enumerate(states)]
    assert filed(found, tmp_path, DAY) == code
    assert (tmp_path / "2026-11-28" / "index.html").exists()
    said = capsys.readouterr().out
    assert all(f"{state:12} A part" in said for state in states)
    assert "things are missing" in said


@pytest.fixture
def results(tmp_path: Path) -> Callable[[str], Path]:
    """Results in which every named test passed except the first one."""

    def written(first: str) -> Path:
        cases = []
        for number, test in enumerate(named_tests(requirements(PAGE.read_text()))):
            path, _, name = test.partition("::")
            module = path.removesuffix(".py").replace("/", ".")
            cases.append(f'<testcase classname="{module}" name="{name}">{"" if number else first}</testcase>')
        file = tmp_path / "junit.xml"
        file.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
        return file

    return written


@pytest.mark.parametrize(
    ("first", "state"),
    [("", "passed"), ("<failure/>", "failed"), ("<skipped/>", "incomplete")],
)
def test_the_parts_of_a_machine_without_a_stack(
    tmp_path: Path, results: Callable[[str], Path], first: str, state: str
) -> None:
    """Results as given; the stack and the roles not checked, with the reasons; clients by the snapshot."""
    given = Given(results(first), None, None, tmp_path / ".local", tmp_path, lambda _: None)
    found = {part.name: part for part in parts(given, tmp_path)}
    assert found["tests-by-requirement"].state == state
    assert found["stack-checks"].state == "not checked"
    assert found["stack-checks"].summary == NO_STACK
    assert found["role-access"].state == found["components.cdx"].state == "not checked"
    assert found["client-access"].state == "recorded"
    assert "snapshot" in found["client-access"].summary
    assert list(found) == [
        "tests-by-requirement", "client-access", "role-access", "versions", "components.cdx", "stack-checks"
    ]  # fmt: skip


def test_an_evaluator_that_cannot_be_installed_costs_one_part(
    tmp_path: Path, results: Callable[[str], Path]
) -> None:
    """Without a network, say; the others are there."""

    def offline(_: Path) -> None:
        raise subprocess.CalledProcessError(1, ["npm", "ci"])

    given = Given(results(""), None, None, tmp_path / ".local", tmp_path, offline)
    found = {part.name: part for part in parts(given, tmp_path)}
    assert found["role-access"].summary == "npm does not install the evaluator of IAM"
    assert found["tests-by-requirement"].state == "passed"


def test_a_stack_without_terraform_is_not_checked(tmp_path: Path, results: Callable[[str], Path]) -> None:
    """`make dev` is up, in a folder where Terraform never ran; no path of this machine is filed."""
    local = tmp_path / ".local"
    local.mkdir()
    places = StackPaths(local)
    claim = processes.claim(places.launcher_pid)
    assert claim is not None
    try:
        facts.write(
            local, facts.Facts({"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "us-east-1"}, [], b"")
        )
        found = parts(Given(results(""), None, None, local, tmp_path, lambda _: None), tmp_path)
    finally:
        claim.release()
    [checks] = [part for part in found if part.name == "stack-checks"]
    assert (checks.state, checks.summary) == ("not checked", NOT_APPLIED)
    assert not [line for part in found for line in part.missing if str(tmp_path) in line]


@pytest.mark.parametrize("name", ["results", "stack", "state"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, results: Callable[[str], Path], name: str) -> None:
    """By the variable that named it; the part is not checked, and nothing takes its place."""
    files = {"results": results(""), "stack": None, "state": None} | {name: tmp_path / "nowhere"}
    given = Given(**files, local=tmp_path / ".local", tools=tmp_path, evaluator=lambda _: None)  # type: ignore[arg-type]
    lost = [part for part in parts(given, tmp_path) if part.summary.startswith(f"{name.upper()}: nowhere")]
    assert lost
    assert {part.state for part in lost} == {"not checked"}


def test_the_provider_is_that_of_the_stack_whose_state_is_filed(tmp_path: Path) -> None:
    """One that was deployed from `terraform/`, or the local one, which has a working copy."""
    deployed = Given(None, None, tmp_path / "state.json", tmp_path)
    assert provider_lock(deployed) == ROOT / "terraform" / ".terraform.lock.hcl"
    assert provider_lock(Given(None, None, None, tmp_path)) == tmp_path / "terraform" / ".terraform.lock.hcl"
