"""A rotation ends: every record is sealed again under the newest version, and says what it said."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib import key_wiring, wiring
from chalicelib.crypto.context import BRANCH_KEY_PURPOSE, BUNDLE_PURPOSE, KeyContext
from chalicelib.crypto.keys import KEY_BYTES, pack_bundle
from chalicelib.crypto.kms import Kek
from chalicelib.crypto.record_cipher import DESCRIPTION, SEAL, SIGNATURE
from chalicelib.errors import InvalidRequest, RecordCorrupt, StoreUnavailable
from chalicelib.service import walker
from chalicelib.vault.key_table import KeyTable
from chalicelib.vault.keys import WrappedBranchKey
from chalicelib.vault.walk_items import walk_item
from chalicelib.vault.walks import Walk
from tests.support import policies
from tests.support.answers import tokens
from tests.support.faults import DYNAMODB_FAULTS
from tests.support.rotations import Operator
from tests.support.values import batch, formatted, limited, of_a_subject, opaque
from tests.support.verification_codes import OF_SUBJECT, account_of_codes
from tests.support.world import REGION, World, world

SEALED = (DESCRIPTION, SIGNATURE, SEAL, "value")
"""Attributes that sealing makes; all others say something of the record."""


@pytest.fixture
def account() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def operator(account: World) -> Operator:
    return Operator(account)


def said(item: dict[str, Any]) -> dict[str, Any]:
    """What a stored record says in the clear."""
    return {name: value for name, value in item.items() if name not in SEALED}


def every_kind() -> list[dict[str, Any]]:
    """Values random and deterministic, limited in time, with metadata, of a subject and of nobody."""
    return [*opaque(1), *formatted(1), *limited(1), *of_a_subject(2)]


def test_every_record_is_moved_and_says_what_it_said(account: World, operator: Operator) -> None:
    """Facts, times, metadata, marks, fingerprints, subjects and time limits; the values open as before."""
    old = operator.named()
    made = tokens(account.tokenize(*every_kind(), idempotency_key="k" * 22))
    before = [said(account.stored(token)) for token in made]
    newest = operator.rotate()
    assert operator.walk(moves=True)["moved"] == len(made)
    assert operator.named() == dict.fromkeys(old, 0) | {newest: len(made)}
    assert [said(account.stored(token)) for token in made] == before
    shown = account.detokenize(*made).body["results"]
    assert [entry["value"] for entry in shown] == [item["value"] for item in every_kind()]
    assert account.facts(made[2]).body["metadata"] == {"order": "7"}


def test_a_retry_and_a_search_find_what_was_moved(account: World, operator: Operator) -> None:
    """The marks of requests and the fingerprints of deterministic values are still theirs."""
    items = batch(3)
    made = tokens(account.tokenize(*items, idempotency_key="k" * 22))
    known = [item for item in items if item["type"] == "card_known"]
    operator.rotate()
    operator.walk(moves=True)
    assert tokens(account.tokenize(*items, idempotency_key="k" * 22)) == made
    found = tokens(account.search(*known))
    assert found == [token for token, item in zip(made, items, strict=True) if item in known]
    assert tokens(account.tokenize(*known)) == found


def test_records_of_the_old_form_are_moved(account: World, operator: Operator) -> None:
    """Each under a data key of its own, as an earlier release wrote them."""
    off = account.env("tokenize") | {"TOKENVAULT_SEAL_PER_REQUEST": "off"}
    account.services["tokenize"] = wiring.build(off, account.client, account.telemetry)
    made = tokens(account.tokenize(*of_a_subject(1)))
    assert SEAL not in account.stored(made[0])
    newest = operator.rotate()
    assert operator.walk(moves=True)["moved"] == 4
    assert SEAL in account.stored(made[0])
    assert operator.named()[newest] == 4
    assert [entry["value"] for entry in account.detokenize(*made).body["results"]] == [
        item["value"] for item in of_a_subject(1)
    ]


def test_values_that_may_not_be_kept_keep_their_short_lived_secret() -> None:
    """Both layers stay, that of the subject and that of the time slice; without the latter nothing opens."""
    with account_of_codes() as account:
        operator = Operator(account)
        [token] = tokens(account.tokenize(OF_SUBJECT))
        before = said(account.stored(token))
        operator.rotate()
        assert operator.walk(moves=True)["moved"] == 1
        assert said(account.stored(token)) == before
        assert account.detokenize(token).only["value"] == "123"


@pytest.mark.parametrize("limit", [1, 1000])
def test_a_walk_of_any_pace_counts_exactly(account: World, operator: Operator, limit: int) -> None:
    """Other tenants' records, tombstones and markers are looked at and not counted."""
    made = tokens(account.tokenize(*[{"type": "text", "value": "x"}] * 6, *formatted(1)))
    account.tokenize({"type": "text", "value": "x"}, client="intake")
    account.erase(token=made[0])
    [old] = operator.named()
    newest = operator.rotate()
    assert operator.walk(moves=True, limit=limit)["moved"] == 6
    assert operator.named() == {old: 0, newest: 6}
    assert sum(Operator(account, "clinic").named().values()) == 1


