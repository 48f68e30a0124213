"""Examples of capture sessions: what a back end asks for, and what the page does with it."""

from typing import Any, Final

from local.openapi.example import CREATED, Example, problem

SHOP: Final = "https://shop.example"

SESSION: Final = (
    "WzEsIjBkNWZ1b0JHTVYxQXlPQmZDS1RfX0EiLCJzaG9wIiwiY2hlY2tvdXQiLFsiY2FyZF9udW1iZXIiXV0"
    ".3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs"
)

CAPTURED: Final = "9318840275191881"

_CARD: Final[dict[str, Any]] = {"items": [{"type": "card_number", "value": "4012 8888 8888 1881"}]}

CAPTURING: Final = (
    Example(
        "open_capture_session",
        "one_card",
        "For a page that asks its user for one card",
        status=201,
        body={"types": ["card_number"], "origin": SHOP, "subject": "customer-18"},
        answer={"session": SESSION, "expires": 1772367000, "session_id": "0d5fuoBGMV1AyOBfCKT__A"},
    ),
    Example(
        "open_capture_session",
        "no_origin",
        "An origin has no path",
        status=400,
        body={"types": ["card_number"], "origin": f"{SHOP}/"},
        answer=problem(
            400,
            "invalid_request",
            "Invalid request",
            "origin: as browsers write it (https://shop.example), and one of the stack's allowed_origins "
            "where it has any",
            "/origin",
        ),
    ),
    Example(
        "capture",
        "one_card",
        "What the page sends; the same again gets the same token",
        body=_CARD,
        answer={
            "results": [
                {
                    "token": CAPTURED,
                    "type": "card_number",
                    "masked": "************1881",
                    "created": CREATED,
                    "expires_at": None,
                }
            ]
        },
        parameters={"session": SESSION, "Origin": SHOP},
    ),
    Example(
        "capture",
        "used",
        "Another card by the same session",
        status=409,
        body={"items": [{"type": "card_number", "value": "5555 5555 5555 4444"}]},
        answer=problem(
            409,
            "capture_session_used",
            "Capture session used",
            "this capture session took in other values already",
        ),
        parameters={"session": SESSION, "Origin": SHOP},
    ),
    Example(
        "capture",
        "wrong_origin",
        "A page of another origin that got hold of the session",
        status=403,
        body=_CARD,
        answer=problem(
            403,
            "wrong_origin",
            "Wrong origin",
            "this capture session is for the pages of another origin (Origin header)",
        ),
        parameters={"session": SESSION, "Origin": "https://shop.example.evil.org"},
    ),
)
