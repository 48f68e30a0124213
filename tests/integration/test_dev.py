"""`make dev`, as a process, and the pytest plugin for adopters."""

import os
import resource
import subprocess
import sys
from pathlib import Path

from local.processes import free_port, running, wait_until

ROOT = Path(__file__).resolve().parents[2]
POLICY = """
[info_types.note]
format = "text"
[tenants.mine.clients.app]
actions = ["tokenize", "detokenize"]
purposes = ["test"]
on_behalf_of = true
throttle = { requests_per_second = 1, burst = 3 }
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


CPU_SECONDS = 6
"""Of the whole start and end: 2.9 where six others want each core, and less where it has one for itself."""


def cpu_seconds() -> float:
    """What this process's children, and theirs, have used so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


SHELL = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_PROFILE": "nope",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "LC_ALL": "C",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONUTF8": "0",
    "USE_SSL": "1",
    "http_proxy": "http://127.0.0.1:9",
}
"""What somebody's shell may hold: a proxy and an endpoint that lead nowhere, a profile of another machine."""


def test_it_needs_no_terraform_and_prints_what_clients_need(tmp_path: Path) -> None:
    """In any shell, with an empty PATH and little work; told to end, it leaves nothing behind."""
    before = cpu_seconds()
    (tmp_path / "policy.toml").write_text(POLICY)
    command = [sys.executable, "-m", "local", "--state", str(tmp_path / "state")]
    command += ["--port", str(free_port()), "--emulator-port", str(free_port())]
    command += ["dev", "--policy", str(tmp_path / "policy.toml")]
    environment = {**os.environ, **SHELL, "PATH": str(tmp_path)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("serving"):
                break
        process.terminate()
        process.stdout.read()
    assert cpu_seconds() - before < CPU_SECONDS
    whole = "".join(said)
    assert "mine/app: vault/tokenize vault/detokenize" in whole
    assert '"client_secret"' in whole
    assert process.returncode == 0
    assert not running(tmp_path / "state" / "emulator.pid")
    assert not (tmp_path / "state" / "clients.json").exists()


def test_what_takes_long_to_load_waits_for_the_emulator_to_start() -> None:
    """The app is loaded beside it, and not before."""
    ask = "import sys, local.starting; print({'app', 'chalicelib.wiring'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_adopters_tests_get_a_service_of_their_own(tmp_path: Path) -> None:
    """With pytest, the plugin's folder and the client's on the path; afterwards nothing is left."""
    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "test_adopter.py").write_text(ADOPTERS_TEST)
    paths = [str(ROOT / "local" / "pytest"), str(ROOT / "clients" / "python" / "src")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tokenvault_dev", "-p", "no:cacheprovider"]
    command += ["-p", "no:schemathesis", "--basetemp", str(tmp_path / "temp"), "test_adopter.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for claim in (tmp_path / "temp").rglob("*.pid"):
        assert wait_until(lambda claim=claim: running(claim) is None, 30), claim
