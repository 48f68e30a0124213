"""`tokenvault-dev` and the fixture `tokenvault_dev`, as those have them who install the package."""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tokenvault_client import Client, TokenizeItem

from local.processes import running, wait_until
from tests.support.installing import Installed

PAGE = Path(__file__).resolve().parents[2] / "docs" / "local.md"
POLICY = """
[info_types.note]
format = "text"
[tenants.mine.clients.app]
actions = ["tokenize", "detokenize"]
purposes = ["test"]
on_behalf_of = true
"""
ADOPTERS_TEST = """
from pathlib import Path

import pytest
from tokenvault_client import Client, TokenizeItem


@pytest.fixture(scope="session")
def tokenvault_policy():
    return Path(__file__).with_name("policy.toml")


def test_round_trip(tokenvault_dev):
    with Client.from_env(tokenvault_dev.environment("app")) as vault:
        [made] = vault.tokenize([TokenizeItem("note", "hello")])
        [shown] = vault.detokenize([made.token], purpose="test", on_behalf_of="anna")
    assert shown.value.reveal() == "hello"
    assert "secret" not in repr(tokenvault_dev)
"""
DECOYS = dict.fromkeys(("app.py", "chalicelib.py", "local.py"), "raise SystemExit('mine')")
"""An application may have modules of the service's names."""


@dataclass(frozen=True)
class Run:
    """What came of one start, one token and one Ctrl-C."""

    facts: dict[str, Any]
    exported: dict[str, str]
    token: str
    status: int
    state: Path
    left: set[str]
    noted: list[dict[str, Any]]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def run(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """From a folder outside the checkout, in an environment that has next to nothing."""
    folder = folder_with(tmp_path_factory.mktemp("outside") / "application", DECOYS)
    state = folder.parent / "state"
    environment = {"PATH": "", "XDG_STATE_HOME": str(state), "PYTHONPATH": str(folder)}
    command = [str(installed.bin / "tokenvault-dev")]
    with subprocess.Popen(
        [*command, "--json", "--port", "0"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        facts = json.loads(process.stdout.readline())
        port = facts["url"].rpartition(":")[2]
        asking = [*command, "--port", port, "env", "checkout"]
        told = subprocess.run(asking, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        exported = dict(line.removeprefix("export ").split("=", 1) for line in told.stdout.splitlines())
        with Client.from_env(exported) as vault:
            [made] = vault.tokenize([TokenizeItem("card_number", "4111 1111 1111 1111")])
        process.send_signal(signal.SIGINT)
    left = {file.name for file in folder.iterdir()}
    state = state / "tokenvault-dev" / port
    return Run(facts, exported, made.token, process.returncode, state, left, installed.noted())


def folder_with(place: Path, files: dict[str, str]) -> Path:
    place.mkdir()
    for name, text in files.items():
        (place / name).write_text(text)
    return place


def test_one_command_serves_from_any_folder(run: Run) -> None:
    """A line of JSON says where and for whom, and `env` what the client needs: a card gets its token."""
    assert run.token.endswith("1111")
    assert run.exported["TOKENVAULT_TOKEN_URL"] == run.facts["token_url"]
    assert {client["name"] for client in run.facts["clients"]} >= {"checkout", "settlement"}


def test_ctrl_c_ends_it_clean(run: Run) -> None:
    """It leaves no process, no secret, and the folder as it was."""
    assert run.status == 0
    assert not running(run.state / "emulator.pid")
    assert not (run.state / "clients.json").exists()
    assert run.left == set(DECOYS)


def test_at_a_port_that_nobody_named_nothing_is_kept_of_it(run: Run) -> None:
    """Each run would leave a folder of its own."""
    assert list(run.state.parent.iterdir()) == []


def test_it_starts_nothing_but_itself_and_calls_nobody(installed: Installed, run: Run) -> None:
    """What would make the start slow is not there: no Terraform, no pip, no address but this machine's."""
    started = [note for note in run.noted if "program" in note]
    assert {note["program"] for note in started} == {str(installed.bin / "python")}
    modules = {note["arguments"][note["arguments"].index("-m") + 1] for note in started}
    assert modules == {"local.dev", "local.emulator", "local.runtime"}
    assert {note["host"] for note in run.noted if "host" in note} == {"127.0.0.1"}


def test_the_pages_test_passes_mypy_and_runs(installed: Installed, tmp_path: Path) -> None:
    """With types in the package, as strict as mypy is, in an environment that has the package alone."""
    [shown] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    project = folder_with(tmp_path / "project", {"test_shown.py": shown})
    checking = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    checking += ["--python-executable", str(installed.bin / "python"), "test_shown.py"]
    running_it = [str(installed.bin / "python"), "-m", "pytest", "-q", "-p", "no:schemathesis"]
    for command in (checking, [*running_it, "-p", "no:cacheprovider", "test_shown.py"]):
        done = subprocess.run(
            command, cwd=project, env=os.environ, capture_output=True, text=True, check=False, timeout=180
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_adopters_tests_get_a_service_of_their_own(installed: Installed, tmp_path: Path) -> None:
    """With the package installed, and nothing to set; afterwards nothing is left."""
    project = folder_with(tmp_path / "project", {"policy.toml": POLICY, "test_adopter.py": ADOPTERS_TEST})
    command = [str(installed.bin / "python"), "-m", "pytest", "-q", "-p", "no:schemathesis"]
    command += ["-p", "no:cacheprovider", "--basetemp", str(tmp_path / "temp"), "test_adopter.py"]
    done = subprocess.run(
        command, cwd=project, env=os.environ, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [claim] = (tmp_path / "temp").rglob("emulator.pid")
    assert wait_until(lambda: running(claim) is None, 30)
