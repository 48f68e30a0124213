"""A policy that gives a type another format: what was taken in is still there, and no mask tells it."""

import pytest

from tests.support import policies
from tests.support.world import World, world

NAME = "hi"
CARD = "4111111111111111"
NO_JSON = "[" * 2000
"""Python's parser runs out of stack on it."""

LATER = {
    **policies.TYPES,
    "text": {"format": "digits"},
    "short_lived": {**policies.TYPES["short_lived"], "format": "json"},
}


def changed(account: World) -> None:
    """The same types under a policy with other formats, in new containers."""
    account.deploy(policies.document(LATER))


def test_a_mask_of_another_format_shows_nothing() -> None:
    """The last four digits of a number would be the whole of a short name."""
    with world() as account:
        token = account.tokenize({"type": "text", "value": NAME}).only["token"]
        changed(account)
        assert account.masked(token).only["value"] == "********"
        assert account.detokenize(token).only["value"] == NAME


@pytest.mark.parametrize("value", [NO_JSON, NAME, "1e99999999999999999999"])
def test_a_value_that_no_longer_parses_fails_on_its_own(value: str) -> None:
    """The other tokens of the request are revealed, and nothing is quoted."""
    with world() as account:
        made = account.tokenize({"type": "short_lived", "value": value}, {"type": "text", "value": NAME})
        odd, good = (entry["token"] for entry in made.body["results"])
        changed(account)
        refused, revealed = account.detokenize(odd, good).body["results"]
        assert refused["error"]["code"] == "record_corrupt"
        assert value not in refused["error"]["detail"]
        assert revealed["value"] == NAME
        assert account.masked(odd).only["value"] == "********"


def test_a_type_that_becomes_one_of_cards_shows_nothing_of_before() -> None:
    """And the other way round: no mask fits, and what comes back is what lies there, or an error."""
    card, number = {"format": "card"}, {"format": "card_number"}
    with world(policies.document({"first": card, "second": number})) as account:
        items = (("first", {"number": CARD, "holder": "Ada"}), ("second", CARD))
        made = account.tokenize(*({"type": kind, "value": value} for kind, value in items))
        tokens = [entry["token"] for entry in made.body["results"]]
        account.deploy(policies.document({"first": number, "second": card}))
        masks = [entry["value"] for entry in account.masked(*tokens).body["results"]]
        assert masks == ["********", "********"]
        revealed, corrupt = account.detokenize(*tokens).body["results"]
        assert "Ada" in revealed["value"]
        assert corrupt["error"]["code"] == "record_corrupt"
