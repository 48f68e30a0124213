"""Bodies of what the revealing function serves."""

from typing import Annotated, Any, Literal

import msgspec

from chalicelib.api import cursors
from chalicelib.api.bodies import (
    FailedBody,
    ItemErrorBody,
    TokenBody,
    batch_items,
    failed_body,
    timestamp,
    token_body,
)
from chalicelib.api.body_fields import (
    ApprovalName,
    Assertion,
    Fields,
    Name,
    OnBehalfOf,
    Timestamp,
    TokenText,
    Value,
)
from chalicelib.errors import TokenvaultError
from chalicelib.model import InfoType, Mode, TokenFacts
from chalicelib.service.revealer import Revealed
from chalicelib.service.subject_reader import FailedToken, SubjectPage


class DetokenizeItemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token to turn back. A value sent here by mistake must not be printed either."""

    token: TokenText

    def __repr__(self) -> str:
        return "DetokenizeItemBody(***)"


DetokenizeItems = Annotated[list[Any], batch_items(DetokenizeItemBody)]


class DetokenizeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/detokenize`."""

    items: DetokenizeItems
    purpose: Name | None = None
    reveal: Literal["full", "masked"] = "full"
    on_behalf_of: OnBehalfOf | None = None
    assertion: Assertion | None = None
    approval: ApprovalName | None = None
    fields: Fields | None = None

    def __repr__(self) -> str:
        return "DetokenizeBody(***)"


class RevealedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token turned back: its value, the fields of it that were asked for, or the mask of it."""

    token: str
    type: str
    value: Value

    def __repr__(self) -> str:
        return "RevealedBody(***)"


class FailedTokenBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token of the subject whose facts are not told, and why."""

    token: str
    error: ItemErrorBody


class SubjectBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept of a subject, a page of it: `tokens` and `failed` are all that erasing it would close, as
    an index shows them, seconds late.

    In `failed` are tokens that expired and are still to be removed, that are of a type which the caller may
    not use, or whose record was changed. `erased_at` is null unless the subject was erased. `next_cursor` is
    what `Page-Cursor` takes for the next page, null if there is none; the last page may be empty.
    """

    tokens: list[TokenBody]
    failed: list[FailedTokenBody]
    erased_at: Timestamp | None
    next_cursor: str | None


class TypeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An information type as a caller needs to know it. Without a limit, times are null."""

    type: str
    format: str
    mode: Mode
    default_ttl_seconds: int | None
    max_ttl_seconds: int | None


class TypesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The information types that the caller may use, by name."""

    types: list[TypeBody]


def revealed_body(result: Revealed | TokenvaultError) -> RevealedBody | FailedBody:
    """One entry of `results`, of a token that is turned back."""
    if isinstance(result, TokenvaultError):
        return failed_body(result)
    return RevealedBody(result.token, result.type, result.value.reveal())


def type_body(info_type: InfoType) -> TypeBody:
    """An information type as a caller needs to know it."""
    return TypeBody(
        info_type.name,
        info_type.format.name,
        info_type.mode,
        info_type.default_ttl_seconds,
        info_type.max_ttl_seconds,
    )


def subject_body(page: SubjectPage) -> SubjectBody:
    """A page of a subject's tokens. The subject is not repeated: what somebody sent as one may be a value."""
    failed = [_failed_token(entry) for entry in page.entries if isinstance(entry, FailedToken)]
    facts = [token_body(entry) for entry in page.entries if isinstance(entry, TokenFacts)]
    return SubjectBody(facts, failed, timestamp(page.erased_at), cursors.written(page.last))


def _failed_token(entry: FailedToken) -> FailedTokenBody:
    return FailedTokenBody(entry.token, ItemErrorBody(entry.error.code, entry.error.detail))
