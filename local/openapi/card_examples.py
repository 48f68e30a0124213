"""Examples of cards as records: what is taken in, and what of it is shown."""

from typing import Final

from local.openapi.example import Example

CARD: Final = "9490532698211111"
"""A token of a number by itself."""

RECORD: Final = "7263519047124444"
"""One of a card with its expiry and holder."""

CREATED: Final = "2026-03-01T12:00:00Z"

TAKEN_IN: Final = Example(
    "tokenize",
    "cards_as_records",
    "A card with its expiry and holder; it has no field for a verification code",
    body={
        "items": [
            {
                "type": "card",
                "value": {"number": "5555 5555 5555 4444", "expiry": "12/27", "holder": "Ada Lovelace"},
            },
            {"type": "card", "value": {"number": "5555 5555 5555 4444", "cvv": "737"}},
        ]
    },
    answer={
        "results": [
            {"token": RECORD, "type": "card", "created": CREATED, "expires_at": None},
            {
                "error": {
                    "code": "invalid_value",
                    "detail": "has a field that is none of number, expiry and holder; what proves a card "
                    "to be at hand, as a verification code does, is never stored with it (PCI DSS 4.0.1, "
                    "3.3.1)",
                }
            },
        ]
    },
)

REVEALED: Final = (
    Example(
        "detokenize",
        "fields",
        "A field of a card and no other; a type without fields fails on its own",
        body={
            "items": [{"token": RECORD}, {"token": CARD}],
            "purpose": "settlement",
            "fields": ["expiry"],
        },
        answer={
            "results": [
                {"token": RECORD, "type": "card", "value": {"expiry": "2027-12"}},
                {
                    "error": {
                        "code": "invalid_request",
                        "detail": "fields: values of this information type have no fields",
                    }
                },
            ]
        },
    ),
    Example(
        "detokenize",
        "masks_of_a_record",
        "Each field of a card masked, as far as the policy says",
        body={"items": [{"token": RECORD}], "reveal": "masked"},
        answer={
            "results": [
                {
                    "token": RECORD,
                    "type": "card",
                    "value": {"number": "************4444", "expiry": "2027-12", "holder": "********"},
                }
            ]
        },
    ),
)
