"""The log groups: there, encrypted, and kept as long as the stack says."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tokenvault_client.doctor.asking import AwsClients, Problem, judged
from tokenvault_client.doctor.findings import Finding
from tokenvault_client.doctor.outputs import Outputs


def check(clients: AwsClients, stack: Outputs) -> Iterator[Finding]:
    """Each log group of the stack."""
    logs, days = clients("logs"), stack.log_retention_days
    for name, group in stack.log_groups.items():
        ask = partial(logs.describe_log_groups, logGroupNamePrefix=group)
        holds = f"encrypted, kept for {days} days"
        yield judged(f"log group {name}", holds, ask, group_problem(group, days))


def group_problem(group: str, days: int) -> Problem:
    """What is wrong with a log group, among those whose names begin as its own does."""

    def problem(answer: Any) -> str | None:
        found = [one for one in answer["logGroups"] if one["logGroupName"] == group]
        if not found:
            return "there is none of this name"
        kept = found[0].get("retentionInDays")
        wrong = [
            "not encrypted with a KMS key" if not found[0].get("kmsKeyId") else None,
            f"kept {'for ever' if kept is None else f'for {kept} days'}, not for {days}"
            if kept != days
            else None,
        ]
        return "; ".join(filter(None, wrong)) or None

    return problem
