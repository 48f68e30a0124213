"""Errors as RFC 9457 problem documents."""

from typing import Final

import msgspec

from chalicelib.api.messages import ApiResponse
from chalicelib.errors import (
    BudgetExceeded,
    MethodNotAllowed,
    NotPermitted,
    RouteNotFound,
    TokenvaultError,
    Unauthenticated,
    UnsupportedMediaType,
)

PROBLEM_TYPE: Final = "application/problem+json"

RETRY_AFTER_SECONDS: Final = 1


class FieldProblem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field at fault: an RFC 6901 pointer into the body, empty if the whole body is."""

    pointer: str
    code: str
    detail: str


class Problem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A problem document (RFC 9457). `code` is stable; `title` and `detail` are for people. `retry_after`
    is in seconds, and present if the same request may succeed later."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: tuple[FieldProblem, ...] | msgspec.UnsetType = msgspec.UNSET
    retry_after: int | msgspec.UnsetType = msgspec.UNSET


def document(error: TokenvaultError, request_id: str) -> Problem:
    """The problem document of an error. `errors` points at the field at fault, if there is one."""
    seconds = _retry_after(error)
    return Problem(
        type=problem_type(error.code),
        title=error.title,
        status=error.status,
        code=error.code,
        detail=error.detail,
        request_id=request_id,
        errors=msgspec.UNSET
        if error.pointer is None
        else (FieldProblem(error.pointer, error.code, error.detail),),
        retry_after=msgspec.UNSET if seconds is None else seconds,
    )


def problem_type(code: str) -> str:
    """The URI of a kind of problem."""
    return f"urn:tokenvault:problem:{code}"


def response(error: TokenvaultError, request_id: str) -> ApiResponse:
    """The HTTP response of an error; it says when a retry may succeed, if ever (RFC 9110, 10.2.3)."""
    return ApiResponse(
        status=error.status,
        body=msgspec.json.encode(document(error, request_id)),
        content_type=PROBLEM_TYPE,
        headers={} if (seconds := _retry_after(error)) is None else {"Retry-After": str(seconds)},
    )


def _retry_after(error: TokenvaultError) -> int | None:
    if isinstance(error, BudgetExceeded):
        return error.retry_after
    return RETRY_AFTER_SECONDS if error.retry else None


def for_status(status: int) -> TokenvaultError:
    """The error for a refusal that Chalice made by itself, before any view was called."""
    refusals: dict[int, TokenvaultError] = {
        401: Unauthenticated("an access token is needed"),
        403: NotPermitted("this is not permitted"),
        404: RouteNotFound("there is no such route"),
        405: MethodNotAllowed("the route does not take this method"),
        415: UnsupportedMediaType("the body must be application/json"),
    }
    return refusals.get(status, TokenvaultError("the request could not be handled"))
