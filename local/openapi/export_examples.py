"""Examples of an export that a second person approves, in an order in which they work."""

from collections.abc import Mapping
from typing import Any, Final

from local.openapi.example import CREATED, Example, problem

RECIPIENT: Final = (
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXzCoftnaHoqUfviX9oWaHH2slzFl\n"
    "znQAT5lDkkbf6B8MMfGirC7uCF2qCKH4mFTCA8JGiVAupOp5OyEpwkFHgQ==\n"
    "-----END PUBLIC KEY-----\n"
)
"""An example, and nobody's key."""

FINGERPRINT: Final = "40f2ff826a94b2ba56544301111ef8116f3b56df123c1d9a8e0ce7ee1ad20979"
APPROVAL: Final = "e3b1a6d09c4f4be1a7720d8c5f9e6b13"
OPENING: Final = "eyJhbGciOiJFUzI1NiJ9.eyJleHBvcnRfaWQiOiJhIn0.c2lnbmVk"
CURSOR: Final = "eyJvcGVuaW5nIjoiYSJ9.c2lnbmVk"
RECEIPT: Final = "eyJhbGciOiJFUzI1NiJ9.eyJ0b2tlbnMiOjF9.c2lnbmVk"

_TERMS: Final[Mapping[str, Any]] = {
    "recipient": RECIPIENT,
    "purpose": "moving",
    "types": ["legacy_card"],
}
_ASKED: Final[Mapping[str, Any]] = {
    "approval": APPROVAL,
    "state": "pending",
    "asked_by": {"client": "mover", "user_sub": None, "username": None},
    "purpose": "moving",
    "types": {},
    "asked_at": CREATED,
    "expires_at": "2026-03-01T13:00:00Z",
    "decided_by": None,
    "decided_at": None,
    "export": {"types": ["legacy_card"], "recipient_sha256": FINGERPRINT},
}

EXPORTING: Final = (
    Example(
        "begin_export",
        "approval_required",
        "Without the approval that the policy asks for",
        status=403,
        body=_TERMS,
        answer=problem(
            403,
            "approval_required",
            "Approval required",
            "a second person has to approve exports of this client: ask at /v1/exports/approvals",
        ),
    ),
    Example(
        "ask_export_approval",
        "one_type",
        "For an export that needs a second person",
        body=_TERMS,
        answer=_ASKED,
    ),
    Example(
        "decide_approval",
        "approve_export",
        "Once the fingerprint was compared with the recipient, by another way",
        body={"decision": "approve"},
        answer={
            **_ASKED,
            "state": "approved",
            "decided_by": {"client": "officer", "user_sub": None, "username": None},
            "decided_at": CREATED,
        },
        parameters={"approval": APPROVAL},
    ),
    Example(
        "begin_export",
        "approved",
        "The very types, recipient and purpose that were approved, once",
        status=201,
        body={**_TERMS, "approval": APPROVAL},
        answer={
            "export_id": "0f6c2b1d8e9a4c7fb35d1e2a6c8f9047",
            "opening": OPENING,
            "cursor": CURSOR,
            "cursors": [CURSOR],
            "types": ["legacy_card"],
            "recipient_sha256": FINGERPRINT,
            "begun_at": CREATED,
            "expires_at": "2026-03-08T12:00:00Z",
        },
    ),
    Example(
        "export_page",
        "last",
        "Page by page, until there is a receipt",
        body={"opening": OPENING, "cursor": CURSOR},
        answer={
            "number": 1,
            "sealed": "c2VhbGVkIHRvIHRoZSByZWNpcGllbnQ=",
            "tokens": 1,
            "failed": 0,
            "walked": 1.0,
            "cursor": None,
            "receipt": RECEIPT,
        },
    ),
)
