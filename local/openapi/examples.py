"""Examples of every operation, in an order in which they work: a test sends each and compares the answer.

The values are well-known test values and belong to nobody.
"""

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.crypto.receipts import REMAINS
from local.openapi.approval_examples import APPROVED, NOTE
from local.openapi.capture_examples import CAPTURING
from local.openapi.card_examples import CARD, CREATED, REVEALED, TAKEN_IN
from local.openapi.example import Example, problem
from local.openapi.export_examples import EXPORTING
from local.openapi.import_examples import IMPORTING

TYPES: Final[Mapping[str, Mapping[str, Any]]] = {
    "card": {"format": "card", "options": {"mask_expiry": True}},
    "card_number": {"format": "card_number"},
    "card_on_file": {
        "format": "card_number",
        "mode": "deterministic",
        "options": {"brand": True, "bin_digits": 6, "fingerprint": True},
    },
    "legacy_card": {"format": "card_number", "imported_tokens": {"pattern": "tok_[A-Za-z0-9]{16}"}},
    "note": {"format": "text", "default_ttl_seconds": 86400, "max_ttl_seconds": 2592000},
}
"""The information types of the policy that the examples suppose."""

ON_FILE: Final = "9284615062841881"
GONE: Final = "note_3V8KTR5WZ1QX7M9HBC4NJY2GDF6P"
PERSON: Final = "customer-17"
TOKENS_SHA256: Final = "aacf30e10651f6c48ce35065f2f71db1a1d1c5164f5bf719ededff06ca2b5bf4"
TOMORROW: Final = "2026-03-02T12:00:00Z"


Examples = Mapping[str, Example]
"""Examples of one operation, by name."""


def of(operation: str) -> Examples:
    """The examples of an operation."""
    return {one.name: one for one in EXAMPLES if one.operation == operation}


_ON_FILE_FACTS: Final[Mapping[str, Any]] = {
    "token": ON_FILE,
    "type": "card_on_file",
    "created": CREATED,
    "expires_at": None,
    "card": {"brand": "visa", "bin": "401288", "fingerprint": "fp_3mfx7c2kq5ayv6hdwzr4nb5tje"},
}

_NOT_FOUND: Final = "there is no such token, or no longer"

