"""The types that a client, or a person's group, may use hold for erasing, too: nothing brings it back."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.api.routes import USER_PREFIX
from tests.support import policies
from tests.support.answers import problem, tokens
from tests.support.world import Answer, World, world

TEXT = {"type": "text", "value": "some text"}
CARD = {"type": "card_number", "value": "4111111111111111"}
ANNA = {"sub": "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44", "username": "anna"}


@pytest.fixture(scope="module")
def account() -> Iterator[World]:
    """`privacy` may erase texts, `clerk` all that there is; a person may erase texts, and tokenize cards."""
    written = policies.with_people(
        texts={"actions": ["erase"], "types": ["text"]},
        cards={"actions": ["tokenize"], "types": ["card_number"]},
    )
    clients = written["tenants"]["shop"]["clients"]
    clients["desk"]["actions"] = [*clients["desk"]["actions"], "erase"]
    clients["clerk"] = policies._client("clerk", ["erase"], list(written["types"]))
    clients["privacy"]["types"] = ["text"]
    with world(written) as made:
        yield made


def erase_in_person(account: World, **named: str) -> Answer:
    """By somebody who is in both groups."""
    route = "tokens/{token}" if "token" in named else "subjects/{subject}"
    claims = {"scopes": ("erase",), "cognito:groups": "shop/texts,shop/cards", **ANNA}
    path = f"{USER_PREFIX}/v1/{route}"
    return account.call("reveal", "DELETE", path, "desk", without_api_key=True, **claims, **named)


WAYS: dict[str, Any] = {"service": World.erase, "person": erase_in_person}


@pytest.mark.parametrize("way", sorted(WAYS))
def test_a_token_of_another_type_is_not_erased(account: World, way: str) -> None:
    """The refusal is on record, and one of a type that may be used is erased, however often."""
    text, card = tokens(account.tokenize(TEXT, CARD))
    problem(WAYS[way](account, token=card), 403, "not_permitted")
    refused = max(account.events(), key=lambda item: item["sk"]["S"])
    assert (refused["action"]["S"], refused["refusal"]["S"]) == ("erase.token", "not_permitted")
    assert refused["asked_for"] == {"L": [{"S": card}]}
    assert account.detokenize(card).only["value"] == CARD["value"]
    assert WAYS[way](account, token=text).status == 204
    assert account.facts(text).status == 404
    assert WAYS[way](account, token=text).status == 204


def test_what_is_on_its_way_is_closed_if_it_has_the_form_of_such_a_type(account: World) -> None:
    """A token of another type writes nothing, as other text does."""
    text, card = tokens(account.tokenize(TEXT, CARD))
    for token in (text, card):
        account.dynamodb.delete_item(
            TableName="vault", Key={"pk": {"S": f"shop#{token}"}, "sk": {"S": "record"}}
        )
        assert account.erase(token=token).status == 204
    written = {item["pk"]["S"] for item in account.items("vault")}
    assert (f"shop#{text}" in written, f"shop#{card}" in written) == (True, False)


@pytest.mark.parametrize("way", sorted(WAYS))
def test_a_subject_with_another_type_is_refused_whole(account: World, way: str) -> None:
    """Beyond the first hundred tokens, too. Nothing is closed, and the answer names no type."""
    subject = f"customer-{way}"
    texts = [{**TEXT, "subject": subject}] * 100
    made = tokens(account.tokenize(*texts)) + tokens(account.tokenize({**CARD, "subject": subject}))
    before = account.items("subjects")
    refused = WAYS[way](account, subject=subject)
    problem(refused, 403, "not_permitted")
    assert "card_number" not in str(refused.body)
    event = max(account.events(), key=lambda item: item["sk"]["S"])
    assert (event["refusal"]["S"], event["subject"]["S"]) == ("not_permitted", subject)
    assert account.items("subjects") == before
    assert account.detokenize(made[0], made[-1]).status == 200
    assert account.erase(client="clerk", token=made[-1]).status == 204
    assert WAYS[way](account, subject=subject).body["receipt"]["tokens_closed"] == 100


def test_an_erasure_is_finished_and_told_again_by_whoever_may_erase(account: World) -> None:
    """An erased subject has nothing left to look at; its receipt says the same."""
    account.tokenize({**CARD, "subject": "customer-2"})
    first = account.erase(client="clerk", subject="customer-2")
    assert account.erase(subject="customer-2").body["receipt"] == first.body["receipt"]


def test_who_may_use_all_types_erases_what_the_policy_no_longer_has(account: World) -> None:
    """Taking a type away would leave its records for good otherwise."""
    [token] = tokens(account.tokenize(TEXT))
    account.store({**account.stored(token), "type": {"S": "gone"}})
    problem(account.erase(token=token), 403, "not_permitted")
    assert account.erase(client="clerk", token=token).status == 204
