"""The entry point: from arguments to an exit code; every error is a sentence on stderr."""

import argparse
import contextlib
import io
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import Final, TextIO

from tokenvault_client.bulk import TooManyErrors
from tokenvault_client.cli import printing
from tokenvault_client.cli.arguments import parser
from tokenvault_client.cli.exits import Exit, Interrupted, OutputFailed, UsageError
from tokenvault_client.cli.session import Session
from tokenvault_client.errors import (
    ConfigurationError,
    Problem,
    ProblemError,
    Refused,
    VerificationError,
)

_OURS: Final[dict[type[Exception], tuple[str, Exit]]] = {
    UsageError: ("usage", Exit.USAGE),
    ConfigurationError: ("usage", Exit.USAGE),
    VerificationError: ("not_verified", Exit.NOT_VERIFIED),
    TooManyErrors: ("too_many_errors", Exit.SOME_FAILED),
    OutputFailed: ("output_failed", Exit.OUTPUT_FAILED),
}
"""Errors that are not the service's: the code under which they are told, and how the tool ends."""


_HINTS: Final = {"approval_required": " (here: `tokenvault approvals ask`, `tokenvault export ask`)"}
"""What the service says by the names of routes, by those of commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the tool on this process's streams; 0 if all went well."""
    _hold_standard_descriptors()
    stderr = _utf8(sys.stderr) or _nowhere()
    chosen = parser().parse_args(arguments)
    stdout = _utf8(sys.stdout)
    if stdout is None:
        stderr.write("tokenvault: usage: stdout is closed; nothing was done\n")
        return Exit.USAGE
    session = Session(
        environment=os.environ,
        stdin=None if sys.stdin is None else sys.stdin.buffer,
        stdout=stdout,
        stderr=stderr,
        interactive=sys.stdin is not None and sys.stdin.isatty(),
        as_json=chosen.json,
    )
    _end_as_by_ctrl_c()
    end = _ended(session, chosen)
    if threading.active_count() > 1:
        # A thread still waits for input or for an answer, and nobody waits for it.
        stderr.flush()
        os._exit(end)
    return end


def _end_as_by_ctrl_c() -> None:
    """A run that is ended by the system, or whose terminal is closed, says how far it came, too."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def _ended(session: Session, chosen: argparse.Namespace) -> Exit:
    """Runs the command and hands on all of its output."""
    try:
        end = run(session, chosen)
        if end is not Exit.OUTPUT_FAILED:
            session.flush()
    except OutputFailed as error:
        end = _failed(session, Problem("output_failed", str(error)), Exit.OUTPUT_FAILED)
    except BrokenPipeError:
        end = Exit.SOME_FAILED
    except Interrupted as error:
        end = _failed(session, Problem("interrupted", str(error)), Exit.INTERRUPTED)
    except KeyboardInterrupt:
        end = Exit.INTERRUPTED
    _drop_rest(session.stdout)
    return end


def _hold_standard_descriptors() -> None:
    """A closed standard stream leaves its number to the next socket, which would get its output."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)


def _utf8(stream: TextIO | None) -> TextIO | None:
    """The stream, in UTF-8 whatever the locale says: that is what the tool reads, too."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    return stream


def _nowhere() -> TextIO:
    return open(os.devnull, "w")  # open for as long as the process


def _drop_rest(stdout: TextIO) -> None:
    """If the reader has gone or the disk is full, what Python flushes at its own end has to go somewhere."""
    try:
        stdout.flush()
    except OSError:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())


def run(session: Session, chosen: argparse.Namespace) -> Exit:
    """Runs the chosen command and tells its errors. Raises `BrokenPipeError` only, if the reader has gone."""
    try:
        return Exit(chosen.run(session, chosen))
    except BrokenPipeError:
        raise
    except ProblemError as error:
        end = Exit.REFUSED if isinstance(error, Refused) else Exit.UNAVAILABLE
        return _failed(session, error.problem, end)
    except tuple(_OURS) as error:
        code, end = _OURS[type(error)]
        return _failed(session, Problem(code, str(error)), end)
    except Exception as error:  # noqa: BLE001  # its text may quote a value: the place must do
        session.say("".join(traceback.format_tb(error.__traceback__)))
        return _failed(session, Problem("unexpected", type(error).__name__), Exit.UNAVAILABLE)


def _failed(session: Session, problem: Problem, end: Exit) -> Exit:
    fields = {"error": printing.problem_fields(problem)}
    hint = _HINTS.get(problem.code, "")
    session.say(json.dumps(fields) if session.as_json else f"tokenvault: {problem}{hint}")
    return end
