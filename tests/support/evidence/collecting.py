"""Where each part is had from: files that were given, the local stack if one is up, or the checkout."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.account import Account
from local.commands import living_stack
from local.dev import snapshot
from local.environment import isolated
from local.errors import StepError
from local.facts import Facts
from local.paths import StackPaths
from local.terraform import Terraform
from tests.infrastructure.iam.simulator import installed
from tests.support.evidence import (
    applied,
    client_access,
    components,
    requirements,
    results,
    role_access,
    stack_checks,
    versions,
)
from tests.support.evidence.part import CannotHaveError, Part, collected

ROOT: Final = requirements.ROOT
NO_STACK: Final = "no stack is up (`make up` starts the local one), and STACK names no outputs of another"


@dataclass(frozen=True)
class Given:
    """Files that the caller named: results of tests, `terraform output -json`, `terraform show -json`."""

    results: Path | None
    stack: Path | None
    state: Path | None
    local: Path
    """The folder of the local stack, `.local`."""
    tools: Path = ROOT / ".venv-evidence" / "bin"
    evaluator: Callable[[Path], role_access.Evaluator | None] = installed
    """Installs the evaluator of IAM into a folder; None where it cannot run."""


def parts(given: Given, scratch: Path) -> list[Part]:
    """Every part, in the order of the page. `scratch` is a folder for files that are not filed."""
    run = versions.runner(ROOT)
    tool = given.tools / "cyclonedx-py"
    collectors: list[tuple[str, str, Callable[[], Part]]] = [
        (results.NAME, results.TITLE, lambda: _results(given, scratch)),
        (client_access.NAME, client_access.TITLE, lambda: _client_access(_applied(given))),
        (
            role_access.NAME,
            role_access.TITLE,
            lambda: role_access.role_access(_applied(given), _evaluator(given)),
        ),
        (versions.NAME, versions.TITLE, lambda: versions.versions(ROOT, run, provider_lock(given))),
        (
            components.NAME,
            components.TITLE,
            lambda: components.components(run, tool, ROOT / "requirements.lock"),
        ),
        (stack_checks.NAME, stack_checks.TITLE, lambda: _stack_checks(given)),
    ]
    return [collected(name, title, collect) for name, title, collect in collectors]


def provider_lock(given: Given) -> Path:
    """Where Terraform wrote which provider it took: of the stack whose state was given, else locally."""
    root = given.local if given.state is None else ROOT
    return root / "terraform" / ".terraform.lock.hcl"


def _results(given: Given, scratch: Path) -> Part:
    """From the results that were given, or of the named tests, which are run now."""
    rows = requirements.requirements(requirements.PAGE.read_text(encoding="utf-8"))
    junit = given.results or _run_tests(requirements.named_tests(rows), scratch / "results.xml")
    return results.by_requirement(rows, results.outcomes(_text(junit, "RESULTS")))


def _run_tests(tests: list[str], junit: Path) -> Path:
    at_once = ("--numprocesses=auto", "--dist=loadfile")  # in one process, cores wait for half of the time
    command = [sys.executable, "-m", "pytest", f"--junit-xml={junit}", *at_once, *tests]
    subprocess.run(command, cwd=ROOT, env=isolated(os.environ), check=False)
    return junit


def _text(file: Path, variable: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise CannotHaveError(f"{variable}: {file.name} cannot be read ({type(problem).__name__})") from None


def _client_access(source: applied.Applied) -> Part:
    return client_access.client_access(source.policy, source.source)


def _applied(given: Given) -> applied.Applied:
    """The state that was given, that of the local stack, or else the snapshot."""
    if given.state is not None:
        return applied.of_state(_text(given.state, "STATE"), f"the state {given.state.name}")
    try:
        return applied.of_state(
            _shown(given.local, "show"), "the local stack, which is applied to an emulator"
        )
    except CannotHaveError:
        return applied.of_snapshot(snapshot.read())


def _evaluator(given: Given) -> role_access.Evaluator | None:
    try:
        return given.evaluator(given.local / "iam")
    except subprocess.CalledProcessError:
        raise CannotHaveError("npm does not install the evaluator of IAM") from None


def _stack_checks(given: Given) -> Part:
    if given.stack is not None:
        outputs, environment = _text(given.stack, "STACK"), dict(os.environ)
        return stack_checks.stack_checks(
            stack_checks.examined(outputs, environment), f"the stack {_named(outputs)}"
        )
    outputs = _shown(given.local, "output")
    environment = {**os.environ, **stack_checks.reaching(_local_stack(given.local))}
    findings = stack_checks.examined(outputs, environment)
    return stack_checks.stack_checks(findings, "the local stack, on an emulator: not of AWS")


def _named(outputs: str) -> str:
    """Which stack outputs are of, by what identifies it and is no secret."""
    try:
        found = json.loads(outputs)
        return f"{found['vault_id']['value']} in {found['region']['value']}"
    except (ValueError, KeyError, TypeError):
        raise CannotHaveError("STACK is not what `terraform output -json` prints") from None


def _local_stack(local: Path) -> Facts:
    running = living_stack(StackPaths(local))
    if running is None:
        raise CannotHaveError(NO_STACK)
    return running


def _shown(local: Path, command: str) -> str:
    """What Terraform says of the local stack. It holds secrets, so it is read here and filed nowhere."""
    running = _local_stack(local)
    if not (local / "terraform").is_dir():
        raise CannotHaveError(stack_checks.NOT_APPLIED)
    account = Account(running.environment["AWS_ENDPOINT_URL"], running.environment["AWS_REGION"])
    terraform = Terraform(local, account.environment, lambda _: None)
    try:
        outputs = terraform.run("output", "-json", interactive=False)
        stack_checks.require_same(outputs, running)
        return outputs if command == "output" else terraform.run(command, "-json", interactive=False)
    except (StepError, OSError) as problem:
        raise CannotHaveError(f"Terraform does not say what is applied ({type(problem).__name__})") from None
