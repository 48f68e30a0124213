"""The launcher's command line: which command, on which ports, in which folder."""

import argparse
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from chalicelib.config import allowed_origins
from local.endpoint.address import checked
from local.errors import StepError
from local.paths import ROOT, StackPaths

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    # name: its module, and what it does
    "run": ("starting", "start the stack, show a round trip, and serve until told to stop"),
    "dev": ("starting", "serve the API in seconds, without Terraform, until told to stop"),
    "example": ("example", "open the example shop, beside a stack that is up or one of its own"),
    "up": ("commands", "start the stack in the background"),
    "down": ("commands", "take down what run, up or dev started, and what a killed one left behind"),
    "token": ("commands", "print an access token of a client"),
    "env": ("commands", "print what the client and its command line tool need, for a shell"),
    "terraform": ("commands", "get Terraform where none is on the PATH"),
    "fmt": ("commands", "check how the Terraform files are written"),
    "validate": ("starting", "check the Terraform configuration, without any account"),
    "plan": ("starting", "plan the example of production on an emulator of its own, as JSON"),
    "snapshot": ("starting", "write down what Terraform applied, for `dev` to make again"),
}
"""Only the module of the command that is chosen is loaded: some bring all of AWS's clients along."""


def run_chosen() -> int:
    """Does what the command line asks for. Raises `StepError` with what to do when it cannot."""
    chosen = _parser().parse_args()
    if chosen.port == chosen.emulator_port:
        raise StepError(f"PORT and EMULATOR_PORT are both {chosen.port}. Choose two that differ.")
    places = StackPaths(chosen.state.resolve(), chosen.emulator_port, chosen.port, chosen.endpoint)
    places.state.mkdir(parents=True, exist_ok=True)
    module, _ = COMMANDS[chosen.command]
    work = getattr(import_module(f"local.{module}"), chosen.command)
    return int(work(places, chosen))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="The stack on this machine.")
    parser.add_argument("--state", type=Path, default=ROOT / ".local", help="folder for state and logs")
    parser.add_argument("--emulator-port", type=port, default=4566)
    parser.add_argument("--endpoint", type=endpoint, help="a running emulator to put the stack on")
    parser.add_argument("--port", type=port, default=8000, help="where the API answers")
    commands = parser.add_subparsers(required=True, dest="command")
    for command, (_, does) in COMMANDS.items():
        added = commands.add_parser(command, help=does)
        if command in ("run", "up"):
            added.add_argument(
                "--vars", help="variables to apply; with the stack up, they are applied in place"
            )
        if command == "dev":
            added.add_argument("--policy", type=Path, help="info_types and tenants in JSON or TOML")
            added.add_argument(
                "--origins", type=origins, default=(), help="whose pages may call it, with commas between"
            )
            added.add_argument("--while-open", action="store_true", help="stop when standard input ends")
        if command in ("token", "env"):
            added.add_argument("client")
        if command == "token":
            added.add_argument("--scope", default="", help="scopes, separated by spaces (default: all)")
    return parser


def endpoint(text: str) -> str:
    """The address of a running emulator."""
    try:
        return checked(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from None


def origins(text: str) -> list[str]:
    """Origins as browsers write them."""
    named = text.split(",")
    if set(named) != allowed_origins({"TOKENVAULT_ALLOWED_ORIGINS": text}):
        raise argparse.ArgumentTypeError(
            "ORIGINS are origins with commas between, such as http://localhost:3000,https://shop.example"
        )
    return named


def port(text: str) -> int:
    """A port that can be listened on."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("PORT and EMULATOR_PORT are numbers from 1 to 65535")
    return int(text)
