"""The stack on a running emulator: its state outlives a killed launcher, and what was applied goes again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.container import Function, Pool
from local.endpoint.emulators import EMULATORS, Emulator
from local.endpoint.functions import DeployedFunction
from local.endpoint.stack import EndpointStack
from local.errors import StepError
from local.paths import StackPaths

MINISTACK, OWN = EMULATORS[0], EMULATORS[1]


class Terraform:
    """A working copy and its commands, without Terraform."""

    def __init__(self, real: Any) -> None:
        self.copy, self.asked, self.fails = real.copy, [], False

    def prepare(self, stage: str) -> None:
        """A fresh copy."""
        self.asked.append(("prepare", stage))
        for folder in (".", *(lack.folder for lack in MINISTACK.lacks)):
            (self.copy / folder).mkdir(parents=True, exist_ok=True)
        (self.copy / "terraform.tfstate").unlink(missing_ok=True)

    def run(self, command: str, *options: str) -> str:
        """Notes a command."""
        self.asked.append((command, *options))
        if self.fails:
            raise StepError("terraform says why")
        return ""


@pytest.fixture
def made(tmp_path: Path) -> Callable[[Emulator], EndpointStack]:
    """Makes a stack on an emulator, with the same folder each time."""

    def make(emulator: Emulator) -> EndpointStack:
        places = StackPaths(tmp_path, gateway_port=8000, endpoint="http://127.0.0.1:4566")
        stack = EndpointStack(places, lambda _: None)
        stack.terraform, stack.emulator = Terraform(stack.terraform), emulator
        return stack

    return make


def test_the_state_of_a_killed_launcher_is_gone_on_with(made: Any) -> None:
    """A fresh copy of the Terraform keeps what the last one knew of this emulator."""
    stack = made(MINISTACK)
    stack._package()
    (stack.terraform.copy / "terraform.tfstate").write_text("what is applied")
    later = made(MINISTACK)
    later._package()
    assert (later.terraform.copy / "terraform.tfstate").read_text() == "what is applied"
    assert later.terraform.asked == [("prepare", "host")]
    assert len(list(later.terraform.copy.rglob("*_lack_override.tf.json"))) == len(MINISTACK.lacks)


def test_what_was_applied_is_destroyed(made: Any) -> None:
    """And nothing is, when nothing was applied."""
    stack = made(MINISTACK)
    stack.stop()
    assert stack.terraform.asked == []
    stack._package()
    (stack.terraform.copy / "terraform.tfstate").write_text("what is applied")
    stack.stop()
    command, *options = stack.terraform.asked[-1]
    assert command == "destroy"
    assert {"-auto-approve", "-refresh=false", "-var-file=environments/local.tfvars"} == set(options)
    assert not (stack.terraform.copy / "terraform.tfstate").exists()


def test_what_could_not_be_destroyed_is_told_and_remembered(made: Any, capsys: Any) -> None:
    """The next start goes on from the state."""
    stack = made(MINISTACK)
    stack._package()
    (stack.terraform.copy / "terraform.tfstate").write_text("what is applied")
    stack.terraform.fails = True
    stack.stop()
    assert (stack.terraform.copy / "terraform.tfstate").exists()
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
