"""Batches that the module `bulk` invokes a function with: one client's, and what they may do."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import bulk, wiring
from chalicelib.api import direct
from tests.support import policies
from tests.support.bulk_exports import answer
from tests.support.exports import terms
from tests.support.logs import captured_lines
from tests.support.world import World, world

CARD = {"type": "card_number", "value": "4111111111111111"}


def invoked(
    account: World, operation: str, *items: Any, address: str = "shop/checkout", **more: str
) -> dict[str, Any]:
    """The answer to a batch, its body parsed."""
    event = {"operation": operation, "body": json.dumps({"items": items}), **more}
    service = account.services["tokenize"]
    answered = direct.answer(event, "r-1", lambda: direct.serving(service, address), account.telemetry)
    return {**answered, "body": json.loads(answered["body"])}


def test_a_batch_is_tokenized_as_the_client_that_is_named(account: World) -> None:
    """The token is the client's, as if it had called the API, and a log line says so without the value."""
    with captured_lines() as lines:
        answered = invoked(account, "tokenize", CARD)
        [line] = lines()
    token = answered["body"]["results"][0]["token"]
    assert answered["status"] == 200
    assert account.facts(token).body["created_by"] == "checkout"
    assert account.detokenize(token).only["value"] == CARD["value"]
    assert (line["tenant"], line["client"], line["TokensMade"]) == ("shop", "checkout", 1)
    assert CARD["value"] not in json.dumps(line)


def test_a_batch_sent_again_gets_the_same_tokens(account: World) -> None:
    """By its idempotency key, random types too."""
    first, again = (invoked(account, "tokenize", CARD, idempotency_key="k" * 22) for _ in range(2))
    assert first["body"] == again["body"]


def test_tokens_are_imported_as_a_client_that_may() -> None:
    """The operation `import` needs that action of the client, and `tokenize` is refused to it."""
    with world(policies.importing()) as account:
        item = {**CARD, "token": "old_AbCd1234"}
        stored = invoked(account, "import", item, address="shop/migration")
        refused = invoked(account, "tokenize", CARD, address="shop/migration")
    assert stored["body"]["results"][0]["token"] == item["token"]
    assert (refused["status"], refused["body"]["code"]) == (403, "not_permitted")


@pytest.mark.parametrize("operation", ["search", "capture", "facts", "detokenize", "", None, ["tokenize"]])
def test_nothing_but_batches_is_served(account: World, operation: Any) -> None:
    """Whoever may invoke the function can neither search nor open a session."""
    assert invoked(account, operation, CARD)["status"] == 404


@pytest.mark.parametrize("address", ["", "shop", "shop/nobody", "clinic/checkout", "/checkout"])
def test_an_unknown_client_is_refused(account: World, address: str) -> None:
    """Without a client of the policy there is nobody to act for."""
    answered = invoked(account, "tokenize", CARD, address=address)
    assert (answered["status"], answered["body"]["code"]) == (403, "not_permitted")


def test_a_client_of_people_is_nobody_to_act_for() -> None:
    """Nobody signed in, so no group says what the person may do."""
    with world(policies.with_people(staff={"actions": ["tokenize"], "types": ["text"]})) as account:
        assert invoked(account, "tokenize", CARD, address="shop/desk")["status"] == 403


@pytest.mark.parametrize(
    "event", [{}, {"operation": "tokenize"}, {"operation": "tokenize", "body": '"\ud800"'}, {"body": 1}]
)
def test_an_event_of_another_shape_is_answered(account: World, event: dict[str, Any]) -> None:
    """With a problem document, not with an exception."""
    service = account.services["tokenize"]
    answered = direct.answer(
        event, "r-1", lambda: direct.serving(service, "shop/checkout"), account.telemetry
    )
    assert 400 <= answered["status"] < 500


def test_what_the_client_may_not_do_is_not_done(account: World) -> None:
    """The actions are the policy's: a client that only reads tokenizes nothing this way either."""
    assert invoked(account, "tokenize", CARD, address="shop/support")["status"] == 403


