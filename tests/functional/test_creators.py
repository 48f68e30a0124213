"""Who created a token is on record, as the client's name, for as long as the record is there."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.aws.sizes import item_bytes
from chalicelib.audit.chain import canonical
from chalicelib.items import Item
from chalicelib.model import TokenRecord
from chalicelib.vault import records
from tests.support import policies
from tests.support.answers import problem
from tests.support.rotations import Operator
from tests.support.world import World, world

TEXT = {"type": "text", "value": "some text"}
CARD = {"type": "card_known", "value": "4111111111111111"}
MOST_BYTES = 516
"""Of an opaque record: what one such record may cost in the table."""


@pytest.fixture
def shared() -> Iterator[World]:
    """An account in which two clients of a tenant tokenize."""
    written = policies.document()
    written["tenants"]["shop"]["clients"]["support"]["actions"].append("tokenize")
    with world(written) as made:
        yield made


def made(account: World, item: dict[str, Any], client: str = "checkout") -> str:
    """The token that a client is given."""
    return str(account.tokenize(item, client=client).only["token"])


def creator(account: World, token: str, client: str = "checkout") -> object:
    """Who created it, by its facts."""
    answer = account.facts(token, client=client)
    assert answer.status == 200
    return answer.body["created_by"]


def written_as(monkeypatch: pytest.MonkeyPatch, **other: Item | None) -> None:
    """Records are written by another release: with an attribute more, or without a creator."""
    to_item = records.to_item

    def differing(record: TokenRecord) -> Item:
        return {**to_item(replace(record, created_by=None)), **other}

    monkeypatch.setattr(records, "to_item", differing)


def test_facts_tell_who_created_a_token(shared: World) -> None:
    """Each token its own client, whichever asks; a value of a known token stays the first one's."""
    for client in ("support", "checkout"):
        assert creator(shared, made(shared, TEXT, client), "support") == client
    known = made(shared, CARD, "support")
    assert made(shared, CARD, "checkout") == known
    assert creator(shared, known) == "support"


def test_an_erased_value_that_comes_again_has_another_creator(shared: World) -> None:
    """It has another token, which somebody else created."""
    first = made(shared, CARD, "support")
    assert shared.erase(token=first).status == 204
    second = made(shared, CARD, "checkout")
    assert (second != first, creator(shared, second)) == (True, "checkout")


def test_sealing_again_keeps_the_creator(shared: World) -> None:
    """The record is another, what it says is the same."""
    token = made(shared, TEXT, "support")
    before, operator = shared.stored(token), Operator(shared)
    operator.rotate()
    operator.until_page()
    assert operator.rewrap_page()["moved"] == 1
    assert shared.stored(token) != before
    assert creator(shared, token) == "support"


def test_nobody_can_name_another_creator(account: World) -> None:
    """The name is signed with the record."""
    token = made(account, TEXT)
    account.store({**account.stored(token), "by": {"S": "settlement"}})
    problem(account.facts(token), 500, "record_corrupt")
    assert account.detokenize(token).only["error"]["code"] == "record_corrupt"


def test_a_record_of_an_earlier_release_names_nobody(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read as it always was, and says that it is not known."""
    written_as(monkeypatch)
    token = made(account, TEXT)
    assert "by" not in account.stored(token)
    assert creator(account, token) is None
    assert account.detokenize(token).only["value"] == TEXT["value"]


def test_an_attribute_that_a_later_release_adds_is_no_obstacle(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While releases roll, some functions read what newer ones write, as earlier ones read the creator."""
    written_as(monkeypatch, later={"S": "x"})
    token = made(account, TEXT)
    monkeypatch.undo()
    assert account.stored(token)["later"] == {"S": "x"}
    assert creator(account, token) is None
    assert account.detokenize(token).only["value"] == TEXT["value"]


def test_a_record_stays_small(account: World) -> None:
    """With the creator an opaque one is still within its bytes, and that costs no call."""
    made(account, TEXT)
    account.calls.clear()
    token = made(account, {**TEXT, "value": "a value of 16 B."})
    assert account.calls == ["dynamodb.PutItem"]
    assert item_bytes(json.loads(canonical(account.stored(token)))) <= MOST_BYTES
