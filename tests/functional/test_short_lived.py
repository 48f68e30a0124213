"""Card verification codes: an hour later no copy opens, whatever was copied, and whoever asks."""

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.vault.short_lived import SHORT_LIVED, SLICE_SECONDS
from tests.support import policies
from tests.support.answers import codes
from tests.support.faults import DYNAMODB_FAULTS
from tests.support.logs import captured_logs
from tests.support.verification_codes import (
    ITEM,
    LATER,
    LIMIT,
    OF_SUBJECT,
    TYPES,
    account_of_codes,
    outcomes,
    secrets,
    tokens,
    values,
)
from tests.support.world import COMPOSITION_ROOT, TABLES, World


@pytest.fixture
def account(clock: Any) -> Iterator[World]:
    with account_of_codes() as made:
        yield made


def remove_by_ttl(account: World, now: float) -> None:
    """What DynamoDB does by itself in the subjects table, some day."""
    for item in account.items("subjects"):
        if int(item.get("ttl", {"N": str(int(now) + 1)})["N"]) <= now:
            account.dynamodb.delete_item(TableName="subjects", Key={"pk": item["pk"], "sk": item["sk"]})


@pytest.mark.parametrize("items", [[ITEM, ITEM], [OF_SUBJECT, OF_SUBJECT]], ids=["nobody's", "a subject's"])
@pytest.mark.parametrize("destroyed_by", ["maintenance", "dynamodb"])
def test_no_restored_copy_opens_after_the_hour(
    account: World, clock: Any, items: list[dict[str, Any]], destroyed_by: str
) -> None:
    """Nor would it if a thief of the copies set the clock back: the secret stands in no table any more."""
    made = tokens(account, *items)
    copies, destroyed = account.items("vault"), [bytes(item["secret"]["B"]) for item in secrets(account)]
    assert len(destroyed) == 1
    clock(LATER)
    assert values(account, *made) == [None, None], "refused at once"
    clock(-LATER)
    assert values(account, *made) == ["123", "123"], "refused by the clock alone so far"
    clock(LATER)
    if destroyed_by == "maintenance":
        account.maintain()
    else:
        remove_by_ttl(account, time.time() + LATER)
    for copy in copies:
        account.store(copy)
    assert not any(repr(secret) in repr(account.items(t)) for t in TABLES for secret in destroyed)
    assert secrets(account) == []
    account.restart()
    assert values(account, *made) == [None, None]
    assert outcomes(account) == ["expired"] * 2
    clock(-LATER)
    account.restart()
    assert account.detokenize(*made).status == 503, "by that clock, the secret has yet to come"


@pytest.mark.parametrize("into_slice", [0, 1, SLICE_SECONDS - 1])
def test_a_code_opens_until_its_own_time_is_up(
    account: World, monkeypatch: pytest.MonkeyPatch, into_slice: int
) -> None:
    """To the second, wherever in a slice it begins and ends, and however often the maintenance runs."""
    began = int(time.time()) // SLICE_SECONDS * SLICE_SECONDS + into_slice
    now = [float(began)]
    for part in COMPOSITION_ROOT:
        monkeypatch.setattr(f"chalicelib.{part}.time", SimpleNamespace(time=lambda: now[0]))
    account.restart()
    limits = [1, SLICE_SECONDS - 1, SLICE_SECONDS, SLICE_SECONDS + 1, LIMIT - 1, LIMIT]
    made = tokens(account, *[{**ITEM, "ttl_seconds": limit} for limit in limits])
    for limit in limits:
        for now[0] in (began + limit - 1, began + limit):
            account.maintain()
            left = ["123" if began + own > now[0] else None for own in limits]
            assert values(account, *made) == left, limit
    now[0] = began + LIMIT + SLICE_SECONDS
    account.maintain()
    assert secrets(account) == []


def test_a_subjects_code_needs_both_secrets(account: World) -> None:
    """Erasing the subject closes its codes at once, in every copy; other codes stay."""
    of_subject, other = tokens(account, OF_SUBJECT, ITEM)
    copies = account.items("vault")
    assert values(account, of_subject, other) == ["123", "123"]
    account.erase(subject="p1")
    for copy in copies:
        account.store(copy)
    assert values(account, of_subject, other) == [None, "123"]
    assert outcomes(account) == ["erased", "revealed"]


