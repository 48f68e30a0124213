"""`make dev`, as a process."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.processes import free_port, running
from tests.support.leaks_page import shell, steps

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


@contextmanager
def dev(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process while it serves, its state in `.local` of the folder, and what it has said."""
    (folder / "policy.toml").write_text(POLICY)
    command = [sys.executable, "-m", "local", "--state", str(folder / ".local")]
    command += ["--port", str(free_port()), "--emulator-port", str(free_port())]
    command += ["dev", "--policy", str(folder / "policy.toml")]
    environment = {**os.environ, **SHELL, "PATH": str(folder)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("serving"):
                break
        try:
            yield process, "".join(said)
        finally:
            process.terminate()
            process.stdout.read()


def test_it_needs_no_terraform_and_prints_what_clients_need(tmp_path: Path) -> None:
    """In any shell, with an empty PATH; told to end, it leaves nothing behind."""
    with dev(tmp_path) as (process, whole):
        pass
    assert "mine/app: vault/tokenize vault/detokenize" in whole
    assert '"client_secret"' in whole
    assert process.returncode == 0
    assert not running(tmp_path / ".local" / "emulator.pid")
    assert not (tmp_path / ".local" / "clients.json").exists()


def test_the_steps_of_a_leak_are_rehearsed(tmp_path: Path) -> None:
    """With the variables of docs/local.md in place of that page's own: a client is found, and stopped."""
    text = (ROOT / "docs" / "local.md").read_text()
    [variables] = re.findall(r"```sh\n(set -a[^`]*?API_KEY_NAME=.*?)```", text, re.DOTALL)
    mine = variables.replace("TENANT=shop CLIENT=checkout", "TENANT=mine CLIENT=app")
    with dev(tmp_path):
        told = shell(tmp_path, f'{mine}\necho "$ID $VAULT_ID"\n{steps()["Stop a client"].blocks[0]}')
        [client] = json.loads((tmp_path / ".local" / "clients.json").read_text())
    assert told == f"{client['client_id']} local-vault\ntokenvault-mine-app\n"


def test_what_takes_long_to_load_waits_for_the_emulator_to_start() -> None:
    """The app is loaded beside it, and not before."""
    ask = "import sys, local.starting; print({'app', 'chalicelib.wiring'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
