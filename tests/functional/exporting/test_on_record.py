"""Each token of an export is on record, and counts as a reveal does."""

import pytest

from tests.support import policies
from tests.support.answers import problem
from tests.support.exports import (
    begun,
    events,
    exported,
    opened,
    outcomes,
    texts,
)
from tests.support.logs import captured_lines
from tests.support.receipts import verify
from tests.support.world import World


def test_every_token_is_on_record(account: World, small_pages: None) -> None:
    """With the export, the recipient and the purpose; so is its beginning."""
    made = texts(account, 9)
    carried = begun(account)
    carried.finish()
    seen = [entry for event in events(account, "export") for entry in outcomes(event)]
    assert sorted(seen) == sorted((token, "revealed") for token in made)
    [beginning] = events(account, "export.begin")
    claims = verify(account, carried.opening)
    for event in (beginning, *events(account, "export")):
        assert event["export"]["S"] == claims["export_id"]
        assert event["recipient"]["S"] == claims["recipient_sha256"]
        assert event["purpose"]["S"] == "moving"


def test_a_canary_raises_its_alarm(account: World) -> None:
    """It is given like any other token, and stands in the event."""
    canary, other = texts(account, 2)
    written = policies.exporting()
    written["tenants"]["shop"]["canaries"] = [canary]
    account.deploy(written)
    with captured_lines() as lines:
        assert set(exported(account)) == {canary, other}
        assert sum(line.get("CanaryRevealed", 0) for line in lines()) == 1
    [named] = [event for event in events(account, "export") if "canaries" in event]
    assert [entry["S"] for entry in named["canaries"]["L"]] == [canary]


@pytest.mark.parametrize(("limit", "hours"), [(1, 9), (3, 6), (4, 4)])
def test_a_budget_that_is_smaller_than_a_page(
    account: World, small_pages: None, limit: int, hours: int
) -> None:
    """Pages are no larger than it: each hour gives some tokens more, until all of them are there."""
    made = texts(account, 9)
    written = policies.exporting()
    written["tenants"]["shop"]["clients"]["mover"]["reveals_per_hour"] = limit
    account.deploy(written)
    carried, given, refused = begun(account), 0, 0
    while carried.cursor is not None:
        answer = carried.step()
        if answer.status == 200:
            assert answer.body["tokens"] - given <= limit
            given = answer.body["tokens"]
            continue
        problem(answer, 429, "budget_exceeded")
        assert 1 <= answer.body["retry_after"] <= 3600
        refused += 1
        assert refused < hours, "an hour passed that gave nothing"
        for item in account.items("budgets"):
            key = {name: item[name] for name in ("pk", "sk")}
            account.dynamodb.delete_item(TableName="budgets", Key=key)
    assert sorted(entry["token"] for entry in opened(account, carried.lines)) == sorted(made)


def test_a_budget_of_reveals_holds(account: World, small_pages: None) -> None:
    """A page that is more than the hour has left is refused, on record, and may be asked for again later."""
    texts(account, 9)
    written = policies.exporting()
    written["tenants"]["shop"]["clients"]["mover"]["reveals_per_hour"] = 5
    account.deploy(written)
    carried = begun(account)
    answers = []
    while not answers or answers[-1].status == 200:
        answers.append(carried.step())
    problem(answers[-1], 429, "budget_exceeded")
    assert events(account, "export")[-1]["refusal"]["S"] == "budget_exceeded"
    account.deploy(policies.exporting())
    assert len(opened(account, carried.finish())) == 9
