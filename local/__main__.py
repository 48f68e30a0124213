"""`python -m local`: the stack on this machine. `make` calls it."""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

from local import demo, processes
from local.caller import TokenRefusedError, access_token
from local.container import ROOT
from local.stack import Stack, StackPaths
from local.terraform import StepError, Terraform

LAUNCHER_MARKER: Final = "-m local"
READY: Final = "stack.env"
UP_SECONDS: Final = 300


def say(text: str) -> None:
    """One line of progress."""
    print(text, flush=True)


def main() -> int:
    """Command line; 0 when all went well."""
    chosen = _parser().parse_args()
    places = StackPaths(chosen.state.resolve(), chosen.emulator_port, chosen.port)
    places.state.mkdir(parents=True, exist_ok=True)
    try:
        return int(chosen.command(places, chosen))
    except StepError as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1


def run(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Starts the stack, shows a round trip, and serves until it is told to stop."""
    launcher = places.state / "launcher.pid"
    if (pid := processes.running(launcher, LAUNCHER_MARKER)) is not None:
        raise StepError(f"The stack is up already (process {pid}). `make down` takes it down.")
    # SIGTERM ends a start half way just as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    stack = Stack(places, say)
    launcher.write_text(str(os.getpid()))
    try:
        stack.start()
        demo.show(stack, say)
        say(f"\nserving {places.url} until Ctrl-C; logs are in {_relative(places.logs)}")
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        # A second Ctrl-C must not leave half of it running.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        say("\ntaking everything down …")
        stack.stop()
        launcher.unlink(missing_ok=True)
    return 0


def up(places: StackPaths, chosen: argparse.Namespace) -> int:
    """The same in the background."""
    if (places.state / READY).exists() and processes.running(places.state / "launcher.pid", LAUNCHER_MARKER):
        say(f"the stack is up already: {places.url}")
        return 0
    log = places.state / "logs" / "launcher.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    (places.state / READY).unlink(missing_ok=True)
    command = [sys.executable, "-m", "local", *_options(places), "run"]
    with log.open("wb") as output:
        launcher = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    say("starting the stack …")
    processes.wait_until(lambda: launcher.poll() is not None or (places.state / READY).exists(), UP_SECONDS)
    if launcher.poll() is not None or not (places.state / READY).exists():
        raise StepError(f"The stack did not start. What it said:\n{log.read_text()}")
    say(
        f"up: {places.url}\n"
        f"facts for other programs: {_relative(places.state / READY)}, clients.json beside it"
    )
    return 0


def down(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Takes down what `up` or `run` started, and what a killed one left behind."""
    stopped = processes.stop(places.state / "launcher.pid", LAUNCHER_MARKER)
    stopped |= processes.stop(places.emulator_pid, "local.emulator")
    say("down" if stopped else "nothing was up")
    return 0


def token(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Prints an access token of a client."""
    facts, clients = places.state / READY, places.state / "clients.json"
    if not facts.exists():
        raise StepError("The stack is not up. `make up` starts it.")
    known: dict[str, Any] = {client["name"]: client for client in json.loads(clients.read_text())}
    if chosen.client not in known:
        raise StepError(f"There is no such client. There are: {', '.join(sorted(known))}")
    lines = dict(line.split("=", 1) for line in facts.read_text().splitlines())
    try:
        print(access_token(lines["TOKENVAULT_TOKEN_URL"], known[chosen.client], chosen.scope.split()))
    except TokenRefusedError as refused:
        allowed = " ".join(known[chosen.client]["scopes"])
        raise StepError(f"No access token: {refused}. The client's scopes are: {allowed}") from None
    return 0


def validate(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Checks the Terraform configuration, packaged app included, without any account."""
    state = places.state / "validate"
    terraform = Terraform(state, {}, say, memory=places.state)
    terraform.prepare()
    terraform.init()
    # Without the tests, which `terraform test` looks at: validate gives their modules no second provider.
    print(terraform.run("validate", "-no-tests", interactive=False).strip())
    return 0


def plan(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Plans the example of production on an emulator of its own, and writes the plan as JSON."""
    stack = Stack(StackPaths(places.state, processes.free_port(), processes.free_port()), say)
    try:
        stack.prepare()
        stack.terraform.run("plan", "-out=plan", "-var-file=environments/production.tfvars")
        written = stack.terraform.run("show", "-json", "plan", interactive=False)
    finally:
        stack.stop()
    (places.state / "plan.json").write_text(written)
    say(f"planned: {_relative(places.state / 'plan.json')}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--state", type=Path, default=ROOT / ".local", help="folder for state and logs")
    parser.add_argument("--emulator-port", type=int, default=4566)
    parser.add_argument("--port", type=int, default=8000, help="where the API answers")
    commands = parser.add_subparsers(required=True)
    for command in (run, up, down, token, validate, plan):
        added = commands.add_parser(command.__name__, help=command.__doc__)
        added.set_defaults(command=command)
        if command is token:
            added.add_argument("client")
            added.add_argument(
                "--scope", default="", help="scopes, separated by spaces (default: all of the client's)"
            )
    return parser


def _options(places: StackPaths) -> list[str]:
    return [
        f"--state={places.state}",
        f"--emulator-port={places.emulator_port}",
        f"--port={places.gateway_port}",
    ]


def _relative(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


if __name__ == "__main__":
    sys.exit(main())
