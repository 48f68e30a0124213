"""The command line of `tokenvault-dev`, without a service."""

import json
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from local import facts, processes
from local.dev import command_line, starting
from local.dev.command_line import run_chosen
from local.dev.folders import state_folder
from local.errors import StepError
from local.facts import Facts
from local.paths import StackPaths

Call = Callable[..., int]
CLIENT = {"name": "app", "client_id": "1", "client_secret": "2", "api_key": "3", "scopes": []}
ENVIRONMENT = {"TOKENVAULT_URL": "http://127.0.0.1:9100", "TOKENVAULT_TOKEN_URL": "http://127.0.0.1:1/t"}


@pytest.fixture
def call(tmp_path: Path, monkeypatch) -> Call:
    """Runs it with some arguments, for a user whose folder of states is empty."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def called(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", [command_line.PROGRAM, *arguments])
        return run_chosen()

    return called


@pytest.fixture
def up(tmp_path: Path):
    """The files of one that this process serves at port 9100."""
    state = tmp_path / "tokenvault-dev" / "9100"
    state.mkdir(parents=True)
    facts.write(state, Facts(ENVIRONMENT, [CLIENT], b"a key"))
    claim = processes.claim(state / "launcher.pid")
    yield state
    claim.release()


def test_what_a_user_keeps_of_it_lies_where_programs_keep_their_state(monkeypatch) -> None:
    """As XDG has it, with its default in the home folder where nothing or an empty text is set."""
    monkeypatch.setenv("HOME", "/home/ada")
    assert state_folder({"XDG_STATE_HOME": "/states"}) == Path("/states/tokenvault-dev")
    assert state_folder({}) == state_folder({"XDG_STATE_HOME": ""})
    assert state_folder({}) == Path("/home/ada/.local/state/tokenvault-dev")


def test_env_is_asked_of_the_one_at_a_port(call: Call, up: Path, capsys) -> None:
    """Several may be up at once."""
    assert call("--port", "9100", "env", "app") == 0
    assert "export TOKENVAULT_URL=http://127.0.0.1:9100\n" in capsys.readouterr().out


def test_a_program_is_told_addresses_and_clients(up: Path) -> None:
    """In one line, which is read as soon as it is there."""
    told = starting.facts(StackPaths(up, gateway_port=9100))
    assert json.loads(told) == {
        "url": "http://127.0.0.1:9100",
        "token_url": "http://127.0.0.1:1/t",
        "clients": [CLIENT],
    }
    assert "\n" not in told


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (None, "tokenvault-dev --port 9100 env NAME"),
        (Path("my state"), "tokenvault-dev --state 'my state' env NAME"),
    ],
)
def test_the_command_that_puts_a_client_into_a_shell_finds_the_one_that_says_it(
    state: Path | None, shown: str
) -> None:
    """By its port, or by the folder that was named for it."""
    places = StackPaths(state or Path("any"), gateway_port=9100)
    assert starting.env_command(places, Namespace(state=state)) == shown


@pytest.mark.parametrize("command", ["env", "token"])
def test_where_nothing_is_up_the_command_that_starts_it_is_named(call: Call, command: str) -> None:
    """And not a target of a Makefile that there is none of."""
    with pytest.raises(StepError, match=r"Nothing is up at port 9000\. `tokenvault-dev` starts it"):
        call("--port", "9000", command, "checkout")


def test_down_where_nothing_is_up_is_no_mistake(call: Call, capsys) -> None:
    """A pipeline ends with it, whatever came before."""
    assert call("down") == 0
    assert capsys.readouterr().out == "nothing was up\n"


def test_a_second_one_at_the_same_port_is_told_of_the_first(call: Call, up: Path) -> None:
    """With the command that takes that down."""
    with pytest.raises(StepError, match="`tokenvault-dev --port 9100 down` takes it down"):
        call("--port", "9100")


def test_one_port_cannot_be_both(call: Call) -> None:
    """The emulated account and the API listen apart."""
    with pytest.raises(StepError, match="are both 9200"):
        call("--port", "9200", "--emulator-port", "9200")


@pytest.mark.parametrize("port", ["70000", "-1", "x", ""])
def test_a_port_that_is_none_is_refused(call: Call, port: str, capsys) -> None:
    """Except 0, for which a free one is taken."""
    with pytest.raises(SystemExit):
        call(f"--port={port}")
    assert "1 to 65535" in capsys.readouterr().err


def test_a_free_port_is_another_than_the_one_that_is_taken_already(monkeypatch) -> None:
    """The kernel may name the same one twice, as long as nobody listens there."""
    named = iter([9300, 9300, 9301])
    monkeypatch.setattr(processes, "free_port", lambda: next(named))
    assert command_line._any_other_than(9300) == 9301
