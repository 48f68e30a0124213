"""Answers that are no success, as errors."""

from typing import Any, Final

from tokenvault_client.errors import (
    RETRYABLE,
    Conflict,
    FieldError,
    InvalidRequest,
    NotFound,
    NotPermitted,
    Problem,
    ProblemError,
    Refused,
    Throttled,
    Unauthenticated,
    Unavailable,
)
from tokenvault_client.http import Response
from tokenvault_client.parsing import load_json

PASSING: Final = frozenset({429, 502, 503, 504})
"""Statuses of failures that pass by themselves, of the service or of something on the way to it."""

_DAILY: Final = "quota_exceeded"
"""API Gateway's quota of a day: it passes, and not within seconds."""

_KINDS: Final[dict[int, type[ProblemError]]] = {
    400: InvalidRequest,
    401: Unauthenticated,
    403: NotPermitted,
    404: NotFound,
    409: Conflict,
    413: InvalidRequest,
    415: InvalidRequest,
    422: InvalidRequest,
    429: Throttled,
}


def error(response: Response) -> ProblemError:
    """The error that an answer stands for."""
    kind = Unavailable if response.status >= 500 else _KINDS.get(response.status, Refused)
    return kind(problem(response))


def problem(response: Response) -> Problem:
    """The problem document of an answer. Any other answer, such as a page of a proxy, is not repeated."""
    document = _document(response)
    return Problem(
        code=_text(document.get("code")) or _code(response.status),
        detail=_text(document.get("detail")) or f"HTTP status {response.status} without a problem document",
        status=response.status,
        request_id=_text(document.get("request_id")) or response.headers.get("x-amzn-requestid"),
        retry_after=_seconds(document.get("retry_after", response.headers.get("retry-after"))),
        errors=_fields(document.get("errors")),
    )


def passes(response: Response) -> bool:
    """Whether the same request may succeed within seconds.

    The code decides: a failure that somebody has to mend does not pass, whatever its status.
    """
    found = problem(response)
    passing = response.status in PASSING and found.code in RETRYABLE
    return passing and found.code != _DAILY and not found.never_fits


def _code(status: int) -> str:
    """Our own code of an answer that has none, since it came from something on the way to the service."""
    return "unreachable" if status in PASSING else "unexpected_answer"


def _document(response: Response) -> dict[str, Any]:
    if response.headers.get("content-type", "").split(";")[0].strip() != "application/problem+json":
        return {}
    try:
        parsed = load_json(response.body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _fields(entries: object) -> tuple[FieldError, ...]:
    listed = entries if isinstance(entries, list) else []
    return tuple(_field(entry) for entry in listed if isinstance(entry, dict))


def _field(entry: dict[str, Any]) -> FieldError:
    return FieldError(*(_text(entry.get(name)) or "" for name in ("pointer", "code", "detail")))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _seconds(value: object) -> float | None:
    """A number of seconds; the other form that RFC 9110 (10.2.3) allows, a date, this service never sends."""
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
