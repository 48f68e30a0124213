"""`make dev`, as a process."""

import os
import subprocess
import sys
from pathlib import Path

from local.processes import free_port, running

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
    """In any shell, with an empty PATH; told to end, it leaves nothing behind."""
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
