"""The metrics of alarms and dashboard, in CloudWatch's embedded format, in the log lines."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.sensitive import Sensitive
from chalicelib.telemetry import Telemetry, framework_logger, logger
from tests.support.faults import DYNAMODB_FAULTS, failing
from tests.support.logs import captured_lines, captured_logs
from tests.support.world import World

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
    return sum(line[name] for line in lines if name in line)


def dimensions(line: dict[str, Any], name: str) -> set[str]:
    """The names of a metric's dimensions."""
    [described] = [
        directive
        for directive in line["_aws"]["CloudWatchMetrics"]
        if name in {metric["Name"] for metric in directive["Metrics"]}
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
        ("shop", "settlement", 2),
        ("shop", "support", 1),
    ]
    for line in lines:
        assert dimensions(line, "RevealsByClient") == {"service", "tenant", "client"}


def test_the_first_request_of_a_container_is_a_cold_start(account: World, printed: Any) -> None:
    """And no later one."""
    account.tokenize(TEXT)
    lines = printed()
    assert [dimensions(line, "ColdStart") for line in lines] == [{"service", "function"}]
    assert total(lines, "ColdStart") == 1
    for _ in range(2):
        account.tokenize(TEXT)
        assert total(printed(), "ColdStart") == 0


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


def test_items_that_are_refused_within_an_answer_are_counted_by_code(account: World, printed: Any) -> None:
    """Of each route with items; neither a type nor a value is named, and without any there is none."""
    wrong = {"type": "card_number", "value": "4111111111111112"}
    made = account.tokenize(TEXT, wrong, wrong, {**TEXT, "type": "none_of_ours"}).body["results"]
    account.search(TEXT, {"type": "text_known", "value": "nobody's"})
    account.detokenize(made[0]["token"], "unknown")
    lines = printed()
    refused = {
        name: total(lines, name) for line in lines for name in line if name.startswith("ItemsRefused_")
    }
    assert refused == {
        "ItemsRefused_invalid_value": 3,
        "ItemsRefused_unknown_type": 1,
        "ItemsRefused_token_not_found": 2,
    }
    assert {frozenset(dimensions(line, name)) for line in lines for name in refused if name in line} == {
        frozenset({"service", "function"})
    }
    account.tokenize(TEXT)
    assert not [name for line in printed() for name in line if name.startswith("ItemsRefused_")]


def test_a_failing_audit_trail_is_counted(account: World, printed: Any) -> None:
    """Whether a reveal or a refusal could not be put on record."""
    token = account.tokenize(TEXT).only["token"]
    account.detokenize(token)
    assert total(printed(), "AuditFailed") == 0
    account.fault = failing("dynamodb.PutItem", DYNAMODB_FAULTS["throttled"])
    account.detokenize(token)
    account.detokenize(token, purpose="curiosity")
    assert total(printed(), "AuditFailed") == 2


def test_a_line_says_what_happened_and_counts_no_zeros(account: World, printed: Any) -> None:
    """One line: who asked for what, how it ended, and what there was to count."""
    account.tokenize(TEXT)
    printed()
    account.tokenize(TEXT)
    [line] = printed()
    always = {"level", "timestamp", "service", "function", "correlation_id", "message", "_aws"}
    about = {"method", "route", "tenant", "client", "status"}
    assert line.keys() == always | about | {"TokensMade", "DeterministicTokens", "Latency", "Requests"}
    assert line["DeterministicTokens"] == 0
    assert line["timestamp"].endswith("+00:00")


def test_a_line_names_the_trace_of_its_request(account: World) -> None:
    """As X-Ray names it, wherever Lambda's runtime says which it is."""
    trace = "Root=1-5759e988-bd86;Parent=5399;Sampled=1"
    account.telemetry = Telemetry("tokenize", {"_X_AMZN_TRACE_ID": trace})
    account.restart()
    with captured_lines() as printed:
        account.tokenize(TEXT)
        assert [line["xray_trace_id"] for line in printed()] == ["1-5759e988-bd86"]


def test_a_run_without_anything_to_count_still_says_so(account: World, printed: Any) -> None:
    """A maintenance run that finds everything done writes a line, and that no erasure waits."""
    account.maintain()
    [line] = [entry for entry in printed() if entry["message"] == "maintenance"]
    assert (line["keys_made"], line["PendingErasureAge"]) == (0, 0)
    assert "KeysMade" not in line


def test_a_line_says_nothing_of_the_request_before_it(account: World, printed: Any) -> None:
    """Its id goes with its own line, and not with what a framework or a maintenance run says later."""
    account.tokenize(TEXT)
    framework_logger().error("after it")
    account.maintain()
    lines = printed()
    assert ["correlation_id" in line for line in lines] == [True, False, False]


def test_an_odd_fact_costs_neither_the_line_nor_its_metrics(account: World, printed: Any) -> None:
    """Half of a surrogate pair is escaped; what is no fact is named by its kind, and never shown."""
    with account.telemetry.request("POST", "/\ud800", "id") as watched:
        watched.line["odd"] = Sensitive("secret")
        watched.answered(200)
    [line] = printed()
    assert (line["route"], line["odd"], line["Requests"]) == ("/\ud800", "Sensitive", 1)


def test_a_broken_output_does_not_break_the_request(account: World) -> None:
    """The line is lost; the caller gets the token."""
    with captured_logs() as stream:
        stream.close()
        assert account.tokenize(TEXT).status == 200


def test_a_level_for_the_log_takes_no_metric_away(account: World, printed: Any) -> None:
    """Somebody who wants errors only still has alarms."""
    ours, before = logger(), logger().log_level
    ours.setLevel("ERROR")
    try:
        account.tokenize(TEXT)
    finally:
        ours.setLevel(before)
    assert total(printed(), "TokensMade") == 1


def test_a_message_that_cannot_be_written_is_not_printed(
    account: World, printed: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """Python would print its arguments to standard error, which goes to the same log."""
    framework_logger().error("%s %s", "an argument")
    assert (printed(), "an argument" in capfd.readouterr().err) == ([], False)
