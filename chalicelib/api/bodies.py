"""The bodies of requests and responses: the types of the API, from which its description is made."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Final

import msgspec

from chalicelib.api.body_fields import (
    Metadata,
    Name,
    Seconds,
    SubjectId,
    Timestamp,
    TokenText,
    Value,
)
from chalicelib.api.card_body import CardAnswer, card_answer
from chalicelib.errors import TokenvaultError
from chalicelib.model import TokenFacts

MAX_ITEMS: Final = 100
"""Most items of one request."""


def batch_items(item: type) -> msgspec.Meta:
    """The items of a batch. Each is read by itself (`read_items`), so that a bad one fails alone."""
    schema = {
        "description": "An item that is not of this form fails on its own.",
        "anyOf": [{"$ref": f"#/components/schemas/{item.__name__}"}, {}],
    }
    return msgspec.Meta(min_length=1, max_length=MAX_ITEMS, extra_json_schema={"items": schema})


class TokenizeItemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value to take in. Most types take a string."""

    type: Name
    value: Value
    subject: SubjectId | None = None
    ttl_seconds: Seconds | None = None
    metadata: Metadata = {}

    def __repr__(self) -> str:
        return "TokenizeItemBody(***)"


class ImportItemBody(TokenizeItemBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A value to take in under the token that it has from elsewhere."""

    token: TokenText

    def __repr__(self) -> str:
        return "ImportItemBody(***)"


TokenizeItems = Annotated[list[Any], batch_items(TokenizeItemBody)]


class TokenizeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/tokenize`."""

    items: TokenizeItems

    def __repr__(self) -> str:
        return "TokenizeBody(***)"


ImportItems = Annotated[list[Any], batch_items(ImportItemBody)]


class ImportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/import`."""

    items: ImportItems

    def __repr__(self) -> str:
        return "ImportBody(***)"


class SearchItemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value whose token is looked for."""

    type: Name
    value: Value
    subject: SubjectId | None = None

    def __repr__(self) -> str:
        return "SearchItemBody(***)"


SearchItems = Annotated[list[Any], batch_items(SearchItemBody)]


class SearchBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/search`."""

    items: SearchItems

    def __repr__(self) -> str:
        return "SearchBody(***)"


class TokenBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token and its times: `expires_at` is null if the token does not expire."""

    token: str
    type: str
    created: Timestamp
    expires_at: Timestamp | None
    card: CardAnswer = msgspec.UNSET


class FactsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The facts of a token, never its value.

    `created_by` is the client that first asked for the token, by its name in the policy; null if the release
    that made the token did not keep it. `imported` says that the token was made elsewhere.
    """

    token: str
    type: str
    created: Timestamp
    expires_at: Timestamp | None
    created_by: str | None
    imported: bool
    metadata: Metadata
    card: CardAnswer = msgspec.UNSET


class ItemErrorBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an item failed: a stable code, and a text for people."""

    code: str
    detail: str


class FailedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item that failed on its own; the others succeed."""

    error: ItemErrorBody


def timestamp(seconds: int | None) -> str | None:
    """A Unix time as RFC 3339 in UTC."""
    return None if seconds is None else _timestamp(seconds)


def token_body(facts: TokenFacts) -> TokenBody:
    """A token and its times."""
    times = _timestamp(facts.created), timestamp(facts.expires_at)
    return TokenBody(facts.token, facts.type, *times, card_answer(facts.card))


def facts_body(facts: TokenFacts) -> FactsBody:
    """A token, its times, who created it and where, and its metadata."""
    times = _timestamp(facts.created), timestamp(facts.expires_at)
    metadata, card = dict(facts.metadata), card_answer(facts.card)
    return FactsBody(facts.token, facts.type, *times, facts.created_by, facts.imported, metadata, card)


def failed_body(error: TokenvaultError) -> FailedBody:
    """An item that failed."""
    return FailedBody(ItemErrorBody(error.code, error.detail))


def result_body(result: TokenFacts | TokenvaultError) -> TokenBody | FailedBody:
    """One entry of `results`, of an item that gets or has a token."""
    return failed_body(result) if isinstance(result, TokenvaultError) else token_body(result)


@lru_cache(maxsize=64)
def _timestamp(seconds: int) -> str:
    """Cached, since all tokens of a request are made in the same second."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
