"""The checks of a stack: what `tokenvault doctor` finds, of one that is deployed or of the local one."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from local.facts import Facts
from tests.support.evidence.part import CannotHaveError, Part, State, Table
from tests.support.evidence.requirements import ROOT

NAME: Final = "stack-checks"
TITLE: Final = "Checks of the stack"
DOCTOR: Final = ("-m", "tokenvault_client", "doctor", "--json", "--stack", "-")
NOT_APPLIED: Final = "the stack that is up is `make dev`, which Terraform knows nothing of"
ENDED: Final = (0, 1, 7)
"""All well, a check failed, some could not be made; anything else is no answer."""


def reaching(local: Facts) -> dict[str, str]:
    """The environment that leads to the local stack, as its first client that tokenizes, if it has one."""
    client = next((known for known in local.clients if "vault/tokenize" in known["scopes"]), {})
    credentials = [name for name in ("client_id", "client_secret", "api_key") if name in client]
    return {**local.environment, **{f"TOKENVAULT_{name.upper()}": client[name] for name in credentials}}


def require_same(outputs: str, local: Facts) -> None:
    """Raises `CannotHaveError` unless the outputs are of the stack that is up: `make dev` has none, and a
    state of an earlier `make up` may lie beside it."""
    applied = {client["client_id"] for client in json.loads(outputs).get("clients", {}).get("value", [])}
    # A client that people sign in to has no secret to hand out, and so no output.
    services = {client["client_id"] for client in local.clients if "client_secret" in client}
    if not applied or applied != services:
        raise CannotHaveError(NOT_APPLIED)


def examined(outputs: str, environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the doctor finds. `outputs` hold client secrets: they go to its standard input and nowhere else.

    Raises `CannotHaveError` with what it says when it cannot look at all.
    """
    done = subprocess.run(
        [sys.executable, *DOCTOR],
        input=outputs,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT / "clients/python/src")},
        check=False,
    )
    if done.returncode not in ENDED:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise CannotHaveError(f"tokenvault doctor ended with {done.returncode}: {said}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [line["finding"] for line in lines if "finding" in line]


def stack_checks(findings: list[dict[str, Any]], source: str) -> Part:
    """The part: failed if a check failed, and passed only if every check was made.

    Raises `CannotHaveError` if none was.
    """
    if not findings:
        raise CannotHaveError("tokenvault doctor made no check")
    counts = Counter(finding["state"] for finding in findings)
    state: State = (
        "failed" if counts["failed"] else "incomplete" if counts["ok"] < len(findings) else "passed"
    )
    said = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
    return Part(
        NAME,
        TITLE,
        state,
        f"{said}; of {source}",
        {"source": source, "findings": findings},
        [
            Table(
                "What `tokenvault doctor` found",
                ["check", "state", "what was seen"],
                [[f["check"], f["state"].replace("_", " "), f["detail"]] for f in findings],
            )
        ],
        [f"{f['check']}: {f['detail']}" for f in findings if f["state"] == "not_checked"],
    )
