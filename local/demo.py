"""One round trip, printed: a card number goes in, lies in the table, and comes back to those who may."""

import json
from collections.abc import Callable
from typing import Any

from local.caller import Answer, access_token, call
from local.stack import Stack

CARD = "4111 1111 1111 1111"


def show(stack: Stack, say: Callable[[str], None]) -> None:
    """Prints the round trip, on a stack that has the clients for it."""
    if not {"checkout", "settlement", "support"} <= {client["name"] for client in stack.clients}:
        return
    made = _call(
        stack, "checkout", ["vault/tokenize"], "tokenize", {"items": [{"type": "card_number", "value": CARD}]}
    )
    token = made.body["results"][0]["token"]
    say(f"\ncheckout tokenizes {CARD}\n  -> {token}")

    key = {"pk": {"S": f"shop#{token}"}, "sk": {"S": "record"}}
    item = stack.account.client("dynamodb").get_item(TableName=stack.outputs["tables"]["vault"], Key=key)[
        "Item"
    ]
    stored = json.dumps({name: _shown(value) for name, value in item.items()}, indent=2, sort_keys=True)
    say(f"\nwhat lies in the table\n{stored}")

    asked = {"items": [{"token": token}], "purpose": "settlement"}
    full = _call(stack, "settlement", ["vault/detokenize"], "detokenize", asked)
    say(f"\nsettlement detokenizes it, for the purpose settlement\n  -> {full.body['results'][0]['value']}")

    asked = {"items": [{"token": token}], "reveal": "masked"}
    masked = _call(stack, "support", ["vault/detokenize.masked"], "detokenize", asked)
    say(f"\nsupport may see the mask only\n  -> {masked.body['results'][0]['value']}")

    asked = {"items": [{"token": token}], "purpose": "settlement"}
    refused = _call(stack, "support", ["vault/detokenize.masked"], "detokenize", asked)
    say(
        "\nsupport asks for all of it\n"
        f"  -> {refused.status} {refused.body['code']}: {refused.body['detail']}"
    )


def _call(stack: Stack, name: str, scopes: list[str], operation: str, body: Any) -> Answer:
    client = next(client for client in stack.clients if client["name"] == name)
    token = access_token(stack.token_url, client, scopes)
    return call(f"{stack.places.url}/v1/{operation}", "POST", token, client["api_key"], body)


def _shown(attribute: dict[str, Any]) -> Any:
    [(kind, value)] = attribute.items()
    return f"<{len(bytes(value))} bytes: {bytes(value)[:12].hex()}...>" if kind == "B" else value
