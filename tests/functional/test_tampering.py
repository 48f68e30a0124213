"""Somebody who can write to the tables gets `record_corrupt`, never a wrong value and never another error."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.crypto.record_cipher import parse_sealed
from tests.support.answers import problem
from tests.support.forgery import variants
from tests.support.world import World

CARD = "4111111111111111"


@pytest.fixture
def token(account: World) -> str:
    """A stored card of the shop."""
    return str(account.tokenize({"type": "card_number", "value": CARD}).only["token"])


def refused(account: World, token: str, **options: Any) -> None:
    """Asserts that a reveal, a mask and the facts are refused as corrupt."""
    assert account.detokenize(token, **options).only["error"]["code"] == "record_corrupt"


def test_no_byte_of_a_stored_item_can_be_changed(account: World, token: str) -> None:
    """Each byte of each attribute of the stored item, flipped in the table, is noticed by every reader."""
    whole = account.stored(token)
    for place, forged in variants(whole):
        account.store(forged)
        assert account.detokenize(token).only["error"]["code"] == "record_corrupt", place
        problem(account.facts(token), 500, "record_corrupt")
    account.store(whole)
    assert account.detokenize(token).only["value"] == CARD


def test_no_attribute_can_be_added_or_removed(account: World, token: str) -> None:
    """An item with one attribute more or less is noticed."""
    whole = account.stored(token)
    account.store({**whole, "extra": {"S": "x"}})
    refused(account, token)
    for name in set(whole) - {"pk", "sk"}:
        account.store({other: value for other, value in whole.items() if other != name})
        refused(account, token)


def test_an_item_copied_to_another_token_or_tenant_does_not_open(account: World, token: str) -> None:
    """A record opens under its own token and tenant only."""
    whole = account.stored(token)
    account.store({**whole, "pk": {"S": "shop#other"}})
    refused(account, "other")
    account.store({**whole, "pk": {"S": f"clinic#{token}"}})
    refused(account, token, client="intake", purpose="treatment")
    other = account.tokenize({"type": "card_number", "value": "5555555555554444"}).only["token"]
    account.store({**whole, "pk": {"S": f"shop#{other}"}})
    refused(account, other)


def key_items(account: World) -> dict[str, dict[str, Any]]:
    """The branch key items by tenant."""
    return {i["pk"]["S"]: i for i in account.items("keys") if i["sk"]["S"].startswith("branch#")}


@pytest.mark.parametrize(
    "swapped", [("wrapped_bundle",), ("wrapped_private",), ("wrapped_bundle", "wrapped_private")]
)
def test_a_swapped_bundle_or_half_opens_nothing(account: World, token: str, swapped: tuple[str, ...]) -> None:
    """Another tenant's bundle, private half, or both, put in the place of ours, are refused."""
    items = key_items(account)
    account.store({**items["shop"], **{name: items["clinic"][name] for name in swapped}}, "keys")
    account.restart()
    refused(account, token)
    if "wrapped_bundle" in swapped:
        problem(account.tokenize({"type": "text", "value": "x"}), 500, "record_corrupt")


def test_a_bundle_of_another_version_opens_nothing(account: World, token: str) -> None:
    """Versions of one tenant's key cannot stand in for each other."""

    first = key_items(account)["shop"]
    wiring.maintain(account.env("maintain"), account.client, account.telemetry, "shop")
    [second] = [
        i
        for i in account.items("keys")
        if i["pk"]["S"] == "shop" and "wrapped_bundle" in i and i["sk"] != first["sk"]
    ]
    account.store({**first, "wrapped_bundle": second["wrapped_bundle"]}, "keys")
    account.restart()
    refused(account, token)


def test_records_of_an_older_version_open_after_rotation(account: World, token: str) -> None:
    """After rotation new records name the new version, and old ones still open."""

    wiring.maintain(account.env("maintain"), account.client, account.telemetry, "shop")
    account.restart()
    newer = account.tokenize({"type": "card_number", "value": CARD}).only["token"]
    assert parse_sealed(account.stored(newer)).key_id != parse_sealed(account.stored(token)).key_id
    assert [entry["value"] for entry in account.detokenize(token, newer).body["results"]] == [CARD, CARD]


def test_a_corrupt_key_item_is_refused(account: World, token: str) -> None:
    """A key item with bytes changed, or attributes gone, is corrupt, never another error."""
    whole = key_items(account)["shop"]
    for name in ("wrapped_bundle", "wrapped_private", "created"):
        account.store({other: value for other, value in whole.items() if other != name}, "keys")
        account.restart()
        refused(account, token)
    for name in ("wrapped_bundle", "wrapped_private"):
        raw = bytearray(bytes(whole[name]["B"]))
        raw[-1] ^= 1
        account.store({**whole, name: {"B": bytes(raw)}}, "keys")
        account.restart()
        refused(account, token)
