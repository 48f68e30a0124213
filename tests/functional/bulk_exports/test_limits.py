"""What an export waits for, and what ends it."""

from typing import Any

import pytest
from tokenvault_client.errors import (
    ConfigurationError,
    Conflict,
    InvalidRequest,
    NotPermitted,
    Throttled,
    Unavailable,
)

from bulklib.errors import Failed, NotExportable, Refused, translated
from chalicelib.service import exporter
from tests.functional.bulk_exports.over_s3 import VALUES, seconds, values
from tests.support import policies
from tests.support.bulk_exports import BulkExports, said
from tests.support.exports import ask, pem


def test_the_budget_of_an_hour(made: BulkExports) -> None:
    """Is waited for by the state machine: the run ends, with what it carried stored, and says how long."""
    written = policies.exporting()
    written["tenants"]["shop"]["clients"]["mover"]["reveals_per_hour"] = 10
    for item in made.account.items("budgets"):
        key = {name: item[name] for name in ("pk", "sk")}
        made.account.dynamodb.delete_item(TableName="budgets", Key=key)
    made.account.deploy(written)
    job = made.begin()
    carried = made.run(job, 1)
    assert (carried.done, 0 < carried.wait <= 3600, carried.tokens > 0) == (False, True, True)
    assert made.run(job, 1).pages == 0
    made.account.deploy(policies.exporting())
    made.carry(job)
    assert values(made.opened(job)) == VALUES


@pytest.mark.parametrize("more", [{"retry_after": 86400}, {}], ids=["a day", "no time"])
def test_a_quota_of_a_day_is_not_waited_for(made: BulkExports, more: dict[str, int]) -> None:
    """Nor is a budget that says no time."""
    job = made.begin()
    made.giving.fault = lambda number, event: said(429, "budget_exceeded", **more)
    with pytest.raises(Throttled):
        made.run(job, 1)


@pytest.mark.parametrize(("more", "kind"), [({"retry_after": 86400}, Failed), ({}, Refused)])
def test_a_budget_that_never_has_so_much_ends_the_execution(
    made: BulkExports, more: dict[str, int], kind: type[Exception]
) -> None:
    """Somebody has to raise it: the state machine does not try again what cannot pass by itself."""
    job = made.begin()
    made.giving.fault = lambda number, event: said(429, "budget_exceeded", **more)
    with pytest.raises(kind, match="budget_exceeded"), translated():
        made.run(job, 1)


def test_a_vault_that_is_away_for_a_while(made: BulkExports) -> None:
    """Is asked again, less and less often; then the step fails, and nothing that was carried is lost."""
    job = made.begin()
    made.giving.fault = lambda number, event: said(503, "store_unavailable") if number in (3, 4) else None
    made.carry(job, 1)
    assert made.slept == [1.0, 2.0]
    made.giving.fault = lambda number, event: said(503, "store_unavailable")
    with pytest.raises(Unavailable):
        made.run(job, 2)
    made.giving.fault = lambda number, event: None
    made.carry(job)
    assert values(made.opened(job)) == VALUES


def test_a_policy_that_loses_the_client_half_way(made: BulkExports) -> None:
    """No page more; once it is mended, the same execution goes on where it was."""
    job = made.begin()
    carried = made.run(job, 1, seconds(3)).pages
    written = policies.exporting()
    written["tenants"]["shop"]["clients"]["mover"]["actions"] = ["read"]
    made.account.deploy(written)
    with pytest.raises(NotPermitted):
        made.run(job, 1)
    made.account.deploy(policies.exporting())
    made.carry(job)
    assert carried == 3
    assert values(made.opened(job)) == VALUES


def test_an_export_has_its_time(made: BulkExports, clock: Any) -> None:
    """After seven days the vault gives no page more, and says what to do."""
    made.account.restart()
    job = made.begin()
    made.run(job, 1, seconds(2))
    clock(exporter.VALID_SECONDS + 1)
    with pytest.raises(InvalidRequest, match="begin it anew"):
        made.run(job, 1)


def test_an_approval(made: BulkExports) -> None:
    """Where the policy wants one: missing, it is said; given, it is used up, and good for nothing more."""
    made.account.deploy(policies.exporting(approval={}))
    with pytest.raises(NotPermitted, match="a second person"):
        made.begin()
    approval = str(ask(made.account).body["approval"])
    with pytest.raises(Conflict, match="approval"):
        made.begin(approval=approval)
    made.account.decide(approval)
    job = made.begin(approval=approval)
    with pytest.raises(Conflict, match="approval"):
        made.begin(approval=approval)
    made.carry(job)
    assert values(made.opened(job)) == VALUES


def test_an_empty_vault(made: BulkExports) -> None:
    """One that has nothing of these types: files with no value, and a manifest that says so."""
    job = made.begin(types=["card_number"])
    made.carry(job)
    assert made.steps.finish(job)["tokens"] == 0
    assert made.opened(job) == []


def test_no_manifest_while_a_part_is_missing(made: BulkExports) -> None:
    """Nor if a file is not its part's."""
    job = made.begin()
    made.carry(job, 1)
    with pytest.raises(NotExportable, match="part 2 of 2 is missing; begin another export"):
        made.steps.finish(job)
    first = made.s3.head_object(Bucket=made.bucket, Key=job.file(1))["Metadata"]
    for content in (made.get(job.file(1)), b"", b"{}\n", b"some text"):
        made.s3.put_object(Bucket=made.bucket, Key=job.file(2), Body=content, Metadata=first)
        with pytest.raises(NotExportable, match="receipt"):
            made.steps.finish(job)
    assert job.manifest not in made.stored()


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"recipient": "some text"}, "no P-256 public key"),
        ({"recipient": pem().replace("PUBLIC", "PRIVATE")}, "private key"),
        ({"recipient": 1}, "input: recipient: a text is needed"),
        ({"purpose": None}, "input: purpose: a text is needed"),
        ({"parts": 3}, "input: parts: one of 1, 2, 4, 8, 16"),
        ({"parts": True}, "input: parts: one of 1, 2, 4, 8, 16"),
        ({"key": "in/x"}, "input: an object with no other fields than"),
        ({"types": ["nothing"]}, "not_permitted"),
        ({"types": "text"}, "invalid_request"),
        ({"purpose": "settlement"}, "not_permitted"),
    ],
)
def test_an_input_that_is_none(made: BulkExports, changed: dict[str, Any], text: str) -> None:
    """Is refused with the field at fault, and leaves nothing in the bucket."""
    with pytest.raises((NotExportable, ConfigurationError, NotPermitted, InvalidRequest), match=text):
        made.begin(**changed)
    assert made.stored() == []
