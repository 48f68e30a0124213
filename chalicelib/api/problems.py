"""Errors as RFC 9457 problem documents."""

from typing import Any, Final

import msgspec

from chalicelib.api.messages import ApiResponse
from chalicelib.errors import (
    MethodNotAllowed,
    NotPermitted,
    RouteNotFound,
    TokenvaultError,
    Unauthenticated,
    UnsupportedMediaType,
)

PROBLEM_TYPE: Final = "application/problem+json"

RETRY_AFTER_SECONDS: Final = 1


def document(error: TokenvaultError, request_id: str) -> dict[str, Any]:
    """The problem document of an error. `errors` points at the field at fault, where there is one."""
    fields = [{"pointer": error.pointer, "code": error.code, "detail": error.detail}]
    return {
        "type": f"urn:tokenvault:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        "request_id": request_id,
        **({"errors": fields} if error.pointer is not None else {}),
    }


def response(error: TokenvaultError, request_id: str) -> ApiResponse:
    """The HTTP response of an error; one that passes says when to come back (RFC 9110, 10.2.3)."""
    return ApiResponse(
        status=error.status,
        body=msgspec.json.encode(document(error, request_id)),
        content_type=PROBLEM_TYPE,
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)} if error.retry else {},
    )


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
