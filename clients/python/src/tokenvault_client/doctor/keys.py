"""The KMS keys: in use as they were made, and open to nobody by their policies."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from tokenvault_client.doctor.asking import AwsClients, judged
from tokenvault_client.doctor.findings import Finding
from tokenvault_client.doctor.outputs import Outputs

ROTATING: Final = frozenset({"vault", "index", "audit", "tables"})
"""Only symmetric keys rotate by themselves.
https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html"""


def check(clients: AwsClients, stack: Outputs) -> Iterator[Finding]:
    """State, rotation and policy of each key."""
    kms = clients("kms")
    for name, arn in stack.key_arns.items():
        yield judged(
            f"key {name}: in use",
            "enabled, multi-Region",
            partial(kms.describe_key, KeyId=arn),
            state_problem,
        )
        if name in ROTATING:
            rotation = partial(kms.get_key_rotation_status, KeyId=arn)
            yield judged(f"key {name}: rotation", "on", rotation, rotation_problem)
        policy = partial(kms.get_key_policy, KeyId=arn, PolicyName="default")
        yield judged(f"key {name}: policy", "lets nobody in unnamed", policy, policy_problem)


def state_problem(answer: Any) -> str | None:
    """What is wrong with a key that KMS describes."""
    described = answer["KeyMetadata"]
    if described["KeyState"] != "Enabled":
        return f"its state is {described['KeyState']}"
    return None if described.get("MultiRegion") else "it is a key of one Region, which cannot be replicated"


def rotation_problem(answer: Any) -> str | None:
    """Whether KMS makes no new key material by itself."""
    return None if answer["KeyRotationEnabled"] else "off: KMS makes no new key material by itself"


def policy_problem(answer: Any) -> str | None:
    """Whether a statement allows something to everybody, without a condition."""
    statements = json.loads(answer["Policy"])["Statement"]
    open_ones = [
        str(statement.get("Sid", "without a Sid"))
        for statement in (statements if isinstance(statements, list) else [statements])
        if statement["Effect"] == "Allow" and not statement.get("Condition") and _everybody(statement)
    ]
    return f"allows everybody, without a condition: {', '.join(open_ones)}" if open_ones else None


def _everybody(statement: Any) -> bool:
    """Whether a statement is for the principal `*`, or for all but some (`NotPrincipal`).

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    principal = statement.get("Principal")
    named = principal.get("AWS", []) if isinstance(principal, dict) else principal
    return "NotPrincipal" in statement or "*" in (named if isinstance(named, list) else [named])
