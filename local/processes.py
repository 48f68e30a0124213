"""Processes that the launcher starts, and what an earlier launcher may have left behind.

A process claims a file for as long as it lives: it holds a lock that the kernel takes away when the process
ends, however it ends. So a file whose lock is held names a process of ours, and no `ps` is asked: slim images
have none, and BusyBox's does not know the options.
"""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

STOP_SECONDS: Final = 20
TAKEN: Final = "is taken"
_WRITTEN_SECONDS: Final = 1
_BLOCK: Final = 4096


class Claim:
    """A file that names this process while the process lives, or until it is released."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Gives the file up."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def claim(file: Path) -> Claim | None:
    """Claims a file for this process, or says None when another living process has it."""
    descriptor = _locked(file)
    if descriptor is None:
        return None
    _write(descriptor, os.getpid())
    return Claim(descriptor)


def start(
    command: Sequence[str], file: Path, log: IO[Any], environment: Mapping[str, str], cwd: Path
) -> "subprocess.Popen[bytes]":
    """Starts a process in a session of its own that claims `file`; its standard input is a pipe of ours.

    The lock goes to the process with the open file, and this process gives its own hold of it up. A process
    that ends when its standard input does (`local.emulator --while-open`) goes away with this one, even when
    this one is killed. Raises `BlockingIOError` when a living process has claimed the file.
    """
    descriptor = _locked(file)
    if descriptor is None:
        raise BlockingIOError(f"{file} is claimed by a running process")
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            # Ctrl-C in the terminal is for the launcher, which ends its processes itself.
            start_new_session=True,
            pass_fds=(descriptor,),
        )
        _write(descriptor, process.pid)
    finally:
        os.close(descriptor)
    return process


def running(file: Path) -> int | None:
    """The living process that has claimed a file. Whose id a dead one's file holds does not matter."""
    try:
        with file.open("rb") as opened:
            deadline = time.monotonic() + _WRITTEN_SECONDS
            while _held(opened.fileno()) and time.monotonic() < deadline:
                opened.seek(0)
                if written := opened.read().strip():
                    return int(written)
                time.sleep(0.01)  # claimed this moment, and not written yet
    except (OSError, ValueError):
        pass
    return None


def stop(file: Path, seconds: float = STOP_SECONDS) -> bool:
    """Ends the process that has claimed a file, by force after so long, and says whether there was one."""
    pid = running(file)
    if pid is None:
        return False
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, STOP_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_until(lambda: running(file) is None, patience):
            break
    return True


def taken(port: int) -> bool:
    """Whether something listens on a port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def refusal(port: int, make_socket: Callable[[], socket.socket] = socket.socket) -> str | None:
    """Why a port of loopback cannot be listened on, or None when it can.

    Binding finds a listener that accepts nobody at the moment; asking finds one on all addresses, beside
    which some systems let us bind.
    """
    with make_socket() as probe:
        # As servers do it: connections of an earlier one that are still closing are in nobody's way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return "is not for this user"
        except OSError:
            return TAKEN
    return TAKEN if taken(port) else None


def free_port() -> int:
    """A port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(happened: Callable[[], bool], seconds: float) -> bool:
    """Waits for something, and says whether it happened in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def wait_for_end(stream: BinaryIO) -> None:
    """Comes back when the other end of a pipe is closed, as when the process at that end is gone.

    Past the stream's buffer, whose lock a thread that waits in it would hold: the interpreter aborts when it
    cannot flush its standard streams at the end.
    """
    while os.read(stream.fileno(), _BLOCK):
        """Nobody says anything on it."""


def _locked(file: Path) -> int | None:
    """An open file with its lock; two seconds' patience, since looking at a claim takes it for a moment."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    for _ in range(100):
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        time.sleep(0.02)
    os.close(descriptor)
    return None


def _held(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def _write(descriptor: int, pid: int) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{pid}\n".encode(), 0)
