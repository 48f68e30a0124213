"""The bodies of requests and responses: the types of the API, from which its description is made."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec

from chalicelib.api.json_body import PathPart, parse, pointer
from chalicelib.errors import BatchTooLarge, InvalidRequest, TokenvaultError
from chalicelib.model import InfoType, TokenFacts
from chalicelib.service.revealer import Revealed

MAX_ITEMS: Final = 100
"""Most items of one request."""

Body = TypeVar("Body")
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
TokenText = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=100 * 366 * 24 * 3600)]


class TokenizeItemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value to take in. Most types take a string."""

    type: Name
    value: Any
    subject: str | None = None
    ttl_seconds: Seconds | None = None
    metadata: dict[str, str] = {}

    def __repr__(self) -> str:
        return "TokenizeItemBody(***)"


class TokenizeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/tokenize`."""

    items: Annotated[list[TokenizeItemBody], msgspec.Meta(min_length=1, max_length=MAX_ITEMS)]


class SearchItemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value whose token is looked for."""

    type: Name
    value: Any
    subject: str | None = None

    def __repr__(self) -> str:
        return "SearchItemBody(***)"


class SearchBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/search`."""

    items: Annotated[list[SearchItemBody], msgspec.Meta(min_length=1, max_length=MAX_ITEMS)]


class DetokenizeItemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token to turn back. A value sent here by mistake must not be printed either."""

    token: TokenText

    def __repr__(self) -> str:
        return "DetokenizeItemBody(***)"


class DetokenizeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/detokenize`."""

    items: Annotated[list[DetokenizeItemBody], msgspec.Meta(min_length=1, max_length=MAX_ITEMS)]
    purpose: Name | None = None
    reveal: Literal["full", "masked"] = "full"


def read(body: bytes, expected: type[Body]) -> Body:
    """The body as one of the types above. Raises `InvalidRequest`, `BatchTooLarge` or `RequestTooLarge`."""
    parsed = parse(body)
    if (
        isinstance(parsed, Mapping)
        and isinstance(parsed.get("items"), list)
        and len(parsed["items"]) > MAX_ITEMS
    ):
        raise BatchTooLarge(f"a request carries at most {MAX_ITEMS} items", "/items")
    try:
        return msgspec.convert(parsed, expected)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None


_QUOTES_NOTHING: Final = re.compile(r"Expected `|Object missing required field `")
"""Messages that are made of our own names and of type names. Others may quote the caller's text."""


def _invalid(message: str) -> InvalidRequest:
    """msgspec's message as an error: its path as a pointer, its text only where it quotes nothing."""
    rule, _, path = message.partition(" - at `$")
    parts: list[PathPart] = [
        int(index) if index else name for name, index in re.findall(r"\.([^.\[`]+)|\[(\d+)\]", path)
    ]
    if rule.startswith("Object contains unknown field"):
        rule = "Object contains a field that is not known here"
    elif not _QUOTES_NOTHING.match(rule):
        rule = "The field has a value that is not allowed"
    return InvalidRequest(rule.replace("`", "'"), pointer(parts))


def timestamp(seconds: int | None) -> str | None:
    """A Unix time as RFC 3339 in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def facts_body(told: TokenFacts) -> dict[str, Any]:
    """A token and what may be told about it."""
    return {
        "token": told.token,
        "type": told.type,
        "created": timestamp(told.created),
        "expires_at": timestamp(told.expires_at),
    }


def result_body(result: TokenFacts | Revealed | TokenvaultError) -> dict[str, Any]:
    """One entry of `results`."""
    if isinstance(result, TokenvaultError):
        return {"error": {"code": result.code, "detail": result.detail}}
    if isinstance(result, Revealed):
        return {"token": result.token, "type": result.type, "value": result.value.reveal()}
    return facts_body(result)


def type_body(info_type: InfoType) -> dict[str, Any]:
    """An information type as a caller needs to know it."""
    return {
        "type": info_type.name,
        "format": info_type.format.name,
        "mode": info_type.mode,
        "default_ttl_seconds": info_type.default_ttl_seconds,
        "max_ttl_seconds": info_type.max_ttl_seconds,
    }
