"""The launcher's commands that start a stack, or use Terraform: one function each."""

import argparse
from collections.abc import Callable
from functools import partial

from local import demo, processes, terraform_program
from local.audience import end_with_standard_input
from local.commands import change, living_stack, serve, variables_file
from local.dev import snapshot as snapshots
from local.dev.stack import DevStack
from local.dev.stack import show as show_clients
from local.endpoint.stack import EndpointStack
from local.errors import StepError
from local.instead import StackOrInstead
from local.output import say
from local.paths import StackPaths, relative
from local.stack import VARIABLES, Stack
from local.terraform import Terraform


def run(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Starts the stack, shows a round trip, and serves until told to stop."""
    if chosen.vars and (living := living_stack(places)):
        return change(places, living, chosen.vars)
    if not (chosen.vars or places.endpoint):
        return serve_either(places, Stack(places, say), lambda: DevStack(places, say))
    kind = EndpointStack if places.endpoint else Stack
    stack = kind(places, say, variables_file(chosen.vars) if chosen.vars else VARIABLES)
    terraform_program.obtain(say)
    return serve(places, stack, lambda: demo.show(stack, say))


def serve_either(places: StackPaths, stack: Stack, instead: Callable[[], Stack]) -> int:
    """The stack, or where Terraform cannot be had, the one that takes none. Says which."""
    either = StackOrInstead(stack, instead, partial(terraform_program.obtain, say), say)
    return serve(places, either, lambda: demo.show(either.chosen, say))


def dev(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Serves the API in seconds, without Terraform, until told to stop."""
    stack = DevStack(places, say, chosen.policy, chosen.origins)
    if chosen.while_open:
        end_with_standard_input()
    return serve(places, stack, lambda: show_clients(stack, say))


def validate(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Checks the Terraform configuration, packaged app included, without any account."""
    terraform_program.obtain(say)
    state = places.state / "validate"
    terraform = Terraform(state, {}, say, memory=places.state)
    terraform.prepare()
    terraform.init()
    # Without the tests, which `terraform test` looks at: validate gives their modules no second provider.
    print(terraform.run("validate", "-no-tests", interactive=False).strip())
    return 0


def plan(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Plans the example of production on an emulator of its own, and writes the plan as JSON."""
    terraform_program.obtain(say)
    stack = Stack(StackPaths(places.state, processes.free_port(), processes.free_port()), say)
    try:
        stack.prepare()
        stack.terraform.run("plan", "-out=plan", "-var-file=environments/production.tfvars")
        written = stack.terraform.run("show", "-json", "plan", interactive=False)
    finally:
        stack.stop()
    (places.state / "plan.json").write_text(written, encoding="utf-8")
    say(f"planned: {relative(places.state / 'plan.json')}")
    return 0


def snapshot(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Writes down what Terraform applied to the stack that is up, for `dev` to make again."""
    if living_stack(places) is None:
        raise StepError("The stack is not up. `make up` applies it.")
    snapshots.FILE.write_text(snapshots.written(Stack(places, say).snapshot()), encoding="utf-8")
    say(f"written: {relative(snapshots.FILE)}")
    return 0
