"""Somebody else's evaluator of IAM, `@cloud-copilot/iam-simulate`, in a process of its own."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FILES = ("package.json", "package-lock.json", "simulate.js")
ACCOUNT = "123456789012"

ENCRYPTION_CONTEXT = "kms:EncryptionContext:"
IN_ITS_PLACE = "aws:RequestTag/encryption-context-"
"""The evaluator sets aside a condition key with a variable part behind a colon, and so denies. The same
condition on a key that it knows is decided alike, so both the policies and the requests are written over
it."""

Context = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Request:
    """Who asks for what, of what, with which condition keys. What services ask for it is not `direct`."""

    principal: str
    action: str
    resource: str
    context: Context = field(default_factory=dict)
    direct: bool = True

    def __str__(self) -> str:
        said = "".join(
            f" {key.removeprefix(ENCRYPTION_CONTEXT)}={value}" for key, value in self.context.items()
        )
        return f"{self.principal.rpartition('/')[2]} {self.action} {self.resource}{said}"


@dataclass(frozen=True)
class Policies:
    """What bears on a request: identity policies by name, the resource's policy, that of the endpoint."""

    identity: Mapping[str, Any]
    resource: Any = None
    endpoint: Any = None


@dataclass(frozen=True)
class Decision:
    """Whether it is allowed, and the statements that said so, such as `resource: TheReaderReads`."""

    allowed: bool
    by: tuple[str, ...]


class Simulator:
    """Decides requests. Make it with `installed`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def decide(self, asked: Sequence[tuple[Request, Policies]]) -> list[Decision]:
        """One decision for each request, in order. Raises `ValueError` for what the evaluator does not
        understand."""
        command = ["node", str(self._folder / "simulate.js")]
        text = json.dumps([_simulation(request, policies) for request, policies in asked])
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ValueError(f"the evaluator failed: {done.stderr[-2000:]}")
        answers = list(zip((request for request, _ in asked), json.loads(done.stdout), strict=True))
        problems = [problem for request, answer in answers if (problem := _problem(request, answer))]
        if problems:
            raise ValueError("\n".join(problems))
        return [_decision(answer) for _, answer in answers]


def installed(folder: Path) -> Simulator | None:
    """The evaluator, installed into `folder` once. None without Node.js; raises if installing fails."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker of the suite may be at it
        if not _is_installed(folder):
            _install(folder)
    return Simulator(folder)


def _is_installed(folder: Path) -> bool:
    """npm writes its list of what lies in `node_modules` last."""
    done = (folder / "node_modules" / ".package-lock.json").exists()
    return done and all(_same(HERE / name, folder / name) for name in FILES)


def _install(folder: Path) -> None:
    for name in FILES:
        shutil.copy(HERE / name, folder / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=os.environ)


def _same(wanted: Path, there: Path) -> bool:
    return there.exists() and wanted.read_bytes() == there.read_bytes()


def _simulation(request: Request, policies: Policies) -> dict[str, Any]:
    context = {"aws:PrincipalArn": request.principal, "aws:SecureTransport": "true", **request.context}
    simulation = {
        "request": {
            "principal": request.principal,
            "action": request.action,
            "resource": {"resource": request.resource, "accountId": ACCOUNT},
            "contextVariables": context,
        },
        "identityPolicies": [{"name": name, "policy": policy} for name, policy in policies.identity.items()],
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
    }
    if policies.resource is not None:
        simulation["resourcePolicy"] = policies.resource
    if policies.endpoint is not None:
        simulation["vpcEndpointPolicies"] = [{"name": "endpoint", "policy": policies.endpoint}]
    written: dict[str, Any] = json.loads(json.dumps(simulation).replace(ENCRYPTION_CONTEXT, IN_ITS_PLACE))
    return written


def _problem(request: Request, answer: Any) -> str | None:
    """Why an answer is none: a request that is not understood, or a condition that was not looked at."""
    if answer["result"] == "Error":
        return f"{request}: {json.dumps(answer['errors'])[:1000]}"
    if answer["result"] != "Allowed" and set(answer["ignored"]) - UNUSED:
        return f"{request}: the evaluator sets aside {answer['ignored']}"
    return None


def _decision(answer: Any) -> Decision:
    allowed = answer["result"] == "Allowed"
    return Decision(allowed, tuple(answer["allow"] if allowed else answer["deny"]))


UNUSED = {"dynamodb:LeadingKeys"}
"""Condition keys that are given for actions which have no use for them (a Scan names no partition). Any other
that is set aside could be why a request is denied, and is an error of the test."""
