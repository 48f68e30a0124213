"""The launcher's commands: what they take, what they refuse, and in which sentence."""

import argparse
import socket
import subprocess
from pathlib import Path

import pytest

from local import command_line, processes
from tests.unit.local.launcher import PATIENCE_SECONDS, SMALL, Launcher, one_sentence

PLAIN = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
"""Not even file names are UTF-8 then."""


@pytest.mark.parametrize(
    "settings", [*({"PYTHONIOENCODING": name} for name in ("latin-1", "ascii", "cp437")), PLAIN], ids=str
)
def test_other_encodings_stop_nothing(launcher: Launcher, settings: dict[str, str]) -> None:
    """What the terminal cannot show is written otherwise, in the foreground and in the background."""
    launcher.environment |= settings
    launcher.state = launcher.state.with_name("M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller")
    running = launcher.start()
    running.terminate()
    said, _ = running.communicate(timeout=PATIENCE_SECONDS)
    assert b"step with" in said
    assert running.returncode == 0
    assert b"Traceback" not in said


def test_a_second_one_says_where_the_first_is(launcher: Launcher) -> None:
    """`run` does not start twice; `up` agrees to the ports that are asked for, and to no others."""
    launcher.start("--port", "18100", "--emulator-port", "18101")
    asked = ("--port", "18100", "--emulator-port", "18101")
    one_sentence(launcher.do(*asked, "run", program=SMALL), "http://127.0.0.1:18100", "make down")
    assert launcher.do(*asked, "up").stdout == "the stack is up already: http://127.0.0.1:18100\n"
    for other in (("--port", "9100", "--emulator-port", "18101"), ("--port", "18100")):
        one_sentence(launcher.do(*other, "up"), "http://127.0.0.1:18100", "make down")


@pytest.mark.parametrize(("option", "value"), [("--port", "0"), ("--emulator-port", "70000")])
def test_a_port_is_a_port(launcher: Launcher, option: str, value: str) -> None:
    """Anything else is refused before something starts."""
    one_sentence(launcher.do(f"{option}={value}", "up"), "PORT", "1 to 65535")


@pytest.mark.parametrize("value", ["0", "65536", "-1", "x", "8_0", "", " 80", "\u0668"])
def test_what_is_no_port(value: str) -> None:
    """Neither out of the range nor written in another way than in plain digits."""
    with pytest.raises(argparse.ArgumentTypeError):
        command_line.port(value)


def test_two_ports_are_two(launcher: Launcher) -> None:
    """The gateway and the emulator do not listen on one port."""
    one_sentence(launcher.do("--port", "4566", "up"), "PORT and EMULATOR_PORT", "4566")


@pytest.mark.parametrize("option", ["--port", "--emulator-port"])
def test_a_taken_port_is_named_with_a_free_one(launcher: Launcher, option: str) -> None:
    """What is proposed can really be taken: near the end of the range as well."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        rest = "--emulator-port" if option == "--port" else "--port"
        done = launcher.do(option, str(port), rest, str(processes.free_port()), "run")
    one_sentence(done, f"Port {port} on 127.0.0.1 is taken", "PORT=")
    proposed = int(done.stderr.rsplit("PORT=", 1)[1].split(".")[0])
    assert 1 <= proposed <= 65535
    assert not processes.taken(proposed)


def test_a_port_whose_queue_is_full_is_taken() -> None:
    """What listens there accepts nobody at the moment, so asking it would last."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy:
        waiting = [socket.socket() for _ in range(4)]
        for caller in waiting:
            caller.setblocking(False)
            caller.connect_ex(busy.getsockname())
        assert processes.refusal(busy.getsockname()[1]) == "is taken"
        for caller in waiting:
            caller.close()


def test_a_port_for_root_only_is_told_from_a_taken_one() -> None:
    """Below 1024 the system may say no, with nothing there that could be stopped."""

    class Forbidden(socket.socket):
        def bind(self, address: object) -> None:
            raise PermissionError(13, "Permission denied")

    assert processes.refusal(processes.free_port(), Forbidden) == "is not for this user"
    assert processes.refusal(processes.free_port()) is None


def test_variables_that_are_not_there_are_named(launcher: Launcher) -> None:
    """A file that does not exist is told before anything starts."""
    one_sentence(launcher.do("run", "--vars", "nope.tfvars"), "VARS", "nope.tfvars")


def test_what_a_client_needs_is_printed_for_a_shell(launcher: Launcher) -> None:
    """A shell takes the lines over as they are, whatever a secret holds."""
    launcher.start()
    printed = launcher.do("env", "checkout").stdout
    show = f'{printed}\nprintf "%s|%s" "$TOKENVAULT_CLIENT_SECRET" "$TOKENVAULT_URL"'
    taken_over = subprocess.run(["sh", "-c", show], capture_output=True, text=True, check=True).stdout
    assert taken_over == "s e'c|http://127.0.0.1:8000"
    one_sentence(launcher.do("env", "nobody"), "CLIENT", "checkout")


def test_a_client_that_people_sign_in_to_has_no_token_of_its_own(launcher: Launcher) -> None:
    """Who asks for one is told how people get theirs."""
    launcher.start()
    one_sentence(launcher.do("token", "desk"), "tokenvault login", "make env CLIENT=desk")


@pytest.mark.parametrize("command", ["up", "run"])
def test_other_variables_are_applied_in_place(launcher: Launcher, tmp_path: Path, command: str) -> None:
    """The launcher that serves carries it out and goes on; what fails is told to who asked."""
    running = launcher.start()
    wanted = tmp_path / "my.tfvars"
    wanted.write_text("fine")
    assert launcher.do(command, "--vars", str(wanted)).stdout.endswith("changed\n")
    assert (launcher.state / "applied").read_text() == str(wanted)
    wanted.write_text("wrong")
    one_sentence(launcher.do(command, "--vars", str(wanted)), "The change failed", "it is not fine")
    assert running.poll() is None
    one_sentence(launcher.do("--port", "9100", command, "--vars", str(wanted)), "up already")


def test_a_running_emulator_is_named_when_the_stack_is_up(launcher: Launcher) -> None:
    """What runs keeps its emulator: `up` with another is refused, and with what is no emulator as well."""
    launcher.start("--endpoint", "http://127.0.0.1:4566/")
    assert "is up already" in launcher.do("--endpoint", "http://127.0.0.1:4566", "up").stdout
    one_sentence(launcher.do("--endpoint", "http://127.0.0.1:4567", "up"), "up already")
    one_sentence(launcher.do("--endpoint", "https://kms.us-east-1.amazonaws.com", "up"), "AWS itself")
