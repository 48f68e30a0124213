"""PRF keys of a tenant by number: what a type's tokens are derived with, and all that stays as it was."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.account import Account
from chalicelib.config import Settings
from chalicelib.errors import ConfigurationError, InvalidRequest
from chalicelib.service.key_events import read_prf_key
from tests.support import policies
from tests.support.world import World, world

KNOWN = {"type": "text_known", "value": "a secret"}
CARD = {"type": "card_known", "value": "4111 1111 1111 1111"}
KEY = "k" * 22


def with_keys(**numbers: int) -> dict[str, Any]:
    """The policy in which types are derived with PRF keys of these numbers."""
    written = policies.document()
    for name, number in numbers.items():
        written["types"][name]["prf_key"] = number
    written["types"]["card_known"]["options"] = {"fingerprint": True}
    return written


@pytest.fixture
def account() -> Iterator[World]:
    """An account whose types are derived with the first key."""
    with world(with_keys()) as made:
        yield made


def switch(account: World, *, provided: bool = True, **numbers: int) -> None:
    """Applies the policy with these numbers, and has maintenance run unless it is not to."""
    account.put_policy(with_keys(**numbers))
    if provided:
        account.maintain()
    account.restart()


def key_ids(account: World, tenant: str = "shop") -> set[str]:
    """What lies in the tenant's partition of the keys table, branch keys apart."""
    sorts = [item["sk"]["S"] for item in account.items("keys") if item["pk"]["S"] == tenant]
    return {sort for sort in sorts if "prf" in sort}


@pytest.mark.parametrize("item", [KNOWN, CARD], ids=["cached", "kms"])
def test_another_key_is_another_token_and_the_old_one_opens(account: World, item: dict[str, str]) -> None:
    """For either derivation; the same value has one token under each key, and search finds the new one."""
    old = account.tokenize(item).only["token"]
    switch(account, text_known=2, card_known=2)
    assert account.search(item).only["error"]["code"] == "token_not_found"
    new = account.tokenize(item).only["token"]
    assert new != old
    assert account.tokenize(item).only["token"] == new
    assert account.search(item).only["token"] == new
    values = [result["value"] for result in account.detokenize(old, new).body["results"]]
    assert values[0] == values[1]


def test_a_type_that_goes_back_has_its_first_tokens_again(account: World) -> None:
    """Keys stay: each number is the same tokens for good."""
    first = account.tokenize(KNOWN).only["token"]
    switch(account, text_known=2)
    second = account.tokenize(KNOWN).only["token"]
    switch(account)
    assert account.tokenize(KNOWN).only["token"] == first
    switch(account, text_known=2)
    assert account.tokenize(KNOWN).only["token"] == second


def test_other_types_and_fingerprints_stay(account: World) -> None:
    """A key is a type's choice, and the fingerprints of cards are of the first key whatever types say."""
    card, text = account.tokenize(CARD).only, account.tokenize(KNOWN).only
    switch(account, card_known=2)
    assert account.tokenize(KNOWN).only["token"] == text["token"]
    again = account.tokenize(CARD).only
    assert again["token"] != card["token"]
    assert again["card"]["fingerprint"] == card["card"]["fingerprint"]


def test_requests_are_known_across_the_switch(account: World) -> None:
    """Sent again under its key: another body is a conflict, random tokens are the same, and a deterministic
    value has its token of now."""
    body = {"items": [{"type": "text", "value": "x"}, KNOWN]}
    before = account.tokenize(json_body=body, idempotency_key=KEY).body["results"]
    switch(account, text_known=2)
    after = account.tokenize(json_body=body, idempotency_key=KEY).body["results"]
    assert after[0]["token"] == before[0]["token"]
    assert after[1]["token"] == account.tokenize(KNOWN).only["token"] != before[1]["token"]
    assert account.tokenize(KNOWN, idempotency_key=KEY).status == 409


@pytest.mark.parametrize(
    "item", [KNOWN, CARD, {"type": "text", "value": "x"}], ids=["cached", "kms", "random"]
)
def test_what_is_stored_of_requests_follows_from_the_first_key_for_good(
    account: World, item: dict[str, str]
) -> None:
    """Whoever has it confirms a guess of a whole body after the move, too; nobody does without it."""
    ring = Account(Settings.from_env(account.env("tokenize")), account.client).prf_keys
    first = ring.key("shop")
    switch(account, text_known=2, card_known=2)
    account.tokenize(item, idempotency_key=KEY)
    [stored] = account.items("idempotency")
    key_hash = bytes.fromhex(stored["pk"]["S"].rpartition("#")[2])
    macs = [bytes(value["B"]) for value in stored.values() if "B" in value]
    for prf, confirmed in ((first, True), (ring.key("shop", 2), False)):
        body = json.dumps({"items": [item]}).encode()
        assert (prf.request_mac("body", key_hash, body) in macs) is confirmed
    assert int(stored["ttl"]["N"]) - time.time() < 24 * 3600 + 11


def test_a_type_whose_key_is_not_ready_is_unavailable_and_others_are_not(account: World) -> None:
    """Until maintenance ran in every Region; then it is."""
    switch(account, text_known=2, provided=False)
    refused = account.tokenize(KNOWN)
    assert (refused.status, refused.body["code"]) == (503, "key_unavailable")
    assert account.tokenize(CARD).status == 200
    account.maintain()
    assert account.tokenize(KNOWN).status == 200


def test_a_key_is_made_before_the_policy_names_it(account: World) -> None:
    """So that a switch interrupts nobody: each tenant has it, ready, and made twice it is the same."""
    for _ in range(2):
        wiring.maintain(account.env("maintain"), account.client, account.telemetry, None, 2)
        made = {
            (item["pk"]["S"], str(item["wrapped"])) for item in account.items("keys") if "wrapped" in item
        }
    assert key_ids(account) == key_ids(account, "clinic") == {"prf", "prf-2", "ready#prf", "ready#prf-2"}
    assert len(made) == 4
    switch(account, text_known=2, provided=False)
    assert account.tokenize(KNOWN).status == 200


@pytest.mark.parametrize("number", [0, 1000, -1, 1.0, "2", True])
def test_what_is_no_number_of_a_key_is_refused(number: object) -> None:
    """By its field and its rule."""
    with pytest.raises(InvalidRequest, match=r"^prf_key: a number from 1 to 999 is needed$"):
        read_prf_key({"prf_key": number})


def test_a_policy_with_a_prf_key_for_a_random_type_does_not_load(account: World) -> None:
    """A container stops with the rule, and makes no key."""
    account.put_policy(with_keys(text=2))
    with pytest.raises(ConfigurationError, match="type text has a prf_key but is not deterministic"):
        account.maintain()
    assert key_ids(account) == {"prf", "ready#prf"}
