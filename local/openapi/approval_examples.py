"""Examples of a reveal that a second person approves, in an order in which they work."""

from collections.abc import Mapping
from typing import Any, Final

from local.openapi.example import Example, problem

CARD: Final = "9490532698211111"
NOTE: Final = "note_7Q2MZK4V9XW3R8TBN5HJC6YFDA1E"
CREATED: Final = "2026-03-01T12:00:00Z"
APPROVAL: Final = "5d0c2f9be1a84d67a3f81c06b7e2945d"

_ASKED: Final[Mapping[str, Any]] = {
    "approval": APPROVAL,
    "state": "pending",
    "asked_by": {"client": "settlement", "user_sub": None, "username": None},
    "purpose": "settlement",
    "types": {"card_number": 1, "note": 1},
    "asked_at": CREATED,
    "expires_at": "2026-03-01T13:00:00Z",
    "decided_by": None,
    "decided_at": None,
    "export": None,
}
_DECIDED: Final[Mapping[str, Any]] = {
    **_ASKED,
    "state": "approved",
    "decided_by": {"client": "officer", "user_sub": None, "username": None},
    "decided_at": CREATED,
}

APPROVED: Final = (
    Example(
        "ask_approval",
        "two_tokens",
        "For a reveal that needs a second person",
        body={"items": [{"token": CARD}, {"token": NOTE}], "purpose": "settlement"},
        answer=_ASKED,
    ),
    Example(
        "approval",
        "pending",
        "What is to be decided, for who asked and who may decide",
        answer=_ASKED,
        parameters={"approval": APPROVAL},
    ),
    Example(
        "decide_approval",
        "approve",
        "By another person than the one who asked",
        body={"decision": "approve"},
        answer=_DECIDED,
        parameters={"approval": APPROVAL},
    ),
    Example(
        "detokenize",
        "approved",
        "The very tokens and purpose that were approved, once",
        body={
            "items": [{"token": NOTE}, {"token": CARD}],
            "purpose": "settlement",
            "approval": APPROVAL,
        },
        answer={
            "results": [
                {"token": NOTE, "type": "note", "value": "leave it with the porter"},
                {"token": CARD, "type": "card_number", "value": "4111111111111111"},
            ]
        },
    ),
    Example(
        "detokenize",
        "approval_used",
        "An approval is used up by the first reveal, also if its answer was lost",
        status=409,
        body={"items": [{"token": CARD}, {"token": NOTE}], "purpose": "settlement", "approval": APPROVAL},
        answer=problem(
            409,
            "approval_not_usable",
            "Approval not usable",
            "it is used up: ask for another one, also to see the same again",
        ),
    ),
    Example(
        "approval",
        "unknown",
        "An id that never was, or whose time was up long ago",
        status=404,
        answer=problem(
            404, "approval_not_found", "Approval not found", "there is no such approval, or no longer"
        ),
        parameters={"approval": "0" * 32},
    ),
)
