"""Examples of importing: values that have tokens from elsewhere."""

from typing import Final

from local.openapi.example import CREATED, Example

IMPORTED: Final = "tok_1Gq9xR7mKvT20aZd"

IMPORTING: Final = (
    Example(
        "import_tokens",
        "kept_and_taken",
        "A value is stored under the token that it has; another one is not stored there",
        body={
            "items": [
                {"type": "legacy_card", "value": "4242 4242 4242 4242", "token": IMPORTED},
                {"type": "legacy_card", "value": "5555 5555 5555 4444", "token": IMPORTED},
                {"type": "legacy_card", "value": "5555 5555 5555 4444", "token": "4111111111111111"},
            ]
        },
        answer={
            "results": [
                {"token": IMPORTED, "type": "legacy_card", "created": CREATED, "expires_at": None},
                {
                    "error": {
                        "code": "token_taken",
                        "detail": "token: taken; nothing is stored under it a second time",
                    }
                },
                {
                    "error": {
                        "code": "invalid_value",
                        "detail": "token: has not the pattern that the policy gives for imported tokens of "
                        "this type",
                    }
                },
            ]
        },
        parameters={"Idempotency-Key": "q3VbN8xT5kLw0ZrYd7HsPg"},
    ),
)
