"""People who sign in: their routes have no API key, and a service's access token opens none of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.api.routes import PEOPLE_ROUTES, USER_PREFIX
from tests.support import policies
from tests.support.answers import problem
from tests.support.logs import captured_lines
from tests.support.world import Answer, World, world

ANNA = {"sub": "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44", "username": "anna"}
BERT = {"sub": "0d4f7a90-1b2c-4d3e-8f60-5a6b7c8d9e0f", "username": "bert"}
TEXT = {"type": "text", "value": "some text"}
SCOPES = ("detokenize", "detokenize.masked")
FULL = {"actions": ["detokenize"], "purposes": ["refund"]}
CARD = {"type": "card_number", "value": "4111111111111111"}


@pytest.fixture(scope="module")
def account() -> Iterator[World]:
    """An account with a client for people: some may reveal texts, and some see masks of cards."""
    written = policies.with_people(
        refunds={
            "actions": ["detokenize", "read"],
            "types": ["text"],
            "purposes": ["refund"],
            "reveals_per_hour": 3,
        },
        masks={"actions": ["detokenize.masked", "tokenize"], "types": ["card_number"]},
        cards={**FULL, "types": ["card_number"], "reveals_per_hour": 2},
        texts={**FULL, "types": ["text"]},
    )
    written["tenants"]["shop"]["clients"]["desk"]["reveals_per_hour"] = 8
    with world(written) as made:
        yield made


@pytest.fixture(autouse=True)
def _another_hour(account: World) -> None:
    for item in account.items("budgets"):
        account.dynamodb.delete_item(TableName="budgets", Key={name: item[name] for name in ("pk", "sk")})


def reveal(account: World, *tokens: str, groups: str = "shop/refunds", **more: Any) -> Answer:
    """A full reveal of a person, at the path for people."""
    body = {"items": [{"token": token} for token in tokens], "purpose": "refund", **more.pop("body", {})}
    named = {"client": "desk", "without_api_key": True, "scopes": SCOPES, "cognito:groups": groups}
    return account.call(
        "reveal", "POST", f"{USER_PREFIX}/v1/detokenize", json_body=body, **{**named, **ANNA, **more}
    )


def test_a_person_reveals_what_their_group_may_and_is_on_record(account: World) -> None:
    """No API key, no secret: the group allows it, and the event says who it was."""
    token = account.tokenize(TEXT).only["token"]
    assert reveal(account, token).only["value"] == "some text"
    event = max(account.events(), key=lambda item: item["sk"]["S"])
    assert (event["username"]["S"], event["user_sub"]["S"]) == ("anna", ANNA["sub"])
    assert event["client"]["S"] == "desk"


def test_two_groups_do_not_add_up_to_what_neither_allows(account: World) -> None:
    """Who may reveal texts, and see masks of cards, may reveal no card."""
    text, card = (account.tokenize(item).only["token"] for item in (TEXT, CARD))
    both = {"groups": "shop/masks,shop/refunds"}
    found = reveal(account, text, card, **both).body["results"]
    assert [found[0]["value"], found[1]["error"]["code"]] == ["some text", "not_permitted"]
    masked = {"reveal": "masked", "purpose": None}
    [shown] = reveal(account, card, **both, body=masked).body["results"]
    assert shown["value"] == "************1111"


@pytest.mark.parametrize("groups", ["", "clinic/refunds", "shop/masks"])
def test_without_the_group_nothing_is_revealed_and_the_try_is_on_record(account: World, groups: str) -> None:
    """Whom nobody put into a group, or took out of it, has nothing."""
    token = account.tokenize(TEXT).only["token"]
    problem(reveal(account, token, groups=groups), 403, "not_permitted")
    event = max(account.events(), key=lambda item: item["sk"]["S"])
    assert (event["refusal"]["S"], event["username"]["S"]) == ("not_permitted", "anna")
    assert event["rule"] == {"S": "groups"}


@pytest.mark.parametrize("route", PEOPLE_ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_services_access_token_opens_no_route_without_its_api_key(account: World, route: Any) -> None:
    """A stolen one is worthless without the key, at the paths that ask for none, too. Where it was tried on
    something that is on record, the try is as well, in the service's name."""
    account.clear("audit")
    for client in ("checkout", "settlement", "privacy"):
        actions = [action for action in route.actions if account_allows(client, action)][:1]
        answer = account.call(
            route.function,
            route.method,
            route.path,
            client,
            without_api_key=True,
            scopes=tuple(actions),
            token="x",
            subject="x",
            approval="x",
            **{"cognito:groups": "shop/refunds"},
            **ANNA,
        )
        problem(answer, 403, "not_permitted")
        assert "API key" in answer.body["detail"]
    events = account.events()
    assert {event["rule"]["S"] for event in events} <= {"api_key"}
    assert {event["client"]["S"] for event in events} <= {"checkout", "settlement", "privacy"}


