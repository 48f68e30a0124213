"""A pytest plugin: a real tokenvault for your own tests, on this machine, up in seconds.

Needs nothing but pytest and the standard library; the checkout that this file lies in needs its environment
(`make .venv/.ready`, once). In your `pyproject.toml`:

    [tool.pytest.ini_options]
    pythonpath = ["../tokenvault/local/pytest", "../tokenvault/clients/python/src"]
    addopts = ["-p", "tokenvault_dev"]

and in a test:

    def test_my_service(tokenvault_dev):
        client = Client.from_env(tokenvault_dev.environment("checkout"))

For a policy of your own, define a session fixture `tokenvault_policy` that returns the path of a file with
`info_types` and `tenants` (docs/local.md).
"""

import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

CHECKOUT: Final = Path(__file__).resolve().parents[2]
START_SECONDS: Final = 60


@dataclass(frozen=True)
class TokenvaultDev:
    """Where the service answers, and its clients by name."""

    url: str
    token_url: str
    clients: Mapping[str, Mapping[str, Any]] = field(repr=False)

    def environment(self, client: str) -> dict[str, str]:
        """The variables that the Python client and the command line tool read. Raises `KeyError`."""
        facts = self.clients[client]
        return {
            "TOKENVAULT_URL": self.url,
            "TOKENVAULT_TOKEN_URL": self.token_url,
            "TOKENVAULT_CLIENT_ID": facts["client_id"],
            "TOKENVAULT_CLIENT_SECRET": facts["client_secret"],
            "TOKENVAULT_API_KEY": facts["api_key"],
        }


@pytest.fixture(scope="session")
def tokenvault_policy() -> Path | None:
    """The policy of the service; override it for one of your own."""
    return None


@pytest.fixture(scope="session")
def tokenvault_dev(
    tmp_path_factory: pytest.TempPathFactory, tokenvault_policy: Path | None
) -> Iterator[TokenvaultDev]:
    """The whole service, started once for all tests and gone after them."""
    state = tmp_path_factory.mktemp("tokenvault")
    log = state / "dev.log"
    with log.open("wb") as output, _started(state, tokenvault_policy, output) as process:
        try:
            _wait(process, state, log)
            yield _facts(state)
        finally:
            process.terminate()


def _started(state: Path, policy: Path | None, output: Any) -> "subprocess.Popen[bytes]":
    """The launcher; it ends with its standard input, so also when these tests are killed."""
    python = CHECKOUT / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.fail(f"tokenvault has no environment yet: make -C {CHECKOUT} .venv/.ready", pytrace=False)
    command = [str(python), "-m", "local", "--state", str(state)]
    command += ["--port", _free_port(), "--emulator-port", _free_port(), "dev", "--while-open"]
    command += [] if policy is None else ["--policy", str(Path(policy).resolve())]
    # The tests' own modules must not be found in place of the service's.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=output
    )


def _wait(process: "subprocess.Popen[bytes]", state: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not (state / "stack.env").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"tokenvault did not start:\n{log.read_text(errors='replace')}", pytrace=False)
        time.sleep(0.05)


def _facts(state: Path) -> TokenvaultDev:
    lines = (state / "stack.env").read_text(encoding="utf-8").splitlines()
    facts = dict(line.split("=", 1) for line in lines)
    clients = json.loads((state / "clients.json").read_text(encoding="utf-8"))
    by_name = {client["name"]: client for client in clients}
    return TokenvaultDev(facts["TOKENVAULT_URL"], facts["TOKENVAULT_TOKEN_URL"], by_name)


def _free_port() -> str:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
