"""The launcher as a process: however it ends, nothing that it started stays behind."""

import argparse
import fcntl
import os
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from local import command_line, processes

ROOT = Path(__file__).resolve().parents[3]
SMALL = [sys.executable, "-m", "tests.unit.local.children.launcher"]
REAL = [sys.executable, "-m", "local"]
PATIENCE_SECONDS = 150
"""A busy machine takes its time over each start of Python; nothing waits this long otherwise."""


class Launcher:
    """A launcher with a state folder of its own, and its commands."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def command(self, program: list[str], *arguments: str) -> list[str]:
        """A command line on this state folder."""
        return [*program, "--state", str(self.state), *arguments]

    def start(self, *arguments: str, **options) -> "subprocess.Popen[bytes]":
        """`run`, in the background; waits until it says that it is up."""
        process = subprocess.Popen(
            self.command(SMALL, *arguments, "run"),
            cwd=ROOT,
            env=self.environment,
            stderr=subprocess.STDOUT,
            **{"stdout": subprocess.PIPE, **options},
        )
        assert processes.wait_until(
            lambda: (self.state / "stack.env").exists() or process.poll() is not None, PATIENCE_SECONDS
        )
        return process

    def do(self, *arguments: str, program: list[str] = REAL) -> "subprocess.CompletedProcess[str]":
        """A command, to its end."""
        return subprocess.run(
            self.command(program, *arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=PATIENCE_SECONDS,
        )

    def left(self) -> list[str]:
        """What is still there: processes by their claims, and files with facts or secrets."""
        claimed = [name for name in ("launcher.pid", "emulator.pid") if processes.running(self.state / name)]
        return claimed + [name for name in ("stack.env", "clients.json") if (self.state / name).exists()]


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[Launcher]:
    """A launcher that has nothing running; what a failed test leaves is taken down by the claims."""
    made = Launcher(tmp_path / "state")
    yield made
    for name in ("launcher.pid", "emulator.pid"):
        processes.stop(made.state / name)


def one_sentence(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """Failed with what to do, and not with a traceback."""
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr + done.stdout
    assert all(word in done.stderr for word in words), done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_takes_everything_down(launcher: Launcher, number: signal.Signals) -> None:
    """Ctrl-C, `kill` and a closed terminal alike."""
    running = launcher.start()
    assert launcher.left() == ["launcher.pid", "emulator.pid", "stack.env", "clients.json"]
    running.send_signal(number)
    said, _ = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 0
    assert b"taking everything down" in said
    assert launcher.left() == []


def test_further_signals_stop_nothing_of_that(launcher: Launcher) -> None:
    """A closed terminal is told twice, by the kernel and by the launcher's own watch."""
    running = launcher.start()
    for number in [signal.SIGHUP, signal.SIGINT, signal.SIGTERM] * 20:
        running.send_signal(number)
        time.sleep(0.0005)
    said, _ = running.communicate(timeout=PATIENCE_SECONDS)
    assert b"taking everything down" in said
    assert launcher.left() == []


