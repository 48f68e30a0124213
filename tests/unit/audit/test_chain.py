"""Each event is tied to the one before, under a key that steps on and cannot be stepped back."""

import hashlib
import hmac
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.audit.chain import Chain, begin_chain, canonical

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "audit.json").read_text())
ITEM: dict[str, Any] = {"pk": {"S": "shop#2026-01-01"}, "sk": {"S": "x"}, "outcomes": {"L": []}}


def chain() -> Chain:
    return Chain("c" * 32, b"k" * 32, {"function": {"S": "reveal"}, "wrapped_key": {"B": b"w"}})


def test_events_are_numbered_and_name_the_one_before() -> None:
    """The first holds the wrapped key, each other the MAC of the one before."""
    begun = chain()
    linked = [begun.link(ITEM) for _ in range(3)]
    assert [item["sequence"]["N"] for item in linked] == ["0", "1", "2"]
    assert "wrapped_key" in linked[0]
    assert "previous" not in linked[0]
    for before, after in itertools.pairwise(linked):
        assert after["previous"] == before["mac"]
        assert "wrapped_key" not in after


def test_a_mac_covers_every_attribute() -> None:
    """The same event in another chain, at another place or with another attribute has another MAC."""
    plain = chain().link(ITEM)["mac"]
    assert chain().link(ITEM)["mac"] == plain
    other = Chain("d" * 32, b"k" * 32, {"function": {"S": "reveal"}, "wrapped_key": {"B": b"w"}})
    assert other.link(ITEM)["mac"] != plain
    for name, text in (("pk", "shop#2026-01-02"), ("sk", "y"), ("more", "")):
        assert chain().link({**ITEM, name: {"S": text}})["mac"] != plain


def test_a_later_key_does_not_tell_an_earlier_one() -> None:
    """The key of the next event is a one-way function of this one's, so no two are alike."""
    begun = chain()
    macs = [begun.link(ITEM) for _ in range(2)]
    under_first_key = hmac.new(b"k" * 32, canonical(_without_mac(macs[1])), hashlib.sha256).digest()
    assert macs[1]["mac"]["B"] != under_first_key


@pytest.mark.parametrize("vector", VECTORS["chains"], ids=lambda v: v["name"])
def test_vectors(vector: dict[str, Any]) -> None:
    """Chains are what `docs/audit.md` says, to the last byte."""
    opening = {
        "function": {"S": vector["function"]},
        "region": {"S": vector["region"]},
        "wrapped_key": {"B": bytes.fromhex(vector["wrapped_key"])},
    }
    begun = Chain(vector["chain"], bytes.fromhex(vector["key"]), opening)
    for event in vector["events"]:
        linked = begun.link(event["item"])
        assert canonical(_without_mac(linked)).decode() == event["canonical"]
        assert linked["mac"]["B"].hex() == event["mac"]


def test_a_chain_begins_with_a_key_for_its_function() -> None:
    """The key is asked for with vault, purpose, function and the chain's own random id."""
    asked: list[dict[str, str]] = []

    def make(context: dict[str, str]) -> tuple[bytes, bytes]:
        asked.append(context)
        return b"k" * 32, b"wrapped"

    begun = begin_chain("v", "reveal", "us-east-1", make, lambda size: b"\x01" * size)
    assert begun.chain_id == "01" * 16
    assert asked == [{"vault": "v", "purpose": "audit-chain", "function": "reveal", "chain": "01" * 16}]
    assert begun.link(ITEM)["wrapped_key"] == {"B": b"wrapped"}


def _without_mac(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "mac"}