EXAMPLES: Final = (
    Example(
        "tokenize",
        "values",
        "Values of several types; a retry with the same key gets the same tokens",
        body={
            "items": [
                {"type": "card_number", "value": "4111 1111 1111 1111", "metadata": {"order": "A-1001"}},
                {"type": "card_on_file", "value": "4012-8888-8888-1881"},
                {"type": "note", "value": "leave it with the porter", "subject": PERSON},
            ]
        },
        answer={
            "results": [
                {"token": CARD, "type": "card_number", "created": CREATED, "expires_at": None},
                _ON_FILE_FACTS,
                {"token": NOTE, "type": "note", "created": CREATED, "expires_at": TOMORROW},
            ]
        },
        parameters={"Idempotency-Key": "Zx0K1v9b4dQ2mS7tYw3LcA"},
    ),
    TAKEN_IN,
    Example(
        "tokenize",
        "failing_item",
        "An item that fails, beside one that does not",
        body={
            "items": [
                {"type": "card_number", "value": "4111 1111 1111 1112"},
                {"type": "note", "value": "until noon only", "ttl_seconds": 3600},
            ]
        },
        answer={
            "results": [
                {
                    "error": {
                        "code": "invalid_value",
                        "detail": "fails the Luhn check: mistyped, or a token already",
                    }
                },
                {"token": GONE, "type": "note", "created": CREATED, "expires_at": TOMORROW},
            ]
        },
    ),
    Example(
        "tokenize",
        "malformed",
        "A request that cannot be understood",
        status=400,
        body={"items": {"type": "note", "value": "x"}},
        answer=problem(
            400,
            "invalid_request",
            "Invalid request",
            "The field must be an array, and is an object",
            "/items",
        ),
    ),
    Example(
        "tokenize",
        "conflict",
        "An Idempotency-Key that was used for another body",
        status=409,
        body={"items": [{"type": "note", "value": "another"}]},
        answer=problem(
            409,
            "idempotency_conflict",
            "Idempotency conflict",
            "this Idempotency-Key was used for a request with another body",
        ),
        parameters={"Idempotency-Key": "Zx0K1v9b4dQ2mS7tYw3LcA"},
    ),
    *IMPORTING,
    *CAPTURING,
    Example(
        "search",
        "known_and_unknown",
        "A value that has a token, and one that has none",
        body={
            "items": [
                {"type": "card_on_file", "value": "4012888888881881"},
                {"type": "card_on_file", "value": "5555 5555 5555 4444"},
            ]
        },
        answer={
            "results": [
                _ON_FILE_FACTS,
                {"error": {"code": "token_not_found", "detail": _NOT_FOUND}},
            ]
        },
    ),
    Example(
        "detokenize",
        "full",
        "Values for a purpose that the policy lists",
        body={"items": [{"token": CARD}, {"token": NOTE}], "purpose": "settlement"},
        answer={
            "results": [
                {"token": CARD, "type": "card_number", "value": "4111111111111111"},
                {"token": NOTE, "type": "note", "value": "leave it with the porter"},
            ]
        },
    ),
    Example(
        "detokenize",
        "masked",
        "Masks only; an unknown token fails on its own",
        body={"items": [{"token": CARD}, {"token": "unknown"}], "reveal": "masked"},
        answer={
            "results": [
                {"token": CARD, "type": "card_number", "value": "************1111"},
                {"error": {"code": "token_not_found", "detail": _NOT_FOUND}},
            ]
        },
    ),
    *REVEALED,
    Example(
        "detokenize",
        "for_somebody",
        "For a person whom the client names, if its policy allows it; the audit trail has the name",
        body={"items": [{"token": CARD}], "purpose": "settlement", "on_behalf_of": "anna@shop.example"},
        answer={"results": [{"token": CARD, "type": "card_number", "value": "4111111111111111"}]},
    ),
    Example(
        "detokenize",
        "no_purpose",
        "A full reveal without a purpose",
        status=403,
        body={"items": [{"token": CARD}]},
        answer=problem(403, "not_permitted", "Not permitted", "a full reveal needs a purpose"),
    ),
    *APPROVED,
    *EXPORTING,
    Example(
        "facts",
        "known",
        "Facts about a token",
        answer={
            "token": CARD,
            "type": "card_number",
            "created": CREATED,
            "expires_at": None,
            "created_by": "checkout",
            "imported": False,
            "metadata": {"order": "A-1001"},
        },
        parameters={"token": CARD},
    ),
    Example("erase_token", "known", "Erased for good", status=204, parameters={"token": CARD}),
    Example(
        "facts",
        "erased",
        "Unknown, expired, erased, or another tenant's: all look like this",
        status=404,
        answer=problem(404, "token_not_found", "Token not found", _NOT_FOUND),
        parameters={"token": CARD},
    ),
    Example(
        "subject_tokens",
        "known",
        "What a subject has",
        answer={
            "tokens": [{"token": NOTE, "type": "note", "created": CREATED, "expires_at": TOMORROW}],
            "failed": [],
            "erased_at": None,
            "next_cursor": None,
        },
        parameters={"subject": PERSON},
    ),
    Example(
        "subject_tokens",
        "unknown",
        "A subject that has nothing, or another tenant's: a mistyped id looks like this",
        answer={"tokens": [], "failed": [], "erased_at": None, "next_cursor": None},
        parameters={"subject": "customer-71"},
    ),
    Example(
        "erase_person",
        "known",
        "A person and the receipt",
        answer={
            "receipt": {
                "version": 1,
                "vault_id": "acme-vault",
                "tenant": "shop",
                "subject": PERSON,
                "erased_at": TOMORROW,
                "secrets_destroyed": 1,
                "tokens_closed": 1,
                "remains": {
                    "what": list(REMAINS),
                    "in_backups_until": "2026-04-06",
                },
                "tokens_sha256": TOKENS_SHA256,
            },
            "jws": "eyJhbGciOiJFUzI1NiJ9.eyJ2ZXJzaW9uIjoxfQ.c2lnbmF0dXJl",
        },
        parameters={"subject": PERSON},
    ),
    Example(
        "subject_tokens",
        "erased",
        "A subject that was erased",
        answer={"tokens": [], "failed": [], "erased_at": TOMORROW, "next_cursor": None},
        parameters={"subject": PERSON},
    ),
    Example(
        "erase_person",
        "no_id",
        "What is no id of a person",
        status=422,
        answer=problem(
            422,
            "invalid_value",
            "Invalid value",
            "subject: 1 to 64 letters, digits and . _ : -, beginning with a letter or digit",
        ),
        parameters={"subject": "somebody@example.com"},
    ),
    Example(
        "types",
        "types",
        "What the caller may use",
        answer={
            "types": [
                {
                    "type": name,
                    "format": written["format"],
                    "mode": written.get("mode", "random"),
                    "default_ttl_seconds": written.get("default_ttl_seconds"),
                    "max_ttl_seconds": written.get("max_ttl_seconds"),
                }
                for name, written in TYPES.items()
            ]
        },
    ),
    Example("health", "health", "It lives", answer={"status": "ok"}),
)