@pytest.mark.parametrize("lines", [0, 3])
def test_a_closed_pipe_takes_everything_down(launcher: Launcher, lines: int) -> None:
    """`make run | head -3`: the reader is gone while the stack starts."""
    ours, theirs = os.pipe()
    running = subprocess.Popen(
        launcher.command(SMALL, "run"),
        cwd=ROOT,
        env=launcher.environment,
        stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    with os.fdopen(ours, "rb") as reader:
        for _ in range(lines):
            reader.readline()
    _, errors = running.communicate(timeout=PATIENCE_SECONDS)
    assert errors == b""
    assert launcher.left() == []


def test_a_terminal_that_closes_takes_everything_down(launcher: Launcher) -> None:
    """HUP with standard output gone as well."""
    ours, theirs = os.pipe()
    running = launcher.start(stdout=theirs)
    os.close(theirs)
    os.close(ours)
    running.send_signal(signal.SIGHUP)
    assert running.wait(timeout=PATIENCE_SECONDS) == 0
    assert launcher.left() == []


AS_MAKE_DOES = ["sh", "-c", 'trap : HUP; "$@"; exit $?', "sh"]
"""A parent that is told of the hangup, keeps it to itself, and waits."""


@pytest.mark.parametrize("parent", [[], AS_MAKE_DOES], ids=["first", "behind make"])
def test_a_window_that_closes_takes_everything_down(launcher: Launcher, parent: list[str]) -> None:
    """A real terminal: the kernel tells only the first of its processes, as in `ssh -t host make run`."""
    window, terminal = os.openpty()
    running = subprocess.Popen(
        [*parent, *launcher.command(SMALL, "run")],
        cwd=ROOT,
        env=launcher.environment,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  # no other thread of ours
    )
    assert processes.wait_until((launcher.state / "stack.env").exists, PATIENCE_SECONDS)
    os.close(terminal)
    os.close(window)
    assert running.wait(timeout=PATIENCE_SECONDS) == 0
    assert launcher.left() == []


def test_a_reader_that_goes_later_takes_everything_down(launcher: Launcher) -> None:
    """`make run | less`, quit while the stack serves and writes nothing."""
    running = launcher.start()
    for _ in range(6):
        running.stdout.readline()
    running.stdout.close()
    assert running.wait(timeout=PATIENCE_SECONDS) in (0, 1)
    assert launcher.left() == []


def test_standard_input_may_end(launcher: Launcher) -> None:
    """`make run </dev/null`, and a pipe that nobody writes to: only what is written needs somebody."""
    for options in ({"stdin": subprocess.DEVNULL}, {"stdin": subprocess.PIPE}):
        running = launcher.start(**options)
        if running.stdin:
            running.stdin.close()
        assert not processes.wait_until(lambda running=running: running.poll() is not None, 0.5)
        running.terminate()
        assert running.wait(timeout=PATIENCE_SECONDS) == 0


def test_nohup_is_kept(launcher: Launcher) -> None:
    """A launcher that was told to outlive its terminal does; it still ends when it is told to."""
    ignored = partial(signal.signal, signal.SIGHUP, signal.SIG_IGN)
    running = launcher.start(preexec_fn=ignored)
    running.send_signal(signal.SIGHUP)
    assert not processes.wait_until(lambda: running.poll() is not None, 1)
    running.terminate()
    running.communicate(timeout=PATIENCE_SECONDS)
    assert (running.returncode, launcher.left()) == (0, [])


def test_a_killed_launcher_leaves_no_process_and_down_clears_its_files(launcher: Launcher) -> None:
    """The children end with it; what it could not take away is told apart from a stack that is up."""
    running = launcher.start()
    running.kill()
    running.wait(timeout=PATIENCE_SECONDS)
    assert processes.wait_until(lambda: launcher.left() == ["stack.env", "clients.json"], PATIENCE_SECONDS)
    for command in ("token", "env"):
        one_sentence(launcher.do(command, "checkout"), "not up", "make up")
    assert launcher.do("down").stdout == "down\n"
    assert launcher.left() == []
    assert launcher.do("down").stdout == "nothing was up\n"


def test_down_ends_what_run_started(launcher: Launcher) -> None:
    """From another terminal."""
    running = launcher.start()
    assert launcher.do("down").stdout == "down\n"
    assert running.wait(timeout=PATIENCE_SECONDS) == 0
    assert launcher.left() == []


def test_no_other_program_is_needed(launcher: Launcher, tmp_path: Path) -> None:
    """Without `ps`, and with one that knows no options, the launcher still ends clean."""
    folder = tmp_path / "bin"
    folder.mkdir()
    launcher.environment["PATH"] = str(folder)
    for options in (None, 'echo "ps: unrecognized option: p" >&2; exit 1'):
        if options:
            (folder / "ps").write_text(f"#!/bin/sh\n{options}\n")
            (folder / "ps").chmod(0o755)
        running = launcher.start()
        assert launcher.do("down").stdout == "down\n"
        assert running.wait(timeout=PATIENCE_SECONDS) == 0
        assert launcher.left() == []


def test_a_process_id_that_is_used_again_is_nobodys(launcher: Launcher) -> None:
    """A file that names a living process which is not ours: it is neither believed nor ended."""
    launcher.state.mkdir()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (launcher.state / "launcher.pid").write_text(f"{stranger.pid}\n")
        assert launcher.do("down").stdout == "nothing was up\n"
        assert stranger.poll() is None
        stranger.stdin.close()


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


def test_up_that_is_stopped_leaves_no_launcher(launcher: Launcher) -> None:
    """Ctrl-C while `up` waits ends the launcher that it started in the background."""
    command = launcher.command(REAL, "--port", str(processes.free_port()), "up")
    waiting = subprocess.Popen(
        command, cwd=ROOT, env=launcher.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert processes.wait_until(lambda: "launcher.pid" in launcher.left(), PATIENCE_SECONDS)
    time.sleep(0.2)
    waiting.send_signal(signal.SIGINT)
    waiting.communicate(timeout=PATIENCE_SECONDS)
    assert launcher.left() == []


def test_what_a_client_needs_is_printed_for_a_shell(launcher: Launcher) -> None:
    """A shell takes the lines over as they are, whatever a secret holds."""
    launcher.start()
    printed = launcher.do("env", "checkout").stdout
    show = f'{printed}\nprintf "%s|%s" "$TOKENVAULT_CLIENT_SECRET" "$TOKENVAULT_URL"'
    taken_over = subprocess.run(["sh", "-c", show], capture_output=True, text=True, check=True).stdout
    assert taken_over == "s e'c|http://127.0.0.1:8000"
    one_sentence(launcher.do("env", "nobody"), "CLIENT", "checkout")


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
