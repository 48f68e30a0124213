"""The tables: encrypted with our key, protected, and restorable where that undoes no erasure."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from tokenvault_client.doctor.asking import AwsClients, Problem, judged
from tokenvault_client.doctor.findings import Finding
from tokenvault_client.doctor.outputs import Outputs

RESTORABLE: Final = {"vault": True, "keys": True, "policy": True, "audit": True, "subjects": False}
"""Where point-in-time recovery has to be on, and where a copy would bring an erased person's secret back.

What lasts a day only (idempotency, budgets) may have it or not."""


def check(clients: AwsClients, stack: Outputs) -> Iterator[Finding]:
    """Encryption, deletion protection and point-in-time recovery of each table."""
    dynamodb = clients("dynamodb")
    protected = "on" if stack.deletion_protection else "off, as the stack has it"
    for name, table in stack.tables.items():
        described = partial(dynamodb.describe_table, TableName=table)
        key = stack.key_arns["tables"]
        yield judged(f"table {name}: encryption", "with the key tables", described, encryption_problem(key))
        expected = protection_problem(wanted=stack.deletion_protection)
        yield judged(f"table {name}: deletion protection", protected, described, expected)
        if name in RESTORABLE:
            yield _recovery(partial(dynamodb.describe_continuous_backups, TableName=table), name)


def _recovery(ask: Callable[[], Any], name: str) -> Finding:
    wanted = RESTORABLE[name]
    holds = "on" if wanted else "off, as it must be"
    return judged(f"table {name}: point-in-time recovery", holds, ask, recovery_problem(wanted=wanted))


def encryption_problem(key_arn: str) -> Problem:
    """Whether a table that DynamoDB describes is encrypted with another key, or with none of ours."""

    def problem(answer: Any) -> str | None:
        encryption = answer["Table"].get("SSEDescription", {})
        if encryption.get("Status") != "ENABLED":
            return "not encrypted with a key of ours"
        return None if encryption.get("KMSMasterKeyArn") == key_arn else "encrypted with another key"

    return problem


def protection_problem(*, wanted: bool) -> Problem:
    """Whether deletion protection is not as the stack has it."""

    def problem(answer: Any) -> str | None:
        if bool(answer["Table"].get("DeletionProtectionEnabled")) is wanted:
            return None
        return "off, while the stack has it on" if wanted else "on, while the stack has it off"

    return problem


def recovery_problem(*, wanted: bool) -> Problem:
    """Whether point-in-time recovery is off where it should be on, or the reverse."""

    def problem(answer: Any) -> str | None:
        recovery = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        if (recovery.get("PointInTimeRecoveryStatus") == "ENABLED") is wanted:
            return None
        return "off" if wanted else "on: a copy would bring the secrets of erased persons back"

    return problem
