"""Runs that are refused, and records of which a run says that they failed."""

import json
from typing import Any

import pytest

from chalicelib.errors import InvalidRequest, KeyUnavailable, Restoring, StoreUnavailable
from tests.functional.retokenizing.moving import SECOND, texts, values
from tests.support import policies
from tests.support.answers import tokens
from tests.support.faults import DYNAMODB_FAULTS
from tests.support.receipts import verify
from tests.support.retokenizing import Retokenizing, naming, pairs, switch
from tests.support.world import World


@pytest.mark.parametrize(
    ("tenant", "name", "rule"),
    [
        ("nobody", "text_known", "^tenant: the policy has no tenant of this name$"),
        ("shop", "unknown", "^type: the policy has no information type of this name$"),
        ("shop", "text", "^type: it is random, and its tokens follow from no key$"),
        ("shop", "card_known", "^type: its prf_key is the first"),
        ("Shop", "text_known", "^tenant: its name is needed$"),
    ],
)
def test_what_cannot_be_moved_is_refused(account: World, tenant: str, name: str, rule: str) -> None:
    """By its field and its rule, before anything is written."""
    switch(account, naming(text_known=2))
    before = len(account.items("keys"))
    with pytest.raises(InvalidRequest, match=rule):
        Retokenizing(account, name, tenant).begin()
    assert len(account.items("keys")) == before


def test_a_vault_without_another_key_gives_no_new_tokens(account: World) -> None:
    """The role has no right to, and the function says so."""
    with pytest.raises(InvalidRequest, match="no type of the policy has a prf_key above 1"):
        Retokenizing(account)


def test_a_vault_that_is_being_restored_gives_no_new_tokens(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Erased tokens live there."""
    switch(account, SECOND)
    env = account.env
    monkeypatch.setattr(account, "env", lambda name: env(name) | {"TOKENVAULT_RESTORING": "on"})
    with pytest.raises(Restoring):
        Retokenizing(account)


def test_a_run_does_not_begin_before_its_key_is_ready(account: World) -> None:
    """It would find no token; nothing is on record of it."""
    texts(account, 1)
    for item in account.items("keys"):
        if item["sk"]["S"] == "ready#prf-2":
            account.dynamodb.delete_item(TableName="keys", Key={n: item[n] for n in ("pk", "sk")})
    switch(account, SECOND, provided=False)
    with pytest.raises(KeyUnavailable):
        Retokenizing(account).begin()
    account.maintain()
    assert len(Retokenizing(account).begin().finish()) == 1


def test_a_tenant_without_the_type_has_an_empty_file(account: World) -> None:
    """A file with no pair is a file, and its receipt says that there was none."""
    texts(account, 2)
    switch(account, SECOND)
    run = Retokenizing(account, tenant="clinic").begin()
    assert run.finish() == []
    assert verify(account, json.loads(run.lines[-1])["receipt"])["tokens"] == 0


def test_changed_records_are_named_as_failed(account: World) -> None:
    """By their tokens and a code, as exports do; the others move."""
    old = texts(account, 3)
    changed = account.stored(old[0])
    account.store({**changed, "created": {"N": str(int(changed["created"]["N"]) + 1)}})
    unreadable = account.stored(old[1])
    account.store({name: value for name, value in unreadable.items() if name != "*amzn-ddb-map-sig*"})
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    entries = run.finish()
    failed = {entry["token"]: entry["error"] for entry in entries if "error" in entry}
    assert failed == {old[0]: "record_corrupt", old[1]: "record_corrupt"}
    assert set(pairs(entries)) == {old[2]}
    assert verify(account, json.loads(run.lines[-1])["receipt"])["failed"] == 2


def test_a_value_without_a_free_place_is_named_as_failed(account: World) -> None:
    """Old and new tokens take places of one space; where all four of a value are taken, it keeps the old."""
    tiny = {
        "format": "custom",
        "mode": "deterministic",
        "derivation": "cached",
        "options": {"alphabet": "0123456789", "length": 4},
        "expected_tokens": 20,
    }
    types = {**policies.TYPES, "tiny": tiny}
    switch(account, naming(types))
    [old] = tokens(account.tokenize({"type": "tiny", "value": "1234"}))
    switch(account, naming(types, tiny=2))
    while new := account.tokenize({"type": "tiny", "value": "1234"}).only.get("token"):
        account.erase(token=new)
    entries = Retokenizing(account, "tiny").begin().finish()
    assert entries == [{"token": old, "error": "token_space_exhausted"}]
    assert values(account, [old]) == ["1234"]


def test_a_write_that_fails_fails_the_page(account: World) -> None:
    """Nothing is named as failed that may succeed: the page is asked for again."""
    texts(account, 4)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    run.walk(revision=0)
    seen = list[int]()

    def fail(name: str, given: dict[str, Any]) -> Exception | None:
        if name == "dynamodb.PutItem" and given["TableName"] == "vault":
            seen.append(1)
            return DYNAMODB_FAULTS["throttled"] if len(seen) == 2 else None
        return None

    account.fault = fail
    with pytest.raises(StoreUnavailable):
        run.page()
    account.fault = None
    run.take(run.page())
    assert len(pairs(run.finish() if run.cursor else run.entries())) == 4
