"""Values go in, tokens come out, and come back as values for those who may."""

import json
from pathlib import Path

from tests.support import policies
from tests.support.world import World

CARD = "4111111111111111"
README = Path(__file__).resolve().parents[2] / "README.md"


def test_card_number_comes_back_in_its_canonical_form(account: World) -> None:
    """A card number comes back without the spaces it was sent with."""
    made = account.tokenize({"type": "card_number", "value": "4111 1111 1111 1111"})
    assert made.status == 200
    assert made.only["token"].endswith("1111")
    assert made.only["token"] != CARD

    assert account.detokenize(made.only["token"]).only["value"] == CARD


def test_text_comes_back_as_it_was(account: World) -> None:
    """Text comes back to the letter, whatever alphabet it is in."""
    text = "Zoë\u0000 🦉 \n tab\t"
    token = account.tokenize({"type": "text", "value": text}).only["token"]
    assert account.detokenize(token).only["value"] == text


def test_random_types_make_a_new_token_each_time(account: World) -> None:
    """The same value twice is two tokens, each of which comes back."""
    items = [{"type": "card_number", "value": CARD}] * 2
    first, second = account.tokenize(*items).body["results"]
    assert first["token"] != second["token"]
    values = account.detokenize(first["token"], second["token"]).body["results"]
    assert [entry["value"] for entry in values] == [CARD, CARD]


def test_a_batch_is_answered_in_order(account: World) -> None:
    """Results stand where their items stood, also between failures."""
    made = account.tokenize(
        {"type": "text", "value": "first"},
        {"type": "card_number", "value": "4111111111111112"},
        {"type": "card_number", "value": CARD},
        {"type": "nothing", "value": "x"},
        {"type": "text", "value": "last"},
    ).body["results"]
    assert [entry.get("error", {}).get("code") for entry in made] == [
        None,
        "invalid_value",
        None,
        "unknown_type",
        None,
    ]
    tokens = [made[0]["token"], "unknown", made[2]["token"], made[4]["token"]]
    back = account.detokenize(*tokens).body["results"]
    assert [entry.get("value") for entry in back] == ["first", None, CARD, "last"]
    assert back[1]["error"]["code"] == "token_not_found"


def test_a_hundred_of_each_kind_come_back(account: World) -> None:
    """A full batch of both kinds goes in and comes out whole."""
    items = [{"type": "text", "value": f"text {i}"} for i in range(50)]
    items += [{"type": "card_number", "value": CARD}] * 50
    tokens = [entry["token"] for entry in account.tokenize(*items).body["results"]]
    assert len(set(tokens)) == 100
    values = [entry["value"] for entry in account.detokenize(*tokens).body["results"]]
    assert values == [item["value"] for item in items]


def test_a_mask_shows_the_last_four_digits(account: World) -> None:
    """Whoever may see masks only sees the last four digits of a card, and nothing of a text."""
    card = account.tokenize({"type": "card_number", "value": CARD}).only["token"]
    text = account.tokenize({"type": "text", "value": "secret"}).only["token"]
    shown = [entry["value"] for entry in account.masked(card, text).body["results"]]
    assert shown[0] == "************1111"
    assert "secret" not in shown[1]


def test_facts_tell_type_and_time_and_no_value(account: World) -> None:
    """Facts about a token hold its type, times and creator, and nothing else."""
    token = account.tokenize({"type": "card_number", "value": CARD}).only["token"]
    facts = account.facts(token)
    assert facts.status == 200
    assert set(facts.body) == {"token", "type", "created", "expires_at", "created_by", "imported", "metadata"}
    assert facts.body["type"] == "card_number"
    assert facts.body["expires_at"] is None


def test_types_lists_what_the_caller_may_use(account: World) -> None:
    """The list of types is the policy's for this client."""
    listed = account.call("reveal", "GET", "/v1/types", "checkout", scopes=("tokenize",))
    assert [entry["type"] for entry in listed.body["types"]] == sorted(policies.TYPES)


def test_the_readme_shows_a_record_as_it_lies_in_the_table(account: World) -> None:
    """Attribute by attribute, and as many bytes of each; the digits and the time are another run's."""
    shown = json.loads(README.read_text().split("what lies in the table\n")[1].split("\n\n")[0])
    stored = account.stored(account.tokenize({"type": "card_number", "value": CARD}).only["token"])
    assert stored.keys() == shown.keys()
    sizes = {name: len(attribute["B"]) for name, attribute in stored.items() if "B" in attribute}
    assert {name: f"<{size} bytes" for name, size in sizes.items()} == {
        name: shown[name].partition(":")[0] for name in sizes
    }
