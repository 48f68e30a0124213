"""Starts what `tokenvault-dev` serves; loading it takes longer than the other commands do."""

import argparse
import json
import shlex
from collections.abc import Mapping
from typing import TextIO

from local import commands
from local.audience import end_with_standard_input
from local.dev.folders import PROGRAM
from local.dev.stack import DevStack, show
from local.output import say
from local.paths import StackPaths


class InstalledStack(DevStack):
    """The same as `make dev`, told in the words of the installed command."""

    takes_down = f"{PROGRAM} down"

    def _ports(self) -> Mapping[str, int]:
        return {"--emulator-port": self.places.emulator_port, "--port": self.places.gateway_port}


def serve(places: StackPaths, chosen: argparse.Namespace, program: TextIO | None) -> int:
    """Serves until told to stop. A `program` that reads is told in one line, people see each client."""
    stack = InstalledStack(places, say, chosen.policy, chosen.origins)
    if chosen.while_open:
        end_with_standard_input()

    def tell() -> None:
        if program is None:
            show(stack, say, env_command(places, chosen))
        else:
            print(facts(places), file=program, flush=True)

    return commands.serve(places, stack, tell)


def env_command(places: StackPaths, chosen: argparse.Namespace) -> str:
    """The command that prints what a client needs, of the one that is up in these places."""
    here = ["--state", str(places.state)] if chosen.state else ["--port", str(places.gateway_port)]
    return shlex.join([PROGRAM, *here, "env", "NAME"])


def facts(places: StackPaths) -> str:
    """One line of JSON: where the service answers, and what each client needs to call it."""
    running = commands.living_stack(places)
    assert running is not None  # it is this process that serves it
    described = {"url": running.url, "token_url": running.environment["TOKENVAULT_TOKEN_URL"]}
    return json.dumps({**described, "clients": running.clients})