def test_other_values_take_no_short_lived_secret(account: World) -> None:
    """A subject's text is sealed as before, and stays after the hour."""
    text = {"type": "text", "value": "kept", "subject": "p1"}
    [token] = tokens(account, text)
    assert secrets(account) == []
    assert "short_lived_secret" not in account.stored(token)
    assert values(account, token) == ["kept"]


def test_one_secret_serves_a_slice(account: World) -> None:
    """All writers of a tenant take the same, and no two slices or tenants share one."""
    tokens(account, ITEM, ITEM)
    account.restart()
    tokens(account, ITEM, {**ITEM, "ttl_seconds": 2 * SLICE_SECONDS})
    account.tokenize(ITEM, client="intake")
    found = [item["pk"]["S"] for item in secrets(account)]
    assert found.count(f"clinic#{SHORT_LIVED}") == 1
    assert found.count(f"shop#{SHORT_LIVED}") in (2, 3), "three if a slice ended in between"


def test_two_regions_may_make_a_secret_each(account: World) -> None:
    """Replication brings both together: records of either open, and both go."""
    [here] = tokens(account, ITEM)
    [mine] = secrets(account)
    account.dynamodb.delete_item(TableName="subjects", Key={"pk": mine["pk"], "sk": mine["sk"]})
    [there] = tokens(account, ITEM)
    account.store(mine, "subjects")
    assert len(secrets(account)) == 2
    assert values(account, here, there) == ["123", "123"]


def test_codes_from_before_open_until_they_expire(account: World, clock: Any) -> None:
    """A record without a short-lived secret, of a type that asks for one now."""
    before = {**TYPES, "cvc": {"format": "text", "default_ttl_seconds": LIMIT, "max_ttl_seconds": LIMIT}}
    account.deploy(policies.document(before))
    [token] = tokens(account, ITEM)
    account.deploy(policies.document(TYPES))
    assert "short_lived_secret" not in account.stored(token)
    assert values(account, token) == ["123"]
    clock(LIMIT)
    assert values(account, token) == [None]


def test_a_replay_gets_its_tokens(account: World, clock: Any) -> None:
    """They open, in the same or in the next slice; after the hour there are none, and no new secret."""
    key = "k" * 22
    first = tokens(account, ITEM, OF_SUBJECT, idempotency_key=key)
    clock(SLICE_SECONDS)
    assert tokens(account, ITEM, OF_SUBJECT, idempotency_key=key) == first
    assert values(account, *first) == ["123", "123"]
    assert len({item["sk"]["S"][:17] for item in secrets(account)}) == 1
    clock(LATER)
    account.maintain()
    again = account.tokenize(ITEM, OF_SUBJECT, idempotency_key=key)
    assert codes(again) == ["token_not_found"] * 2
    assert secrets(account) == []


def test_facts_and_erasing_need_no_secret(account: World) -> None:
    """Facts read the record and nothing else; an erased code is gone at once."""
    [token] = tokens(account, ITEM)
    account.calls.clear()
    assert account.facts(token).body["type"] == "cvc"
    assert account.calls == ["dynamodb.Query"]
    assert account.erase(token=token).status == 204
    assert values(account, token) == [None]


def test_a_batch_of_codes_asks_once(account: World) -> None:
    """A look at the tenant's short-lived secrets before sealing, whatever their number."""
    tokens(account, ITEM)
    account.calls.clear()
    made = tokens(account, *[ITEM] * 100)
    assert account.calls == ["dynamodb.Query"] + ["dynamodb.BatchWriteItem"] * 4
    account.calls.clear()
    assert values(account, *made) == ["123"] * 100
    assert account.calls.count("dynamodb.BatchGetItem") == 3, "two of records, one of secrets"


def test_no_reference_can_be_changed(account: World) -> None:
    """Another secret of the tenant, another type of attribute or none: corrupt, and not merely gone."""
    [token, other] = tokens(account, ITEM, {**ITEM, "ttl_seconds": 2 * SLICE_SECONDS})
    stored, another = account.stored(token), account.stored(other)["short_lived_secret"]
    without = {name: value for name, value in stored.items() if name != "short_lived_secret"}
    changed = [{**stored, "short_lived_secret": value} for value in (another, {"S": "x"}, {"N": "1"})]
    for item in (without, *changed):
        account.store(item)
        assert codes(account.detokenize(token)) == ["record_corrupt"]
    account.store(stored)
    assert values(account, token) == ["123"]


