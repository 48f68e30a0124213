"""A request that is refused whole names the tokens that it was for, and nothing that may be a value."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support import policies
from tests.support.answers import problem
from tests.support.faults import DYNAMODB_FAULTS, dumps, failing
from tests.support.world import Answer, World, world

CARD = {"type": "card_number", "value": "4111111111111111"}
TEXT = {"type": "text", "value": "some text"}
UNKNOWN = "bdefghjkmnpq"
"""It has the form of an account number's token, and nobody was given it."""

MISTYPED = "4111111111111112"
"""A card number with one digit wrong; card tokens have that form."""

ACCOUNT = "987654321012"
"""An account number, and where cards are tokenized the form of a token: twelve digits that fail Luhn."""

TYPES = {**policies.TYPES, "account": {"format": "digits"}}


@pytest.fixture
def banking() -> Iterator[World]:
    """An account whose policy has account numbers, of whatever digits, beside cards."""
    with world(policies.document(TYPES)) as made:
        yield made


def last(account: World) -> dict[str, Any]:
    """The latest event."""
    return max(account.events(), key=lambda item: str(item["sk"]["S"]))


def asked_for(account: World) -> list[str] | None:
    """The tokens that the latest event names as asked for; None if it has no such attribute."""
    event = last(account)
    assert event["outcomes"] == {"L": []}
    return [token["S"] for token in event["asked_for"]["L"]] if "asked_for" in event else None


def made(account: World, *items: dict[str, Any]) -> list[str]:
    """Tokens of these values."""
    return [str(entry["token"]) for entry in account.tokenize(*items).body["results"]]


