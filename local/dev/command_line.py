"""The command line of `tokenvault-dev`: `make dev` for people without a checkout, and for programs."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Final, TextIO

from local import commands, processes
from local.command_line import origins, port
from local.dev.folders import PROGRAM, state_folder
from local.dev.passing_states import passing, staying
from local.errors import StepError
from local.paths import StackPaths

ANY_PORT: Final = 0


def run_chosen() -> int:
    """Does what the command line asks for. Raises `StepError` with what to do when it cannot."""
    chosen = _parser().parse_args()
    if chosen.command is None:
        return _serve(chosen)
    places = _places(chosen, chosen.port)
    if chosen.command != "down" and commands.living_stack(places) is None:
        raise StepError(f"Nothing is up at port {chosen.port}. `{PROGRAM}` starts it, --port names another.")
    return int(getattr(commands, chosen.command)(places, chosen))


def _serve(chosen: argparse.Namespace) -> int:
    """Serves until told to stop, and says where: for people, or for a program in one line of JSON."""
    gateway_port = _any_other_than(chosen.emulator_port) if chosen.port == ANY_PORT else chosen.port
    if chosen.emulator_port == ANY_PORT:
        chosen.emulator_port = _any_other_than(gateway_port)
    if chosen.emulator_port == gateway_port:
        raise StepError(f"--port and --emulator-port are both {gateway_port}. Choose two that differ.")
    places = _places(chosen, gateway_port)
    if processes.running(places.launcher_pid) is not None:
        raise StepError(f"{PROGRAM} is up already. `{PROGRAM} --port {gateway_port} down` takes it down.")
    kept = passing if chosen.port == ANY_PORT and chosen.state is None else staying
    # What takes long to load, and the other commands have no need of.
    starting = import_module("local.dev.starting")
    with kept(places.state), _for_a_program() if chosen.json else contextlib.nullcontext() as program:
        return int(starting.serve(places, chosen, program))


@contextmanager
def _for_a_program() -> Iterator[TextIO]:
    """Standard output, kept for the program: whatever is told to people goes to standard error meanwhile."""
    program = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        yield program


def _any_other_than(taken: int) -> int:
    while (found := processes.free_port()) == taken:
        """Another may be free."""
    return found


def _places(chosen: argparse.Namespace, gateway_port: int) -> StackPaths:
    state = chosen.state or state_folder(os.environ) / str(gateway_port)
    return StackPaths(state.resolve(), chosen.emulator_port, gateway_port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="tokenvault on this machine, up in seconds: for development and tests, with data that is "
        "gone when it ends. Without a command it serves until Ctrl-C.",
    )
    add = parser.add_argument
    add("--policy", type=Path, help="info_types and tenants in JSON or TOML (default: a shop's)")
    add("--port", type=_port, default=8000, help="where the API answers; 0 takes a free one (default: 8000)")
    add("--emulator-port", type=_port, default=ANY_PORT, help="the emulated account's (default: a free one)")
    add("--origins", type=origins, default=(), help="whose pages may call it, with commas between")
    add("--json", action="store_true", help="once it serves, print addresses and clients as a line of JSON")
    add("--while-open", action="store_true", help="stop when standard input ends, as when the parent does")
    add("--state", type=Path, help="folder for logs and clients (default: one for each port, of this user)")
    asked = parser.add_subparsers(dest="command", title="about one that is up at --port")
    asked.add_parser("env", help="print what the client and its tool need, for a shell").add_argument(
        "client"
    )
    token = asked.add_parser("token", help="print an access token of a client")
    token.add_argument("client")
    token.add_argument("--scope", default="", help="scopes, separated by spaces (default: all)")
    asked.add_parser("down", help="take it down")
    return parser


def _port(text: str) -> int:
    return ANY_PORT if text == str(ANY_PORT) else port(text)
