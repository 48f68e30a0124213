"""`python -m local run` with a stack of one small child instead of the emulator, functions and gateway.

Everything else is the launcher's own: claims, signals, facts, what is said. Arguments are those of
`python -m local`; `child.pid` in the state folder names the child.
"""

import argparse
import os
import sys
from pathlib import Path
from types import SimpleNamespace

from local import commands, facts, processes
from local.environment import isolated
from local.errors import StepError
from local.facts import Facts
from local.output import say
from local.paths import StackPaths

CHILD = "import sys; sys.stdin.read()"
CLIENT = {
    "name": "checkout",
    "client_id": "i",
    "client_secret": "s e'c",
    "api_key": "k",
    "scopes": ["vault/read"],
}
FOR_PEOPLE = {"name": "desk", "client_id": "d", "scopes": ["vault/read"]}


class SmallStack:
    """Starts one child, and says that it is the stack."""

    def __init__(self, places: StackPaths) -> None:
        self._places = places

    def start(self) -> None:
        for step in range(5):
            say(f"[{step}/5] a step with \N{GREEK SMALL LETTER OMEGA} ...")
        with Path(os.devnull).open("wb") as nothing:
            child = [sys.executable, "-c", CHILD]
            file = self._places.emulator_pid
            self._child = processes.start(child, file, nothing, isolated(os.environ), self._places.state)
        address = self._places.emulator_url
        environment = {
            "TOKENVAULT_URL": self._places.url,
            "TOKENVAULT_TOKEN_URL": f"{address}/oauth2/token",
            "AWS_ENDPOINT_URL": address,
        }
        facts.write(self._places.state, Facts(environment, [CLIENT, FOR_PEOPLE], b"a key"))

    def change(self, variables: str) -> None:
        if Path(variables).read_text() != "fine":
            raise StepError("it is not fine")
        (self._places.state / "applied").write_text(variables)

    def stop(self) -> None:
        facts.remove(self._places.state)
        processes.stop(self._places.emulator_pid)


def run(places: StackPaths, chosen: argparse.Namespace) -> int:
    """`local.starting.run` with the small stack."""
    if chosen.vars and (living := commands.living_stack(places)):
        return commands.change(places, living, chosen.vars)
    return commands.serve(places, SmallStack(places), lambda: None)


sys.modules["local.starting"] = SimpleNamespace(run=run)  # type: ignore[assignment]  # all that is not the launcher's own

if __name__ == "__main__":
    from local import __main__

    sys.exit(__main__.main())
