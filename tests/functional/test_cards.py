"""What answers tell of a card without a reveal: where the policy asks for it, and nowhere else."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import policies
from tests.support.faults import dumps
from tests.support.world import World, world

CARD = "4111111111111111"
TYPES: dict[str, dict[str, Any]] = {
    "card": {"format": "card_number", "options": {"brand": True, "bin_digits": 8}},
    "known": {"format": "card_number", "mode": "deterministic", "options": {"brand": True}},
    "plain": {"format": "card_number"},
}


@pytest.fixture
def cards() -> Iterator[World]:
    with world(policies.document(TYPES)) as account:
        yield account


def test_brand_and_bin_are_answered_at_once_and_later(cards: World) -> None:
    """By tokenize and by facts alike, the latter in a container that never saw the number."""
    made = cards.tokenize({"type": "card", "value": CARD}).only
    cards.restart()
    expected = {"brand": "visa", "bin": "41111111"}
    assert made["card"] == expected
    assert cards.facts(made["token"]).body["card"] == expected


def test_a_deterministic_type_tells_the_same_on_every_way(cards: World) -> None:
    """Made, found again, searched for, and asked for."""
    item = {"type": "known", "value": CARD}
    answers = [cards.tokenize(item).only, cards.tokenize(item).only, cards.search(item).only]
    answers.append(cards.facts(answers[0]["token"]).body)
    assert [answer["card"] for answer in answers] == [{"brand": "visa"}] * 4


def test_a_type_without_the_options_answers_and_stores_nothing(cards: World) -> None:
    """Neither a field in the answers nor an attribute in the record."""
    token = cards.tokenize({"type": "plain", "value": CARD}).only["token"]
    assert "card" not in cards.facts(token).body
    assert "card" not in cards.stored(token)


def test_a_number_of_no_known_network_is_taken_without_a_brand(cards: World) -> None:
    """What is not known is left out; of a short number, so is the BIN."""
    assert "card" not in cards.tokenize({"type": "known", "value": "6069990000000004"}).only
    assert cards.tokenize({"type": "card", "value": "30569309025904"}).only["card"] == {
        "brand": "diners_club"
    }


def test_an_old_record_tells_what_it_holds(cards: World) -> None:
    """A token from before the policy asked has no such facts; its number sent again is answered in full."""
    before = {**TYPES, "known": {"format": "card_number", "mode": "deterministic"}}
    cards.deploy(policies.document(before))
    item = {"type": "known", "value": CARD}
    token = cards.tokenize(item).only["token"]
    cards.deploy(policies.document(TYPES))
    assert "card" not in cards.facts(token).body
    assert cards.tokenize(item).only == {
        **cards.tokenize(item).only,
        "token": token,
        "card": {"brand": "visa"},
    }


@pytest.mark.parametrize("part", ["brand", "bin"])
def test_what_a_record_tells_is_signed(cards: World, part: str) -> None:
    """Changed or taken away by who can write to the table, it is a corrupt record."""
    token = cards.tokenize({"type": "card", "value": CARD}).only["token"]
    stored = cards.stored(token)
    parts = stored["card"]["M"]
    others = ({**parts, part: {"S": "other"}}, {name: text for name, text in parts.items() if name != part})
    for changed in others:
        cards.store({**stored, "card": {"M": changed}})
        assert cards.facts(token).body["code"] == "record_corrupt"
        assert cards.detokenize(token).only["error"]["code"] == "record_corrupt"


def test_erasing_leaves_nothing_of_the_card(cards: World) -> None:
    """The tombstone and the marker hold neither brand nor BIN."""
    token = cards.tokenize({"type": "card", "value": CARD}).only["token"]
    assert "41111111" in dumps(cards.items("vault"))
    assert cards.erase(token=token).status == 204
    assert not [word for word in ("visa", "41111111") if word in dumps(cards.items("vault"))]
