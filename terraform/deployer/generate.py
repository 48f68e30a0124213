"""Writes the least policies of the pipeline's roles, from the calls that the provider makes for each type of
resource.

    python terraform/deployer/generate.py

`terraform/bootstrap/policies` holds what comes of it: one list of policies for planning, another for what
applying needs besides. A policy is as long as IAM lets it be.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

from actions import action  # noqa: E402  # a script's folder, not a package
from besides import BESIDES, READING, Need  # noqa: E402
from scopes import SCOPES, scopes_of  # noqa: E402

POLICIES: Final = FOLDER.parent / "bootstrap" / "policies"

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: characters of a managed policy,
# blanks not counted, and how many of them a role may have unless AWS raises it.
CHARACTERS: Final = 6144
ATTACHED: Final = 10
LONGEST: Final = {"partition": "aws-us-gov", "account": "1" * 12, "name": "n" * 21}

Calls = dict[str, dict[str, list[str]]]
Grant = tuple[str, str]
"""An action and the name of its scope."""


def grants(calls: Iterable[str]) -> Iterator[Grant]:
    """What calls need."""
    for needed in map(action, calls):
        if needed is not None:
            yield from ((needed, scope) for scope in scopes_of(needed))


def planned(calls: Calls, types: Iterable[str]) -> set[Grant]:
    """What a plan of these types needs. Raises `LookupError` for a type that nothing was recorded of."""
    return set(_found(calls, types, "read", READING))


def applied(calls: Calls, types: Iterable[str]) -> set[Grant]:
    """What an apply of these types needs."""
    return set(_found(calls, types, "write", BESIDES)) | planned(calls, types)


def _found(
    calls: Calls, types: Iterable[str], phase: str, besides: Mapping[str, tuple[Need, ...]]
) -> Iterator[Grant]:
    for kind in types:
        yield from grants(_recorded(calls, kind).get(phase, []))
        for need in besides.get(kind, ()):
            for name in need.actions:
                yield from ((name, scope) for scope in ((need.scope,) if need.scope else scopes_of(name)))


def _recorded(calls: Calls, kind: str) -> dict[str, list[str]]:
    if kind not in calls:
        raise LookupError(f"calls.json has nothing of {kind}: run terraform/deployer/record.py")
    return calls[kind]


def statements(wanted: set[Grant]) -> Iterator[dict[str, Any]]:
    """A statement for each scope, the actions sorted."""
    for name in sorted({scope for _, scope in wanted}):
        scope = SCOPES[name]
        statement: dict[str, Any] = {
            "Sid": "".join(word.capitalize() for word in name.split("_")),
            "Effect": "Allow",
            "Action": sorted(action for action, of in wanted if of == name),
            "Resource": list(scope.resources),
        }
        if scope.condition:
            statement["Condition"] = scope.condition
        yield statement


def policies(wanted: set[Grant]) -> list[dict[str, Any]]:
    """The statements in as few policies as their order allows, none longer than IAM lets it be."""
    documents: list[dict[str, Any]] = []
    for statement in statements(wanted):
        longer = (
            {**documents[-1], "Statement": [*documents[-1]["Statement"], statement]} if documents else None
        )
        if longer is not None and length(longer) <= CHARACTERS:
            documents[-1] = longer
        else:
            documents.append({"Version": "2012-10-17", "Statement": [statement]})
    return documents


def length(document: dict[str, Any]) -> int:
    """Characters of a policy with the longest names filled in, as IAM counts them."""
    text = json.dumps(document, separators=(",", ":"))
    for name, value in LONGEST.items():
        text = text.replace(f"${{{name}}}", value)
    return len(text)


def generated() -> dict[str, str]:
    """Names of files, and what stands in them."""
    calls: Calls = json.loads((FOLDER / "calls.json").read_text())
    plan = planned(calls, calls)
    documents = {"plan": policies(plan), "apply": policies(applied(calls, calls) - plan)}
    if sum(map(len, documents.values())) > ATTACHED - 1:
        raise ValueError("more policies than a role may have: make scopes wider, or split the role")
    return {
        f"{role}-{number}.json": json.dumps(document, indent=1) + "\n"
        for role, found in documents.items()
        for number, document in enumerate(found, start=1)
    }


def main() -> int:
    """Writes the files anew, and takes away those that are not needed any more."""
    POLICIES.mkdir(exist_ok=True)
    files = generated()
    for old in POLICIES.glob("*.json"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (POLICIES / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
