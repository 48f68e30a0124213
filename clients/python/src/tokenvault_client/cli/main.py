"""The entry point: from arguments to an exit code; every error is a sentence on stderr."""

import argparse
import json
import os
import sys
import traceback
from collections.abc import Sequence

from tokenvault_client.cli import printing
from tokenvault_client.cli.arguments import parser
from tokenvault_client.cli.exits import Exit, UsageError
from tokenvault_client.cli.session import Session
from tokenvault_client.errors import (
    ConfigurationError,
    Problem,
    ProblemError,
    Refused,
    VerificationError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the tool on this process's streams; 0 when all went well."""
    chosen = parser().parse_args(arguments)
    session = Session(
        environment=os.environ,
        stdin=sys.stdin.buffer,
        stdout=sys.stdout,
        stderr=sys.stderr,
        interactive=sys.stdin.isatty(),
        as_json=chosen.json,
    )
    try:
        end = run(session, chosen)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has gone (`| head`). What Python flushes at its own end has to go somewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.SOME_FAILED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    return end


def run(session: Session, chosen: argparse.Namespace) -> Exit:
    """Runs the chosen command and tells its errors. Never raises but for a reader that has gone."""
    try:
        return Exit(chosen.run(session, chosen))
    except (UsageError, ConfigurationError) as error:
        return _failed(session, Problem("usage", str(error)), Exit.USAGE)
    except VerificationError as error:
        return _failed(session, Problem("not_verified", str(error)), Exit.NOT_VERIFIED)
    except Refused as error:
        return _failed(session, error.problem, Exit.REFUSED)
    except ProblemError as error:
        return _failed(session, error.problem, Exit.UNAVAILABLE)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  # its text may quote a value: where it was raised has to do
        session.say("".join(traceback.format_tb(error.__traceback__)))
        return _failed(session, Problem("unexpected", type(error).__name__), Exit.UNAVAILABLE)


def _failed(session: Session, problem: Problem, end: Exit) -> Exit:
    fields = {"error": printing.problem_fields(problem)}
    session.say(json.dumps(fields) if session.as_json else f"tokenvault: {problem}")
    return end
