"""Capture sessions as a back end asks for them, and what a page does with one."""

import json
from dataclasses import replace
from typing import Any

from chalicelib.api.handler import respond
from tests.support import policies
from tests.support.world import Answer, World

SHOP = "https://shop.example"
CARD = {"type": "card_number", "value": "4111111111111111"}
OTHER_CARD = {"type": "card_number", "value": "5555555555554444"}
TEXT = {"type": "text", "value": "some text"}


def with_capture(types: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """The policy in which a client of the other tenant may capture, too."""
    written = policies.document(types)
    written["tenants"]["clinic"]["clients"]["intake"]["actions"] += ["capture"]
    return written


def ask_session(account: World, client: str = "checkout", **terms: Any) -> Answer:
    """`POST /v1/capture-sessions`, by default for one card of the shop's page."""
    scopes = terms.pop("scopes", ("capture",))
    body = {"types": ["card_number"], "origin": SHOP, **terms}
    return account.call("tokenize", "POST", "/v1/capture-sessions", client, scopes=scopes, json_body=body)


def session(account: World, **terms: Any) -> str:
    """The text of a new session."""
    answer = ask_session(account, **terms)
    assert answer.status == 201, answer.body
    return str(answer.body["session"])


def capture(
    account: World, by: str | None, *items: dict[str, Any], origin: str | None = SHOP, **options: Any
) -> Answer:
    """`POST /v1/capture`, as API Gateway hands it on: without claims, and without an API key."""
    options.setdefault("json_body", {"items": list(items)})
    asked = account.request("POST", "/v1/capture", "", **options)
    request = replace(asked, claims=None, api_key_id=None, capture_session=by, origin=origin)
    answer = respond(request, lambda: account.services["tokenize"], account.telemetry)
    return Answer(answer.status, json.loads(answer.body), answer)