REFUSED: dict[str, Callable[[World, list[str]], Answer]] = {
    "may not reveal": lambda account, tokens: account.detokenize(*tokens, client="checkout"),
    "may not reveal in full": lambda account, tokens: account.detokenize(*tokens, client="support"),
    "for no purpose of its": lambda account, tokens: account.detokenize(*tokens, purpose="marketing"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_refused_reveal_names_its_tokens(account: World, why: str) -> None:
    """In the order asked for, each once, erased ones too."""
    card, text = made(account, CARD, TEXT)
    assert account.erase(token=text).status == 204
    problem(REFUSED[why](account, [text, card, text]), 403, "not_permitted")
    assert asked_for(account) == [text, card]


@pytest.mark.parametrize(
    ("client", "purpose", "rule"),
    [("checkout", "settlement", "action"), ("settlement", "marketing", "purpose")],
)
def test_a_refusal_says_which_rule_was_in_the_way(
    account: World, client: str, purpose: str, rule: str
) -> None:
    """An officer need not guess; a purpose that the policy does not know is no part of the event."""
    [token] = made(account, TEXT)
    problem(account.detokenize(token, client=client, purpose=purpose), 403, "not_permitted")
    assert last(account)["rule"] == {"S": rule}
    assert last(account).get("purpose") == (None if purpose == "marketing" else {"S": purpose})


def test_a_purpose_of_another_client_is_on_record() -> None:
    """Who tried a purpose that is not theirs can be found by it."""
    written = policies.document()
    written["tenants"]["shop"]["clients"]["support"]["purposes"] = ["fraud"]
    with world(written) as account:
        [token] = made(account, TEXT)
        problem(account.detokenize(token, purpose="fraud"), 403, "not_permitted")
        assert (last(account)["purpose"], last(account)["rule"]) == ({"S": "fraud"}, {"S": "purpose"})


def test_another_refusal_has_no_rule() -> None:
    """The code says it all."""
    with world(policies.limited("shop", "settlement", reveals_per_hour=1)) as account:
        problem(account.detokenize(*made(account, TEXT, TEXT)), 429, "budget_exceeded")
        assert "rule" not in last(account)


def test_a_refused_erasure_names_its_token(account: World) -> None:
    """As `asked_for`, not as an outcome: nothing became of it."""
    [token] = made(account, TEXT)
    problem(account.erase(client="checkout", token=token), 403, "not_permitted")
    assert asked_for(account) == [token]


def test_a_request_over_its_budget_names_its_tokens() -> None:
    """The sum of many small requests for a known token shows."""
    with world(policies.limited("shop", "settlement", reveals_per_hour=1)) as account:
        tokens = made(account, TEXT, TEXT)
        problem(account.detokenize(*tokens), 429, "budget_exceeded")
        assert asked_for(account) == tokens


def test_an_opaque_token_is_named_by_its_form() -> None:
    """Nothing is looked up, and who tries such tokens out is seen doing so."""
    with world() as elsewhere:
        [token] = made(elsewhere, TEXT)
    with world() as account:
        problem(account.detokenize(token, client="checkout"), 403, "not_permitted")
        assert asked_for(account) == [token]
        assert not [call for call in account.calls if call in ("dynamodb.Query", "dynamodb.BatchGetItem")]


SENT = ["4111111111111111", MISTYPED, "some text", "Ada Lovelace", ACCOUNT, UNKNOWN, "x" * 64]


@pytest.mark.parametrize("sent", SENT)
def test_what_may_be_a_value_is_not_named(banking: World, sent: str) -> None:
    """A card number, also a mistyped one, free text, and what has a token's form and is none."""
    [token] = made(banking, TEXT)
    for purpose, client in (("settlement", "checkout"), (sent, "settlement")):
        refused = banking.detokenize(sent, token, purpose=purpose, client=client)
        problem(refused, 403, "not_permitted")
        assert asked_for(banking) == [token]
    problem(banking.erase(client="checkout", token=sent), 403, "not_permitted")
    assert asked_for(banking) is None
    assert sent not in dumps(banking.items("audit"))


def test_what_may_be_a_value_is_named_once_it_is_found(banking: World) -> None:
    """A card's token is a number that an account may have: it is looked up, erased or not."""
    tokens = made(banking, CARD, CARD)
    assert all(token.isdigit() for token in tokens), "the test's own premise"
    assert banking.erase(token=tokens[0]).status == 204
    problem(banking.detokenize(ACCOUNT, *tokens, client="checkout"), 403, "not_permitted")
    assert asked_for(banking) == tokens
    problem(banking.erase(client="checkout", token=tokens[1]), 403, "not_permitted")
    assert asked_for(banking) == [tokens[1]]


@pytest.mark.parametrize("fault", ["throttled", "denied"])
def test_a_refusal_is_on_record_while_the_vault_does_not_answer(banking: World, fault: str) -> None:
    """What would have to be looked up is left out then; the reason and the other tokens are there."""
    tokens = made(banking, CARD, TEXT)
    banking.fault = failing("dynamodb.Query", DYNAMODB_FAULTS[fault])
    problem(banking.detokenize(*tokens, client="checkout"), 403, "not_permitted")
    assert asked_for(banking) == tokens[1:]


def test_a_card_of_another_tenant_is_not_found(banking: World) -> None:
    """Nobody learns from the trail what others have."""
    [token] = made(banking, CARD)
    refused = banking.detokenize(token, client="intake", purpose="settlement")
    problem(refused, 403, "not_permitted")
    assert asked_for(banking) is None


def test_the_largest_refused_request_is_a_small_item(account: World) -> None:
    """A hundred of the longest tokens stay far below the 400 KB of DynamoDB."""
    tokens = made(account, *[TEXT] * 100)
    problem(account.detokenize(*tokens, client="checkout"), 403, "not_permitted")
    assert asked_for(account) == tokens
    assert len(dumps([last(account)])) < 16_000


def test_requests_that_are_carried_out_have_no_such_attribute(account: World) -> None:
    """Their outcomes name what was found, as they always did."""
    [token] = made(account, TEXT)
    assert account.detokenize(token).status == 200
    assert "asked_for" not in last(account)