def test_what_can_never_open_is_not_waited_for(account: World) -> None:
    """One of a record's two secrets is spoiled, the other has not arrived: corrupt, either way round."""
    [token] = tokens(account, OF_SUBJECT)
    both = [item for item in account.items("subjects") if item["sk"]["S"].startswith("secret#")]
    assert len(both) == 2
    for spoilt, missing in (both, both[::-1]):
        account.store({**spoilt, "secret": {"B": b"short"}}, "subjects")
        account.dynamodb.delete_item(TableName="subjects", Key={"pk": missing["pk"], "sk": missing["sk"]})
        assert codes(account.detokenize(token)) == ["record_corrupt"]
        account.store(spoilt, "subjects")
        account.store(missing, "subjects")
    assert values(account, token) == ["123"]


def test_a_spoiled_secret_is_left_aside(account: World, clock: Any) -> None:
    """Its records are corrupt; what comes gets another secret, and both are destroyed in time."""
    [token] = tokens(account, ITEM)
    [spoilt] = secrets(account)
    account.store({**spoilt, "secret": {"B": b"short"}}, "subjects")
    assert codes(account.detokenize(token)) == ["record_corrupt"]
    assert values(account, *tokens(account, ITEM)) == ["123"]
    clock(LATER)
    account.maintain()
    assert secrets(account) == []


def test_a_marker_over_the_secrets_closes_the_type_and_keeps_nothing(account: World, clock: Any) -> None:
    """Whoever writes one gets no dead tokens given out, and keeps no secret from being destroyed."""
    tokens(account, ITEM)
    marker = {"pk": {"S": f"shop#{SHORT_LIVED}"}, "sk": {"S": "erased"}, "at": {"N": "1"}}
    account.store(marker, "subjects")
    answer = account.tokenize(ITEM, {"type": "text", "value": "x"})
    assert codes(answer) == ["record_corrupt", None]
    clock(LATER)
    account.maintain()
    assert secrets(account) == [marker]


def test_no_caller_reaches_the_secrets(account: World) -> None:
    """Their place is no subject's: neither to take a value in under it, nor to erase it."""
    assert codes(account.tokenize({**ITEM, "subject": SHORT_LIVED})) == ["invalid_value"]
    [token] = tokens(account, ITEM)
    assert account.erase(subject=SHORT_LIVED).status == 422
    assert values(account, token) == ["123"]


def test_a_store_that_does_not_answer_takes_no_code(account: World) -> None:
    """Without the secret nothing is written; the same request may be sent again."""

    def fail(name: str, given: dict[str, Any]) -> Exception | None:
        return DYNAMODB_FAULTS["throttled"] if given.get("TableName") == "subjects" else None

    account.fault = fail
    assert account.tokenize(ITEM).status == 503
    account.fault = None
    assert account.items("vault") == []
    assert values(account, *tokens(account, ITEM)) == ["123"]


def test_the_roles_for_persons_suffice(account: World, clock: Any) -> None:
    """The tokenizing function adds and reads, in a tenant's partition; the revealing one reads; the
    maintenance function lists and deletes. So they may in `terraform/modules/functions/main.tf`."""
    made: set[tuple[str, bool]] = set()

    def note(call: str, given: dict[str, Any]) -> None:
        if "subjects" in (given.get("TableName"), *given.get("RequestItems", {})):
            made.add((call.removeprefix("dynamodb."), repr(f"shop#{SHORT_LIVED}") in repr(given)))

    account.fault = note
    [token] = tokens(account, ITEM)
    assert made == {("Query", True), ("PutItem", True)}
    made.clear()
    values(account, token)
    assert made == {("BatchGetItem", True)}
    made.clear()
    clock(LATER)
    account.maintain()
    assert {call for call, _ in made} == {"Query", "DeleteItem"}


def test_no_log_has_a_secret(account: World, clock: Any) -> None:
    """Made, used, missed and destroyed, at every level of every logger."""
    with captured_logs() as logs:
        [token] = tokens(account, OF_SUBJECT)
        made = [bytes(item["secret"]["B"]) for item in account.items("subjects")]
        values(account, token)
        clock(LATER)
        account.maintain()
        values(account, token)
        said = logs.getvalue()
    assert len(made) == 2
    assert not [secret for secret in made if secret.hex() in said or repr(secret) in said]