def test_the_handler_acts_for_the_client_of_its_environment(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Lambda calls, with the environment that Terraform sets; without a client, nobody is acted for."""
    event = {"operation": "tokenize", "body": json.dumps({"items": [CARD]})}
    for name, value in account.env("tokenize").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wiring, "aws_client", account.client)
    wiring.service.cache_clear()
    try:
        nobody = bulk.take_in(event, SimpleNamespace(aws_request_id="r-1"))
        monkeypatch.setenv("TOKENVAULT_BULK_CLIENT", "shop/checkout")
        answered = bulk.take_in(event, SimpleNamespace(aws_request_id="r-1"))
    finally:
        wiring.service.cache_clear()
    assert (nobody["status"], answered["status"]) == (403, 200)
    token = json.loads(answered["body"])["results"][0]["token"]
    assert account.facts(token).body["created_by"] == "checkout"


def exports(account: World, operation: Any, body: dict[str, Any], address: str = "shop/mover") -> Any:
    """The answer to an event of an export, its body parsed."""
    event = {"operation": operation, "body": json.dumps(body)}
    answered = answer(account, event, address)
    return {**answered, "body": json.loads(answered["body"])}


def test_an_export_is_that_of_the_client_that_is_named() -> None:
    """Begun and given page by page, on record as the client's; whoever invokes it names nobody."""
    with world(policies.exporting()) as account:
        account.tokenize(CARD)
        begun = exports(account, "begin_export", terms())
        pages = {"opening": begun["body"]["opening"], "cursor": begun["body"]["cursor"]}
        given = exports(account, "export_page", pages)
        events = [event for event in account.events() if event["action"]["S"] == "export"]
    assert (begun["status"], given["status"]) == (201, 200)
    assert [event["client"]["S"] for event in events] == ["mover"]
    assert CARD["value"] not in json.dumps(given)


@pytest.mark.parametrize(
    ("operation", "address", "status"),
    [
        ("begin_export", "shop/settlement", 403),
        ("begin_export", "shop/nobody", 403),
        ("begin_export", "clinic/mover", 403),
        ("detokenize", "shop/settlement", 404),
        ("tokenize", "shop/checkout", 404),
        ("ask_export_approval", "shop/mover", 404),
        ("decide_approval", "shop/mover", 404),
        (None, "shop/mover", 404),
    ],
)
def test_nothing_but_exports_is_given_out(operation: Any, address: str, status: int) -> None:
    """Neither a reveal, nor an approval, nor as a client that may not: its actions are the policy's."""
    with world(policies.exporting()) as account:
        assert exports(account, operation, terms(), address)["status"] == status


def test_where_nobody_exports_nothing_is_given_out(account: World) -> None:
    """The code of it is not even loaded."""
    assert exports(account, "begin_export", terms(), "shop/settlement")["status"] == 404


def test_what_takes_batches_in_gives_nothing_out() -> None:
    """The two functions differ in what they serve, whatever their environment says."""
    with world(policies.exporting()) as account:
        assert invoked(account, "begin_export", address="shop/mover")["status"] == 404


def test_the_handler_of_exports_acts_for_the_client_of_its_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a client, nobody is acted for."""
    event = {"operation": "begin_export", "body": json.dumps(terms())}
    with world(policies.exporting()) as account:
        for name, value in account.env("reveal").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(wiring, "aws_client", account.client)
        wiring.service.cache_clear()
        try:
            nobody = bulk.give_out(event, SimpleNamespace(aws_request_id="r-1"))
            monkeypatch.setenv("TOKENVAULT_BULK_EXPORT_CLIENT", "shop/mover")
            answered = bulk.give_out(event, SimpleNamespace(aws_request_id="r-1"))
        finally:
            wiring.service.cache_clear()
    assert (nobody["status"], answered["status"]) == (403, 201)
