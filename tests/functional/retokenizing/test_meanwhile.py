"""What else happens while the tokens of a type move: erasures, expiries, requests, a restore."""

import time
from typing import Any

import pytest

from tests.functional.retokenizing.moving import OTHER_RUN, SECOND, texts, values
from tests.support import policies
from tests.support.retokenizing import Retokenizing, naming, pairs, switch
from tests.support.world import World


def test_a_subject_that_is_erased_meanwhile_has_no_pair(account: World) -> None:
    """Its value may have been written by then: the marker closes both tokens, and neither is told."""
    [old] = texts(account, 1, subject="p1")
    [stays] = texts(account, 1)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    erased = list[int]()

    def erase(name: str, given: dict[str, Any]) -> None:
        if name == "dynamodb.PutItem" and given["TableName"] == "vault" and not erased:
            erased.append(1)
            assert account.erase(subject="p1").status == 200

    account.fault = erase
    moved = pairs(run.finish())
    account.fault = None
    assert erased
    assert set(moved) == {stays}
    assert run.total("closed") == 1
    shown = values(account, [old])
    assert shown == ["token_not_found"]


def test_a_token_that_is_erased_meanwhile_is_in_the_pair(account: World) -> None:
    """Its value lives on under the new token until retiring evens that out: the pair says which it is."""
    [old] = texts(account, 1)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    erased = list[int]()

    def erase(name: str, given: dict[str, Any]) -> None:
        if name == "dynamodb.PutItem" and given["TableName"] == "vault" and not erased:
            erased.append(1)
            assert account.erase(token=old).status == 204

    account.fault = erase
    moved = pairs(run.finish())
    account.fault = None
    assert list(moved) == [old]
    assert values(account, [old, moved[old]]) == ["token_not_found", "text 0"]


def test_an_expired_record_is_closed(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a time when the type had a limit: it opens nowhere, and gets no new token."""
    limited = {"format": "text", "default_ttl_seconds": 60}
    switch(account, naming({**policies.TYPES, "text_known": limited}))
    texts(account, 1)
    switch(account, SECOND)
    late = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: late)
    run = Retokenizing(account).begin()
    assert run.finish() == []
    assert run.total("closed") == 1


def test_a_request_that_is_sent_again_after_the_move(account: World) -> None:
    """It answers the new token: that is the value's by now. The one that it answered first opens, too."""
    asked = {"json_body": {"items": [{"type": "text_known", "value": "text 0"}]}, "idempotency_key": "k" * 22}
    old = account.tokenize(**asked).only["token"]
    switch(account, SECOND)
    [(first, new)] = pairs(Retokenizing(account).begin().finish()).items()
    assert first == old
    assert account.tokenize(**asked).only["token"] == new


def test_a_move_after_a_restore_gives_the_same_tokens(account: World) -> None:
    """The restored vault lacks the new tokens, which stand in the applications' tables by now."""
    old = texts(account, 4)
    copies = account.items("vault")
    switch(account, SECOND)
    moved = pairs(Retokenizing(account).begin().finish())
    for token in old:
        account.erase(token=token)
    for item in account.items("vault"):
        account.dynamodb.delete_item(TableName="vault", Key={name: item[name] for name in ("pk", "sk")})
    for item in copies:
        account.store(item)
    assert values(account, list(moved.values())) == ["token_not_found"] * 4
    assert pairs(Retokenizing(account, run=OTHER_RUN).begin().finish()) == moved
    assert values(account, [moved[token] for token in old]) == [f"text {n}" for n in range(4)]
