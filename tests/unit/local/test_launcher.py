"""The launcher as a process: however it ends, nothing that it started stays behind."""

import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from functools import partial
from pathlib import Path

import pytest

from local import processes
from tests.unit.local.launcher import PATIENCE_SECONDS, REAL, ROOT, SMALL, Launcher, one_sentence

pytestmark = pytest.mark.usefixtures("signals_as_by_hand")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_signal_takes_everything_down(launcher: Launcher, number: signal.Signals) -> None:
    """Ctrl-C, `kill` and a closed terminal alike."""
    running = launcher.start()
    assert launcher.left() == ["launcher.pid", "emulator.pid", "stack.env", "clients.json", "receipts.der"]
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
    assert processes.wait_until(
        lambda: launcher.left() == ["stack.env", "clients.json", "receipts.der"], PATIENCE_SECONDS
    )
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
