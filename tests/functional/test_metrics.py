"""The metrics of alarms and dashboard, in CloudWatch's embedded format, in the log lines."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.telemetry import Telemetry
from tests.functional.test_faults import failing
from tests.support.faults import DYNAMODB_FAULTS
from tests.support.world import World, captured_lines

TEXT = {"type": "text", "value": "x"}


@pytest.fixture
def printed(account: World) -> Iterator[Any]:
    """What was logged since the last look, parsed."""
    account.telemetry = Telemetry("reveal")
    account.restart()
    with captured_lines() as lines:
        yield lines


def total(lines: list[dict[str, Any]], name: str) -> float:
    """The sum of a metric over all lines that state it with the dimensions of its kind."""
    return sum(sum(line[name]) for line in lines if name in line)


def dimensions(line: dict[str, Any], name: str) -> set[str]:
    """The names of a metric's dimensions."""
    [described] = [
        one
        for one in line["_aws"]["CloudWatchMetrics"]
        if name in {metric["Name"] for metric in one["Metrics"]}
    ]
    assert described["Namespace"] == "Tokenvault"
    [names] = described["Dimensions"]
    assert set(names) <= set(line), "CloudWatch takes no metric whose dimensions the line does not have"
    return set(names)


def test_reveals_are_counted_by_client(account: World, printed: Any) -> None:
    """By the policy's names of tenant and client, and by nothing that a caller sent."""
    tokens = [account.tokenize(TEXT).only["token"] for _ in range(2)]
    printed()
    account.detokenize(*tokens, "unknown")
    account.masked(tokens[0])
    lines = [line for line in printed() if "RevealsByClient" in line]
    assert [(line["tenant"], line["client"], line["RevealsByClient"]) for line in lines] == [
        ("shop", "settlement", [2.0]),
        ("shop", "support", [1.0]),
    ]
    for line in lines:
        assert dimensions(line, "RevealsByClient") == {"service", "tenant", "client"}


def test_the_first_request_of_a_container_is_a_cold_start(account: World, printed: Any) -> None:
    """And no later one."""
    for expected in (1, 0, 0):
        account.tokenize(TEXT)
        lines = printed()
        assert total(lines, "ColdStart") == expected
        assert [dimensions(line, "ColdStart") for line in lines] == [{"service", "function"}]


def test_forbidden_reveals_are_counted_apart(account: World, printed: Any) -> None:
    """A client, a purpose or a scope that may not: one each; a token that is not there: none."""
    token = account.tokenize(TEXT).only["token"]
    printed()
    account.detokenize(token, client="checkout")
    account.detokenize(token, purpose="curiosity")
    account.detokenize(token, scopes=("read",))
    account.tokenize(TEXT, client="support")
    assert total(printed(), "RevealsForbidden") == 3
    account.detokenize("unknown")
    lines = printed()
    assert (total(lines, "RevealsForbidden"), total(lines, "RevealsRefused")) == (0, 1)


def test_a_failing_audit_trail_is_counted(account: World, printed: Any) -> None:
    """Whether a reveal or a refusal could not be put on record."""
    token = account.tokenize(TEXT).only["token"]
    account.detokenize(token)
    assert total(printed(), "AuditFailed") == 0
    account.fault = failing("dynamodb.PutItem", DYNAMODB_FAULTS["throttled"])
    account.detokenize(token)
    account.detokenize(token, purpose="curiosity")
    assert total(printed(), "AuditFailed") == 2
