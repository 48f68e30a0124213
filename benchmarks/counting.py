"""Counting what one request asks of AWS: calls, units, and from these its price."""

from typing import Any, Final

from benchmarks import prices
from benchmarks.aws.session import StubbedAws
from benchmarks.measuring import Case

REQUESTS: Final = 3
"""Requests that are counted; each asks for the same, and a remainder would show."""


def counted(aws: StubbedAws, case: Case, cpu_seconds: float) -> dict[str, Any]:
    """Calls by name, units and dollars of one case; `cpu_seconds` are those of one operation."""
    events = [case.event() for _ in range(REQUESTS)]
    before = _totals(aws)
    for event in events:
        case.check(case.run(event))
    calls, written, read = (after - first for after, first in zip(_totals(aws), before, strict=True))
    operations = REQUESTS * case.operations
    kms = sum(count for name, count in calls.items() if name.startswith("kms."))
    use = prices.Use(
        operations=case.operations,
        cpu_seconds=cpu_seconds * case.operations,
        wait_seconds=sum(prices.WAIT_SECONDS[service] * times for service, times in case.waits),
        write_units=written.total() / REQUESTS,
        read_units=read.total() / REQUESTS,
        kms_requests=kms / REQUESTS,
    )
    return {
        "calls_per_request": {name: count / REQUESTS for name, count in sorted(calls.items())},
        "waits_in_a_row": sum(times for _, times in case.waits),
        "kms_per_1000": 1000 * kms / operations,
        "dynamodb_per_1000": 1000 * (calls.total() - kms) / operations,
        "write_units_per_1000": 1000 * written.total() / operations,
        "read_units_per_1000": 1000 * read.total() / operations,
        "dollars_per_million": prices.per_million(use),
    }


def _totals(aws: StubbedAws) -> tuple[Any, Any, Any]:
    return aws.calls.copy(), aws.dynamodb.write_units.copy(), aws.dynamodb.read_units.copy()
