"""The launcher's command line: which command, on which ports, in which folder."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from local import commands
from local.container import ROOT
from local.errors import StepError
from local.stack import StackPaths

Work = Callable[[StackPaths, argparse.Namespace], int]

COMMANDS: Final[tuple[Work, ...]] = (
    commands.run,
    commands.up,
    commands.dev,
    commands.down,
    commands.token,
    commands.env,
    commands.validate,
    commands.plan,
    commands.snapshot,
)


def run_chosen() -> int:
    """Does what the command line asks for. Raises `StepError` with what to do when it cannot."""
    chosen = _parser().parse_args()
    if chosen.port == chosen.emulator_port:
        raise StepError(f"PORT and EMULATOR_PORT are both {chosen.port}. Choose two that differ.")
    places = StackPaths(chosen.state.resolve(), chosen.emulator_port, chosen.port)
    places.state.mkdir(parents=True, exist_ok=True)
    work: Work = chosen.work
    return work(places, chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="The stack on this machine.")
    parser.add_argument("--state", type=Path, default=ROOT / ".local", help="folder for state and logs")
    parser.add_argument("--emulator-port", type=port, default=4566)
    parser.add_argument("--port", type=port, default=8000, help="where the API answers")
    chosen = parser.add_subparsers(required=True)
    for command in COMMANDS:
        added = chosen.add_parser(command.__name__, help=command.__doc__)
        added.set_defaults(work=command)
        if command in (commands.run, commands.up):
            added.add_argument(
                "--vars", help="variables to apply; with the stack up, they are applied in place"
            )
        if command is commands.dev:
            added.add_argument("--policy", type=Path, help="info_types and tenants in JSON or TOML")
            added.add_argument("--while-open", action="store_true", help="stop when standard input ends")
        if command in (commands.token, commands.env):
            added.add_argument("client")
        if command is commands.token:
            added.add_argument("--scope", default="", help="scopes, separated by spaces (default: all)")
    return parser


def port(text: str) -> int:
    """A port that can be listened on."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("PORT and EMULATOR_PORT are numbers from 1 to 65535")
    return int(text)
