"""The launcher's commands for a stack that runs or is to run: one function each.

Each is called with where the stack is and what was asked for. What starts a stack itself is in
`local.starting`, which takes longer to load.
"""

import argparse
import shlex
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from local import changes, facts, processes, terraform_program
from local.audience import end_without_audience
from local.caller import TokenRefusedError, access_token
from local.endpoint import kept
from local.errors import StepError
from local.facts import Facts
from local.interruption import Interruption
from local.output import UnheardError, say, say_if_heard
from local.paths import ROOT, StackPaths, relative

UP_SECONDS: Final = 600
INSTEAD: Final = "What `make dev` serves comes up instead:"
"""How the line begins that says so where `run` or `up` was asked for."""
DOWN_SECONDS: Final = 300
"""For a launcher that takes down in order, from a running emulator what was applied there too."""


def variables_file(named: str) -> str:
    """A file of variables as Terraform finds it from its working copy. Raises `StepError` without one."""
    if not Path(named).is_file():
        raise StepError(f"VARS: there is no file {named}.")
    return str(Path(named).resolve())


class Runs(Protocol):
    """Something that starts and stops: a stack."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def change(self, variables: str) -> None: ...


def serve(places: StackPaths, stack: Runs, show: Callable[[], None]) -> int:
    """Starts a stack and serves, and takes everything down again however that ends.

    A closed terminal ends it as a signal does: whether the hangup or an unread line comes first is chance.
    """
    claim = processes.claim(places.launcher_pid)
    if claim is None:
        raise StepError(f"{_up_already(places)} `make down` takes it down.")
    interruption = Interruption()
    wishes = changes.Wishes(places.state, stack.change)
    try:
        end_without_audience()
        stack.start()
        show()
        say(f"\nserving {places.url} until Ctrl-C; logs are in {relative(places.logs)}")
        wishes.serve()
    except (KeyboardInterrupt, UnheardError):
        pass
    finally:
        interruption.over = True
        say_if_heard("\ntaking everything down ...")
        stack.stop()
        claim.release()
    return 0


def up(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Starts the stack in the background."""
    if living := living_stack(places):
        return change(places, living, chosen.vars) if chosen.vars else _keep(places, living)
    with_variables = ["--vars", variables_file(chosen.vars)] if chosen.vars else []
    log = places.logs / "launcher.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    facts.remove(places.state)
    command = [sys.executable, "-m", "local", *_options(places), "run", *with_variables]
    with log.open("wb") as output:
        launcher = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        say("starting the stack ...")
        _wait_for(launcher, places, log)
    except BaseException:
        launcher.terminate()
        launcher.wait()
        raise
    say_what_is_up(log)
    say(f"up: {places.url}")
    say("the audit trail begins with a card there and back, by which the start was tried")
    say(f"facts for other programs: {relative(places.state / 'stack.env')}, clients.json beside it")
    return 0


def _wait_for(launcher: "subprocess.Popen[bytes]", places: StackPaths, log: Path) -> None:
    """Until the stack is up. Raises `StepError` with what the launcher said when it does not come up."""
    processes.wait_until(lambda: launcher.poll() is not None or living_stack(places) is not None, UP_SECONDS)
    if launcher.poll() is not None or living_stack(places) is None:
        said = log.read_text(encoding="utf-8", errors="replace")
        raise StepError(f"The stack did not start. What it said:\n{said}")


def say_what_is_up(log: Path) -> None:
    """Where the launcher serves something else than was asked for, its line about that."""
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith(INSTEAD):
            say(line)


def _keep(places: StackPaths, living: Facts) -> int:
    """What `up` says when a stack is up already. Raises `StepError` when that is elsewhere."""
    wanted = {"TOKENVAULT_URL": places.url, "AWS_ENDPOINT_URL": places.emulator_url}
    if wanted.items() <= living.environment.items():
        say(f"the stack is up already: {places.url}")
        return 0
    raise StepError(f"{_up_already(places)} `make down` takes it down; then start it on the other.")


def change(places: StackPaths, living: Facts, named: str) -> int:
    """Other variables for the stack that is up: it keeps its data and its clients."""
    variables = variables_file(named)
    _keep(places, living)
    say(f"applying {named} in place ...")
    changes.ask(places.state, places.launcher_pid, variables)
    say("changed")
    return 0


def _up_already(places: StackPaths) -> str:
    running = facts.read(places.state)
    at = running.url if running else f"process {processes.running(places.launcher_pid)}, still starting"
    return f"The stack is up already: {at}."


def living_stack(places: StackPaths) -> Facts | None:
    """What a living stack says of itself; the files of a killed one say nothing."""
    return facts.read(places.state) if processes.running(places.launcher_pid) is not None else None


def down(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Takes down what run, up or dev started, and what a killed one left behind.

    What is on running emulators too; 1 when not all of that could be destroyed.
    """
    stopped = processes.stop(places.launcher_pid, DOWN_SECONDS)
    stopped |= processes.stop(places.emulator_pid)
    stopped |= facts.remove(places.state)
    on_emulators = kept.left(places.state)
    # With all that a stack takes, which `down` is too quick to load otherwise.
    if on_emulators and not import_module("local.endpoint.left").destroy(places, on_emulators):
        return 1
    say("down" if stopped or on_emulators else "nothing was up")
    return 0


def token(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Prints an access token of a client."""
    running, client = _client(places, chosen.client)
    if "client_secret" not in client:
        name = client["name"]
        raise StepError(f"People sign in to {name}: `tokenvault login`, with `make env CLIENT={name}`.")
    try:
        print(access_token(running.environment["TOKENVAULT_TOKEN_URL"], client, chosen.scope.split()))
    except TokenRefusedError as refused:
        allowed = " ".join(client["scopes"])
        raise StepError(f"No access token: {refused}. The client's scopes are: {allowed}") from None
    return 0


def env(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Prints what the client and its command line tool need, for a shell to take over."""
    running, client = _client(places, chosen.client)
    wanted = {
        "TOKENVAULT_URL": running.url,
        "TOKENVAULT_TOKEN_URL": running.environment["TOKENVAULT_TOKEN_URL"],
        "TOKENVAULT_CLIENT_ID": client["client_id"],
        # A client that people sign in to has neither: `tokenvault login`.
        "TOKENVAULT_CLIENT_SECRET": client.get("client_secret"),
        "TOKENVAULT_API_KEY": client.get("api_key"),
    }
    for name, value in wanted.items():
        print(f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}")
    return 0


def terraform(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Gets Terraform where none is on the PATH, and says which one is called."""
    terraform_program.obtain(say)
    return terraform_program.run("version")


def fmt(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Says which Terraform files are not written as `terraform fmt` writes them."""
    terraform_program.obtain(say)
    return terraform_program.run("fmt", "-check", "-recursive", str(ROOT / "terraform"))


def _client(places: StackPaths, name: str) -> tuple[Facts, Any]:
    """The running stack, and one of its clients by name."""
    running = living_stack(places)
    if running is None:
        raise StepError("The stack is not up. `make dev` or `make up` starts it.")
    known = {client["name"]: client for client in running.clients}
    if name not in known:
        raise StepError(f"CLIENT is one of: {', '.join(sorted(known))}.")
    return running, known[name]


def _options(places: StackPaths) -> list[str]:
    return [
        f"--state={places.state}",
        f"--emulator-port={places.emulator_port}",
        f"--port={places.gateway_port}",
        *([f"--endpoint={places.endpoint}"] if places.endpoint else []),
    ]
