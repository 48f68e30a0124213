"""The stack on a running emulator: its state outlives a killed launcher, and what was applied goes again."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.container import Function, Pool
from local.endpoint import address
from local.endpoint.emulators import EMULATORS, Emulator
from local.endpoint.functions import DeployedFunction
from local.endpoint.stack import EndpointStack
from local.errors import StepError
from local.paths import StackPaths
from local.stack import VARIABLES

MINISTACK, OWN = EMULATORS[0], EMULATORS[1]
APPLIED = '{"resources": [{"type": "aws_kms_key"}]}'
DESTROYING = {
    "-auto-approve",
    "-refresh=false",
    "-lock-timeout=60s",
    "-var-file=environments/local.tfvars",
}


class Terraform:
    """A working copy and its commands, without Terraform."""

    def __init__(self, real: Any) -> None:
        self.copy, self.asked, self.fails = real.copy, [], ""

    def prepare(self, stage: str) -> None:
        """A fresh copy, and nothing of the last one."""
        shutil.rmtree(self.copy, ignore_errors=True)
        self._note("prepare", stage)
        for folder in (".", *(lack.folder for lack in MINISTACK.lacks)):
            (self.copy / folder).mkdir(parents=True, exist_ok=True)

    def init(self) -> None:
        """Notes it."""
        self._note("init")

    def require(self) -> None:
        """It is here."""

    def run(self, command: str, *options: str) -> str:
        """Notes a command."""
        self._note(command, *options)
        return ""

    def _note(self, command: str, *options: str) -> None:
        self.asked.append((command, *options))
        if command == self.fails:
            raise StepError("terraform says why")


@pytest.fixture
def made(tmp_path: Path) -> Callable[[Emulator], EndpointStack]:
    """Makes a stack on an emulator, with the same folder each time."""

    def make(emulator: Emulator, variables: str = VARIABLES) -> EndpointStack:
        places = StackPaths(tmp_path, gateway_port=8000, endpoint="http://127.0.0.1:4566")
        stack = EndpointStack(places, lambda _: None, variables)
        stack.terraform, stack.emulator = Terraform(stack.terraform), emulator
        return stack

    return make


def apply(stack: EndpointStack) -> Path:
    """Writes a state where the working copy has Terraform write it; returns its path."""
    stack._package()
    stack._init()
    stack._note()
    [override] = stack.terraform.copy.glob("*state_override.tf.json")
    path = json.loads(override.read_text())["terraform"]["backend"]["local"]["path"]
    file = (stack.terraform.copy / path).resolve()
    file.write_text(APPLIED)
    return file


def test_the_state_of_a_killed_launcher_is_gone_on_with(made: Any) -> None:
    """A fresh copy of the Terraform keeps what the last one knew of this emulator."""
    state = apply(made(MINISTACK))
    later = made(MINISTACK)
    assert apply(later) == state
    assert later.terraform.asked == [("prepare", "host"), ("init",)]
    assert len(list(later.terraform.copy.rglob("*_lack_override.tf.json"))) == len(MINISTACK.lacks)


def test_the_state_is_never_away(made: Any) -> None:
    """A build that fails, or is killed, leaves it where the next start and `make down` look."""
    state = apply(made(MINISTACK))
    later = made(MINISTACK)
    later.terraform.fails = "prepare"
    with pytest.raises(StepError):
        later._package()
    assert not later.terraform.copy.exists()
    assert state.read_text() == APPLIED


def test_what_was_applied_is_destroyed(made: Any) -> None:
    """And nothing is, when nothing was applied."""
    stack = made(MINISTACK)
    stack.stop()
    assert stack.terraform.asked == []
    state = apply(stack)
    Path(f"{state}.backup").write_text(APPLIED)
    stack.stop()
    assert [command for command, *_ in stack.terraform.asked] == ["prepare", "init", "destroy"]
    assert set(stack.terraform.asked[-1][1:]) == DESTROYING
    assert [file.name for file in state.parent.iterdir()] == ["terraform"]


def test_a_start_that_is_cut_short_destroys_what_an_earlier_one_applied(
    made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a working copy that is made for it, and with the variables that were applied."""
    state = apply(made(MINISTACK))
    later = made(MINISTACK, "other.tfvars")
    later.terraform.fails = "prepare"
    with pytest.raises(StepError):
        later._package()
    later.terraform.fails, later.terraform.asked = "", []
    monkeypatch.setattr(address, "recognized", lambda _: MINISTACK)
    later.stop()
    assert [command for command, *_ in later.terraform.asked] == ["prepare", "init", "destroy"]
    assert set(later.terraform.asked[-1][1:]) == DESTROYING
    assert not state.exists()


def test_what_could_not_be_destroyed_is_told_and_remembered(made: Any, capsys: Any) -> None:
    """The next start goes on from the state."""
    stack = made(MINISTACK)
    state = apply(stack)
    stack.terraform.fails = "destroy"
    stack.stop()
    assert state.exists()
    said = capsys.readouterr().out
    assert "Not all of it is gone from http://127.0.0.1:4566" in said
    assert "terraform says why" in said


@pytest.mark.parametrize(("emulator", "kind"), [(MINISTACK, DeployedFunction), (OWN, Pool)])
def test_functions_run_where_there_is_a_lambda(made: Any, emulator: Emulator, kind: type) -> None:
    """In the emulator's; the launcher runs them where the emulator only keeps them."""
    stack = made(emulator)

    class Account:
        endpoint = "http://127.0.0.1:4566"

        def function(self, name: str, alias: str) -> Any:
            return Function(name, "app.reveal", 512, {})

        def client(self, service: str) -> None:
            """Not called here."""

    stack.account = Account()
    stack.places.logs.mkdir(parents=True, exist_ok=True)
    assert type(stack._pool("reveal", "reveal-us-east-1", "live")) is kind


def test_only_the_gateway_listens(made: Any) -> None:
    """The emulator's port is taken, and should be."""
    assert made(MINISTACK)._ports() == {"PORT": 8000}


def test_access_tokens_come_from_the_emulator(made: Any) -> None:
    """Each has the token endpoint at its own path."""
    localstack = next(emulator for emulator in EMULATORS if emulator.name == "LocalStack")
    assert made(MINISTACK).token_url == "http://127.0.0.1:4566/oauth2/token"
    assert made(localstack).token_url == "http://127.0.0.1:4566/_aws/cognito-idp/oauth2/token"
