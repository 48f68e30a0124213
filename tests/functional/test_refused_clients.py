"""Access tokens with another client's API key, or sent to the wrong function, do nothing and are on record.

A thief of an access token tries it with whatever API key there is: who reads the trail has to see that.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.api.routes import ROUTES
from tests.support import capturing, exports, policies
from tests.support.answers import problem
from tests.support.logs import captured_lines
from tests.support.world import TABLES, Answer, World, world

TEXT = {"type": "text", "value": "some text", "subject": "p1"}
KNOWN = {"type": "card_known", "value": "4111111111111111"}

Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def account() -> Iterator[World]:
    """An account in which some client may do each thing that there is."""
    with world(policies.exporting(policies.migrating(policies.approving()))) as made:
        yield made


@pytest.fixture(scope="module")
def made(account: World) -> dict[str, str]:
    """A token of a subject, and the approval, export and cursor that steps behind others need."""
    token = account.tokenize(TEXT).only["token"]
    begun = exports.begin(account).body
    approval = account.ask_approval(token).body["approval"]
    return {"token": token, "approval": approval, "opening": begun["opening"], "cursor": begun["cursor"]}


def asks(account: World, made: dict[str, str]) -> dict[str, tuple[str | None, Ask]]:
    """How each route is asked, and the action that its refusal is on record as, if it is."""
    token, approval = made["token"], made["approval"]
    page = made["opening"], made["cursor"]
    session = {"types": ["text"], "origin": capturing.SHOP}
    opening = {"json_body": session, "scopes": ("capture",)}
    return {
        "tokenize": (None, lambda **how: account.tokenize(TEXT, **how)),
        "import_tokens": ("import", lambda **how: account.import_tokens({**TEXT, "token": "x"}, **how)),
        "open_capture_session": (
            None,
            lambda **how: account.call(
                "tokenize", "POST", "/v1/capture-sessions", "checkout", **opening, **how
            ),
        ),
        "search": ("search", lambda **how: account.search(KNOWN, **how)),
        "facts": (None, lambda **how: account.facts(token, **how)),
        "erase_token": ("erase.token", lambda **how: account.erase(token=token, **how)),
        "subject_tokens": ("subjects.read", lambda **how: account.subject("p1", **how)),
        "erase_person": ("erase.person", lambda **how: account.erase(subject="p1", **how)),
        "detokenize": ("detokenize", lambda **how: account.detokenize(token, **how)),
        "ask_approval": ("approvals.ask", lambda **how: account.ask_approval(token, **how)),
        "approval": ("approvals.look", lambda **how: account.approval(approval, **how)),
        "decide_approval": ("approvals.approve", lambda **how: account.decide(approval, **how)),
        "ask_export_approval": ("export.ask", lambda **how: exports.ask(account, **how)),
        "begin_export": ("export.begin", lambda **how: exports.begin(account, **how)),
        "export_page": ("export", lambda **how: exports.page(account, *page, **how)),
        "types": (None, lambda **how: account.call("reveal", "GET", "/v1/types", "checkout", **how)),
    }


OPEN = {"capture", "health"}
"""Routes without an access token."""


def stored(account: World) -> dict[str, list[dict[str, Any]]]:
    """What lies in all tables but that of the trail."""
    return {name: account.items(name) for name in TABLES if name != "audit"}


def test_every_route_is_asked(account: World, made: dict[str, str]) -> None:
    """A route that is added is one of the two."""
    assert {route.operation for route in ROUTES} == {*asks(account, made), *OPEN}


@pytest.mark.parametrize("route", [route.operation for route in ROUTES if route.operation not in OPEN])
@pytest.mark.parametrize("how", [{"api_key_of": "support"}, {"without_api_key": True}], ids=["other", "none"])
def test_with_another_api_key_nothing_is_done(
    account: World, made: dict[str, str], route: str, how: dict[str, Any]
) -> None:
    """By no route; a refusal is on record where one of a permission is, with whose access token it was."""
    action, ask = asks(account, made)[route]
    account.clear("audit")
    before = stored(account)
    problem(ask(**how), 403, "not_permitted")
    assert stored(account) == before
    events = account.events()
    assert [event["action"]["S"] for event in events] == ([] if action is None else [action])
    for event in events:
        assert (event["refusal"]["S"], event["rule"]["S"]) == ("not_permitted", "api_key")
        assert event["client"]["S"] != "support"
        assert event["outcomes"]["L"] == []


def test_what_was_asked_for_in_vain_is_named(account: World, made: dict[str, str]) -> None:
    """As of any refused reveal, the alarm for canaries too: the thief knows no other API key's worth."""
    written = policies.approving()
    written["tenants"]["shop"]["canaries"] = [made["token"]]
    account.deploy(written)
    account.clear("audit")
    with captured_lines() as lines:
        problem(account.detokenize(made["token"], api_key_of="support"), 403, "not_permitted")
        assert sum(line.get("CanaryRevealed", 0) for line in lines()) == 1
    [event] = account.events()
    assert event["asked_for"] == event["canaries"] == {"L": [{"S": made["token"]}]}


def test_an_assertion_does_not_hide_why(account: World, made: dict[str, str]) -> None:
    """What else would be refused of the same request comes later."""
    body = {"items": [{"token": made["token"]}], "purpose": "settlement", "assertion": "e30.e30.AA"}
    account.clear("audit")
    problem(account.detokenize(json_body=body, api_key_of="support"), 403, "not_permitted")
    [event] = account.events()
    assert (event["refusal"]["S"], event["rule"]["S"]) == ("not_permitted", "api_key")


def test_a_search_by_an_access_token_that_reveals_is_on_record(account: World) -> None:
    """The tokenizing function takes none such, so that whoever took it over sees none."""
    account.clear("audit")
    refused = account.search(KNOWN, scopes=("search", "detokenize"))
    problem(refused, 403, "not_permitted")
    [event] = account.events()
    assert (event["action"]["S"], event["rule"]["S"]) == ("search", "access_token")