def account_allows(client: str, action: str) -> bool:
    """Whether the policy of the tests lets a client do it."""
    return action in policies.CLIENTS["shop"][client]


def test_a_persons_access_token_opens_no_route_of_services(account: World) -> None:
    """With the API key of whatever client."""
    token = account.tokenize(TEXT).only["token"]
    for key in ("settlement", "desk"):
        refused = account.detokenize(
            token, client="desk", api_key_of=key, **{"cognito:groups": "shop/refunds"}, **ANNA
        )
        problem(refused, 403, "not_permitted")


def test_the_tokenizing_function_takes_no_persons_token_that_reveals(account: World) -> None:
    """Whoever took that function over could replay it: a person's needs no API key besides."""
    body = {"items": [CARD]}
    options: dict[str, Any] = {"without_api_key": True, "json_body": body, "cognito:groups": "shop/masks"}
    for scopes in (("tokenize", "detokenize"), ("tokenize", "detokenize.masked")):
        answer = account.call(
            "tokenize", "POST", f"{USER_PREFIX}/v1/tokenize", "desk", scopes=scopes, **options, **ANNA
        )
        problem(answer, 403, "not_permitted")
    answer = account.call(
        "tokenize", "POST", f"{USER_PREFIX}/v1/tokenize", "desk", scopes=("tokenize",), **options, **ANNA
    )
    assert answer.status == 200


def test_each_person_has_a_budget_and_all_together_the_clients(account: World) -> None:
    """Who is over their own takes nothing from the others; who is over the client's keeps their own."""
    token = account.tokenize(TEXT).only["token"]
    assert reveal(account, *[token] * 3).status == 200
    refused = reveal(account, token)
    problem(refused, 429, "budget_exceeded")
    assert "person's" in refused.body["detail"]
    assert reveal(account, *[token] * 3, **BERT).status == 200
    carl = {"sub": "carl-sub", "username": "carl"}
    refused = reveal(account, *[token] * 3, **carl)
    problem(refused, 429, "budget_exceeded")
    assert "client's" in refused.body["detail"]
    spent = {item["pk"]["S"]: int(item["spent"]["N"]) for item in account.items("budgets")}
    assert spent == {
        f"shop##{ANNA['sub']}": 3,
        f"shop##{BERT['sub']}": 3,
        "shop##carl-sub": 0,
        "shop#desk": 6,
    }


def test_a_group_without_a_limit_lifts_none_of_another_groups_types(account: World) -> None:
    """Texts without end, and two cards; the unknown counts as a card, and a refused request for nothing."""
    text, card = (account.tokenize(item).only["token"] for item in (TEXT, CARD))
    both = {"groups": "shop/cards,shop/texts"}
    assert reveal(account, *[text] * 3, **both).status == 200
    problem(reveal(account, text, *[card] * 3, **both), 429, "budget_exceeded")
    assert reveal(account, text, *[card] * 2, **both).status == 200
    for token in (card, "text_unknown"):
        problem(reveal(account, text, token, **both), 429, "budget_exceeded")
    assert reveal(account, text, **both).only["value"] == "some text"
    spent = {item["pk"]["S"]: int(item["spent"]["N"]) for item in account.items("budgets")}
    assert spent == {f"shop##{ANNA['sub']}": 2, "shop#desk": 7}


def test_what_types_a_person_may_use(account: World) -> None:
    """Those of their groups, and none without one."""
    for groups, types in (
        ("shop/refunds", ["text"]),
        ("", []),
        ("shop/masks,shop/refunds", ["card_number", "text"]),
    ):
        answer = account.call(
            "reveal",
            "GET",
            f"{USER_PREFIX}/v1/types",
            "desk",
            scopes=("read",),
            without_api_key=True,
            **{"cognito:groups": groups},
            **ANNA,
        )
        assert [described["type"] for described in answer.body["types"]] == types


def test_the_log_names_neither_the_person_nor_their_groups(account: World) -> None:
    """Those stand in the audit trail, where access is on record."""
    token = account.tokenize(TEXT).only["token"]
    with captured_lines() as lines:
        reveal(account, token)
        problem(reveal(account, token, groups="shop/masks"), 403, "not_permitted")
        written = lines()
        said = str(written)
    assert sum(line.get("RevealsForbidden", 0) for line in written) == 1
    assert "desk" in said
    assert not any(text in said for text in (*ANNA.values(), "shop/refunds", "shop/masks", token))
