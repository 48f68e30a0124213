"""A pytest plugin: a real tokenvault for your own tests, on this machine, up in seconds.

pytest finds it where the package is installed. In a test:

    def test_my_service(tokenvault_dev: TokenvaultDev) -> None:
        client = Client.from_env(tokenvault_dev.environment("checkout"))

For a policy of your own, define a session fixture `tokenvault_policy` that returns the path of a file with
`info_types` and `tenants` (docs/local.md). The setting `tokenvault_dev_command` names a `tokenvault-dev` of
another environment, for tests whose own libraries do not go with the service's; paths in it are relative to
the folder of pytest's settings.
"""

import json
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from .facts import TokenvaultDev

START_SECONDS: Final = 60
SETTING: Final = "tokenvault_dev_command"
_NOT_INSTALLED: Final = f"set {SETTING}, or install tokenvault with its packages (docs/local.md)"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The setting, for pytest's own files of settings."""
    parser.addini(SETTING, "the tokenvault-dev to start, with its options", type="args", default=[])


@pytest.fixture(scope="session")
def tokenvault_policy() -> Path | None:
    """The policy of the service; override it for one of your own."""
    return None


@pytest.fixture(scope="session")
def tokenvault_dev(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, tokenvault_policy: Path | None
) -> Iterator[TokenvaultDev]:
    """The whole service, started once for all tests and gone after them."""
    named = pytestconfig.getini(SETTING)
    command = named or [sys.executable, "-P", "-m", "tokenvault_dev"]
    options = [] if tokenvault_policy is None else ["--policy", str(Path(tokenvault_policy).absolute())]
    state = tmp_path_factory.mktemp("tokenvault")
    log = state / "dev.log"
    folder = pytestconfig.rootpath if pytestconfig.inipath is None else pytestconfig.inipath.parent
    with log.open("wb") as output, _started([*command, *options], folder, state, output) as process:
        try:
            yield _facts(process, log, named=bool(named))
        finally:
            process.terminate()


def _started(command: Sequence[str], folder: Path, state: Path, output: Any) -> "subprocess.Popen[bytes]":
    """The launcher; it ends with its standard input, so also when these tests are killed."""
    whole = [*command, "--state", str(state), "--port", "0", "--json", "--while-open"]
    try:
        return subprocess.Popen(
            whole, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output
        )
    except OSError as error:
        pytest.fail(f"{SETTING}: {command[0]} (from {folder}): {error.strerror}", pytrace=False)


def _facts(process: "subprocess.Popen[bytes]", log: Path, *, named: bool) -> TokenvaultDev:
    """What the launcher says in its one line, as soon as it serves."""
    assert process.stdout is not None
    heard, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if heard else b""
    if not line:
        said = log.read_text(errors="replace")
        missing = not named and "ModuleNotFoundError" in said
        pytest.fail(_NOT_INSTALLED if missing else f"tokenvault did not start:\n{said}", pytrace=False)
    try:
        facts = json.loads(line)
    except ValueError:
        pytest.fail(f"{SETTING}: what it names started, and is no tokenvault-dev", pytrace=False)
    clients = {client["name"]: client for client in facts["clients"]}
    return TokenvaultDev(facts["url"], facts["token_url"], clients)
