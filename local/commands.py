"""The launcher's commands: one function each, called with where the stack is and what was asked for."""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from local import changes, demo, facts, processes
from local.caller import TokenRefusedError, access_token
from local.container import ROOT
from local.dev import snapshot as snapshots
from local.dev.stack import DevStack
from local.dev.stack import show as show_clients
from local.errors import StepError
from local.facts import Facts
from local.output import say, say_if_heard
from local.stack import VARIABLES, Stack, StackPaths
from local.terraform import Terraform

UP_SECONDS: Final = 600
STOPPING: Final = (signal.SIGTERM, signal.SIGHUP)


def run(places: StackPaths, chosen: argparse.Namespace) -> int:
    """start the stack, show a round trip, and serve until told to stop"""
    if chosen.vars and (running := _running(places)):
        return _change(places, running, chosen.vars)
    stack = Stack(places, say, _variables(chosen.vars))
    return serve(places, stack, lambda: demo.show(stack, say))


def _variables(named: str | None) -> str:
    """A file of variables as Terraform finds it from its working copy."""
    if named is None:
        return VARIABLES
    if not Path(named).is_file():
        raise StepError(f"VARS: there is no file {named}.")
    return str(Path(named).resolve())


class Runs(Protocol):
    """Something that starts and stops: a stack."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def change(self, variables: str) -> None: ...


def serve(places: StackPaths, stack: Runs, show: Callable[[], None]) -> int:
    """Starts a stack and serves, and takes everything down again however that ends."""
    claim = processes.claim(places.launcher_pid)
    if claim is None:
        raise StepError(f"{_up_already(places)} `make down` takes it down.")
    # A closed terminal (not under `nohup`) or a `kill` ends a start half way just as Ctrl-C does.
    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    wishes = changes.Wishes(places.state, stack.change)
    try:
        stack.start()
        show()
        say(f"\nserving {places.url} until Ctrl-C; logs are in {_relative(places.logs)}")
        wishes.serve()
    except KeyboardInterrupt:
        pass
    finally:
        # A second Ctrl-C must not leave half of it running.
        for number in (signal.SIGINT, *STOPPING):
            signal.signal(number, signal.SIG_IGN)
        say_if_heard("\ntaking everything down ...")
        stack.stop()
        claim.release()
    return 0


def dev(places: StackPaths, chosen: argparse.Namespace) -> int:
    """serve the API in seconds, without Terraform, until told to stop"""
    stack = DevStack(places, say, chosen.policy)
    if chosen.while_open:
        threading.Thread(target=_end_with, args=(sys.stdin.buffer,), daemon=True).start()
    return serve(places, stack, lambda: show_clients(stack, say))


def _end_with(parent: BinaryIO) -> None:
    """Tells this process to stop when the other end of a pipe is closed, as when its parent ends."""
    parent.read()
    os.kill(os.getpid(), signal.SIGTERM)


def up(places: StackPaths, chosen: argparse.Namespace) -> int:
    """the same in the background"""
    if running := _running(places):
        return _change(places, running, chosen.vars) if chosen.vars else _keep(places, running)
    _variables(chosen.vars)
    log = places.logs / "launcher.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    facts.remove(places.state)
    command = [sys.executable, "-m", "local", *_options(places), "run"]
    command += ["--vars", str(Path(chosen.vars).resolve())] if chosen.vars else []
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
    say(f"up: {places.url}")
    say(f"facts for other programs: {_relative(places.state / 'stack.env')}, clients.json beside it")
    return 0


def _wait_for(launcher: "subprocess.Popen[bytes]", places: StackPaths, log: Path) -> None:
    """Until the stack is up. Raises `StepError` with what the launcher said when it does not come up."""
    processes.wait_until(lambda: launcher.poll() is not None or _running(places) is not None, UP_SECONDS)
    if launcher.poll() is not None or _running(places) is None:
        said = log.read_text(encoding="utf-8", errors="replace")
        raise StepError(f"The stack did not start. What it said:\n{said}")


def _keep(places: StackPaths, running: Facts) -> int:
    """What `up` says when a stack is up already. Raises `StepError` when that has other ports."""
    wanted = {"TOKENVAULT_URL": places.url, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{places.emulator_port}"}
    if wanted.items() <= running.environment.items():
        say(f"the stack is up already: {places.url}")
        return 0
    raise StepError(f"{_up_already(places)} `make down` takes it down; then start it on the other port.")


def _change(places: StackPaths, running: Facts, named: str) -> int:
    """Other variables for the stack that is up: it keeps its data and its clients."""
    variables = _variables(named)
    _keep(places, running)
    say(f"applying {named} in place ...")
    changes.ask(places.state, places.launcher_pid, variables)
    say("changed")
    return 0


def _up_already(places: StackPaths) -> str:
    running = facts.read(places.state)
    at = running.url if running else f"process {processes.running(places.launcher_pid)}, still starting"
    return f"The stack is up already: {at}."


def _running(places: StackPaths) -> Facts | None:
    """What a living stack says of itself; the files of a killed one say nothing."""
    return facts.read(places.state) if processes.running(places.launcher_pid) is not None else None


def down(places: StackPaths, chosen: argparse.Namespace) -> int:
    """take down what run, up or dev started, and what a killed one left behind"""
    stopped = processes.stop(places.launcher_pid)
    stopped |= processes.stop(places.emulator_pid)
    left = facts.remove(places.state)
    say("down" if stopped or left else "nothing was up")
    return 0


def token(places: StackPaths, chosen: argparse.Namespace) -> int:
    """print an access token of a client"""
    running, client = _client(places, chosen.client)
    try:
        print(access_token(running.environment["TOKENVAULT_TOKEN_URL"], client, chosen.scope.split()))
    except TokenRefusedError as refused:
        allowed = " ".join(client["scopes"])
        raise StepError(f"No access token: {refused}. The client's scopes are: {allowed}") from None
    return 0


def env(places: StackPaths, chosen: argparse.Namespace) -> int:
    """print what the client and its command line tool need, for a shell to take over"""
    running, client = _client(places, chosen.client)
    wanted = {
        "TOKENVAULT_URL": running.url,
        "TOKENVAULT_TOKEN_URL": running.environment["TOKENVAULT_TOKEN_URL"],
        "TOKENVAULT_CLIENT_ID": client["client_id"],
        "TOKENVAULT_CLIENT_SECRET": client["client_secret"],
        "TOKENVAULT_API_KEY": client["api_key"],
    }
    for name, value in wanted.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _client(places: StackPaths, name: str) -> tuple[Facts, Any]:
    """The running stack, and one of its clients by name."""
    running = _running(places)
    if running is None:
        raise StepError("The stack is not up. `make up` starts it.")
    known = {client["name"]: client for client in running.clients}
    if name not in known:
        raise StepError(f"CLIENT is one of: {', '.join(sorted(known))}.")
    return running, known[name]


def validate(places: StackPaths, chosen: argparse.Namespace) -> int:
    """check the Terraform configuration, packaged app included, without any account"""
    state = places.state / "validate"
    terraform = Terraform(state, {}, say, memory=places.state)
    terraform.prepare()
    terraform.init()
    # Without the tests, which `terraform test` looks at: validate gives their modules no second provider.
    print(terraform.run("validate", "-no-tests", interactive=False).strip())
    return 0


def plan(places: StackPaths, chosen: argparse.Namespace) -> int:
    """plan the example of production on an emulator of its own, and write the plan as JSON"""
    stack = Stack(StackPaths(places.state, processes.free_port(), processes.free_port()), say)
    try:
        stack.prepare()
        stack.terraform.run("plan", "-out=plan", "-var-file=environments/production.tfvars")
        written = stack.terraform.run("show", "-json", "plan", interactive=False)
    finally:
        stack.stop()
    (places.state / "plan.json").write_text(written, encoding="utf-8")
    say(f"planned: {_relative(places.state / 'plan.json')}")
    return 0


def snapshot(places: StackPaths, chosen: argparse.Namespace) -> int:
    """write down what Terraform applied to the stack that is up, for `dev` to make again"""
    if _running(places) is None:
        raise StepError("The stack is not up. `make up` applies it.")
    snapshots.FILE.write_text(snapshots.written(Stack(places, say).snapshot()), encoding="utf-8")
    say(f"written: {_relative(snapshots.FILE)}")
    return 0


def _options(places: StackPaths) -> list[str]:
    return [
        f"--state={places.state}",
        f"--emulator-port={places.emulator_port}",
        f"--port={places.gateway_port}",
    ]


def _relative(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
