"""The fields of bodies: what may stand in each, as the API describes it."""

from typing import Annotated, Any, Final

import msgspec

from chalicelib.formats.base import FIELDS, Field
from chalicelib.model import MAX_TTL_SECONDS
from chalicelib.service.accepting import MAX_METADATA
from chalicelib.service.subject_ids import SUBJECT

MAX_TOKEN: Final = 256
"""Most characters of a token, of whatever format."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
TokenText = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TOKEN)]
Value = Annotated[
    Any,
    msgspec.Meta(
        description="A value of the type: for most types a string. For `json` any JSON, for `card` an object "
        "with `number` and, if they are known, `expiry` (`MM/YY` or `YYYY-MM`) and `holder`, all strings."
    ),
]
SubjectId = Annotated[
    str,
    msgspec.Meta(
        description="The application's own id of the subject that the value belongs to: "
        f"`{SUBJECT.pattern}`, and nothing that looks like a card number. Any other id fails the item. "
        "The same value has another token under each subject, and one without: also of a deterministic type. "
        "A subject cannot be attached to a token later."
    ),
]
Assertion = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=8192,
        description="The person whom the client asks for, as a signed JWT of its identity provider, where "
        "the policy names one. It is verified; the audit trail has its `iss` and `sub`.",
    ),
]
OnBehalfOf = Annotated[
    str,
    msgspec.Meta(
        description="The person whom the client asks for, where the policy lets it name one. Nobody verifies "
        "the name, and the audit trail says so. Nothing that looks like a card number is taken."
    ),
]
ApprovalName = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=64,
        description="The id of an approval of a full reveal of exactly these tokens, for this purpose. It is "
        "used up before the answer: another reveal, of the same too, needs another one.",
    ),
]
Fields = Annotated[
    list[Field],
    msgspec.Meta(
        min_length=1,
        max_length=len(FIELDS),
        description="Of a full reveal of values that are objects, as `card` has them: the fields that are "
        "revealed; a value has the others left out, and those that it does not have. Left out or null, whole "
        "values are. The audit trail says which fields were revealed. An item of another type fails.",
    ),
]
RecipientFingerprint = Annotated[
    str,
    msgspec.Meta(
        description="The SHA-256 of the recipient's public key in DER, in hexadecimal: what `openssl pkey "
        "-pubin -outform DER | sha256sum` says. Compare it with the recipient, by another way, before you "
        "approve."
    ),
]
Seconds = Annotated[
    int,
    msgspec.Meta(
        ge=1,
        le=MAX_TTL_SECONDS,
        description="How long the token lives, in seconds, within the limits of the type: 60, not 60.0. "
        "Deterministic types take none.",
    ),
]
Metadata = Annotated[
    dict[str, str],
    msgspec.Meta(
        description=f"Facts that go along with the token, at most {MAX_METADATA}. They are not encrypted: "
        "an entry that looks like a card number fails the item. They are those of the token's making: where "
        "a deterministic type has the token already, new ones are not kept. `capture_session` is the id of "
        "the capture session by which a page made the token; a client gives no such entry."
    ),
]
Timestamp = Annotated[
    str, msgspec.Meta(description="RFC 3339, in UTC.", extra_json_schema={"format": "date-time"})
]