def test_more_records_than_a_page_holds_are_moved_page_by_page(
    account: World, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step stops where its page is full, and the next goes on behind it."""
    monkeypatch.setattr(walker, "PAGE_RECORDS", 3)
    account.tokenize(*[{"type": "text", "value": "x"}] * 20)
    newest = operator.rotate()
    assert operator.walk(moves=True)["moved"] == 20
    assert operator.named()[newest] == 20


def test_a_walk_ends_where_a_newer_version_is_ready(account: World, operator: Operator) -> None:
    """What is written under the newer one stays; begun again, the walk moves the rest to that."""
    account.tokenize(*opaque(1))
    middle = operator.rotate()
    walk = operator.ask("walk", moves=True)
    newest = operator.rotate()
    [token] = tokens(account.tokenize(*opaque(2)))
    before = account.stored(token)
    with pytest.raises(InvalidRequest, match="a newer version is ready; begin again"):
        operator.ask("walk", revision=walk["revision"])
    assert operator.walk(moves=True) == {"moved": 1, "passed": 0, "closed": 0, "waiting": 0, "corrupt": 0}
    assert (operator.named()[middle], operator.named()[newest]) == (0, 2)
    assert account.stored(token) == before


def test_a_planted_walk_moves_no_record_back(account: World, operator: Operator) -> None:
    """Whoever may write items of keys may name any version and any tokens: newer records stay as they are."""
    [old] = operator.named()
    operator.rotate()
    [token] = tokens(account.tokenize(*opaque(1)))
    before = account.stored(token)
    planted = walk_item(Walk("shop", 1, True, old, page=(token,), put_down=int(time.time())), REGION)
    account.store(planted, "keys")
    assert operator.rewrap_page() == {"moved": 0, "passed": 1, "closed": 0, "waiting": 0, "corrupt": 0}
    assert account.stored(token) == before


def test_an_erasure_during_the_rewrap_stays(account: World, operator: Operator) -> None:
    """The record was read and sealed again, then erased: the write finds it gone, and changes nothing."""
    first, second = tokens(account.tokenize(*opaque(1), *opaque(2)))
    operator.rotate()
    operator.until_page()

    def erase_first(name: str, given: dict[str, Any]) -> None:
        if name == "dynamodb.PutItem" and given["TableName"] == "vault":
            account.fault = None
            assert account.erase(token=first).status == 204
            assert account.erase(token=second).status == 204

    account.fault = erase_first
    counts = operator.walk(moves=True)
    assert counts["moved"] + counts["passed"] == 2
    assert counts["passed"] >= 1
    for token in (first, second):
        assert "value" not in account.stored(token)
        assert account.detokenize(token).only["error"]["code"] == "token_not_found"


def test_what_does_not_open_is_counted_and_left_alone(account: World, operator: Operator) -> None:
    """A changed record, and one whose subject was erased: the walk goes on past both."""
    changed, closed, good = tokens(
        account.tokenize(*opaque(1), {**opaque(2)[0], "subject": "p1"}, *opaque(3))
    )
    account.store(account.stored(changed) | {"created": {"N": "1"}})
    stored = account.stored(changed)
    newest = operator.rotate()
    account.erase(subject="p1")
    counts = operator.walk(moves=True)
    assert counts == {"moved": 1, "passed": 0, "closed": 1, "waiting": 0, "corrupt": 1}
    assert account.stored(changed) == stored
    assert (operator.named()[newest], account.detokenize(good).only["value"]) == (1, "text 3")
    assert account.detokenize(closed).only["error"]["code"] == "token_not_found"


def test_an_expired_record_that_still_stands_is_moved(account: World, operator: Operator) -> None:
    """It is not shown, as before; and it names the newest version, so that it holds no other up."""
    [token] = tokens(account.tokenize(*limited(1)))
    newest = operator.rotate()
    operator.walk(moves=True)
    assert operator.named()[newest] == 1
    assert account.stored(token)["ttl"]["N"].isdecimal()


def test_a_page_that_waited_long_is_sealed_once_the_walk_is_gone_on_with(
    account: World, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever goes on asks whether its version is still the newest."""
    account.tokenize(*opaque(1))
    newest = operator.rotate()
    operator.until_page()
    now = time.time() + 3600
    monkeypatch.setattr(key_wiring.time, "time", lambda: now)
    operator.restart()
    with pytest.raises(InvalidRequest, match="waited too long; begin again"):
        operator.rewrap_page()
    assert operator.walk(moves=True)["moved"] == 1
    assert operator.named()[newest] == 1


def test_a_page_sealed_twice_changes_nothing_more(account: World, operator: Operator) -> None:
    """Two runs, or one whose answer was lost."""
    made = tokens(account.tokenize(*opaque(1)))
    operator.rotate()
    operator.until_page()
    assert operator.rewrap_page()["moved"] == 1
    stored = account.stored(made[0])
    assert operator.rewrap_page() == {"moved": 0, "passed": 1, "closed": 0, "waiting": 0, "corrupt": 0}
    assert account.stored(made[0]) == stored


def test_a_write_that_dynamodb_refuses_is_done_by_the_next_try(account: World, operator: Operator) -> None:
    """The page stays until it is acknowledged."""
    account.tokenize(*opaque(1))
    newest = operator.rotate()
    operator.until_page()

    def refuse(name: str, given: dict[str, Any]) -> Exception | None:
        to_vault = name == "dynamodb.PutItem" and given["TableName"] == "vault"
        return DYNAMODB_FAULTS["throttled"] if to_vault else None

    account.fault = refuse
    with pytest.raises(StoreUnavailable):
        operator.rewrap_page()
    account.fault = None
    operator.walk(moves=True)
    assert operator.named()[newest] == 1


def test_nothing_is_sealed_to_a_public_half_that_somebody_put_there(
    account: World, operator: Operator
) -> None:
    """Whoever may write key items and wrap a bundle has no private half for it that KMS had made."""
    [token] = tokens(account.tokenize(*opaque(1)))
    before = account.stored(token)
    context = KeyContext(policies.VAULT_ID, "shop", "f" * 32)
    _, wrapped = Kek(account.kms, account.vault_kek).make_key_pair(context.for_kms(BRANCH_KEY_PURPOSE))
    own = pack_bundle(ec.generate_private_key(ec.SECP256R1()).public_key(), bytes(KEY_BYTES))
    bundle = Kek(account.kms, account.index_kek).wrap(own, context.for_kms(BUNDLE_PURPOSE))
    table = KeyTable(account.dynamodb, "keys")
    made = WrappedBranchKey("shop", context.key_id, 10**14, wrapped, bundle)
    table.add_branch_key(made)
    table.mark_ready(made, 1)
    operator.until_page()
    with pytest.raises(RecordCorrupt, match="do not belong together"):
        operator.rewrap_page()
    assert account.stored(token) == before


def test_a_rewrap_is_on_record_and_reveals_nothing(account: World, operator: Operator) -> None:
    """One event a page, before any record is opened, of no client and with no token."""
    account.tokenize(*opaque(1))
    operator.rotate()
    operator.walk(moves=True)
    [event] = [event for event in account.events() if event["action"]["S"] == "rewrap"]
    assert (event["client"], event["outcomes"]) == ({"S": "~operator"}, {"L": []})
