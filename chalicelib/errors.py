"""Everything that can go wrong, as one tree.

A detail names the field and the rule that was broken, never the value: it is logged and sent
to the caller. Codes are part of the API (`docs/openapi.json`); titles and details are not.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import ClassVar, Final

_LASTING: Final = (
    "AWS refuses this to the service, and does so again until its operator mends it; its log says why"
)
"""For callers. What AWS said is for the log: it tells of the account."""


class TokenvaultError(Exception):
    """Root of all errors that tokenvault raises on purpose.

    `pointer` is the RFC 6901 JSON pointer of the request field at fault, if there is one.
    `retry` says that the same request may succeed later. As text an error is its detail, or what stands in
    place of that for the log alone.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    retry: ClassVar[bool] = False

    def __init__(self, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer

    @property
    def for_log(self) -> str:
        """The code, and what the service's own log says of the error."""
        return f"{self.code}: {self}"


class InvalidRequest(TokenvaultError):
    """The request as a whole cannot be understood; nothing of it was carried out."""

    code, status, title = "invalid_request", 400, "Invalid request"


class RequestTooLarge(InvalidRequest):
    """The body has more bytes than a full batch can need."""

    status, title = 413, "Request too large"


class BatchTooLarge(TokenvaultError):
    """More items than one request may carry."""

    code, status, title = "batch_too_large", 413, "Batch too large"


class InvalidValue(TokenvaultError):
    """A value is not one of its information type, or is a token already."""

    code, status, title = "invalid_value", 422, "Invalid value"


class UnknownType(TokenvaultError):
    """The policy knows no such information type."""

    code, status, title = "unknown_type", 422, "Unknown information type"


class Unauthenticated(TokenvaultError):
    """No verified access token came with the request."""

    code, status, title = "unauthenticated", 401, "Not authenticated"


class CaptureSessionInvalid(Unauthenticated):
    """No capture session came with the request, or one that this vault did not make."""

    code, status, title = "capture_session_invalid", 401, "Capture session invalid"


class CaptureSessionExpired(Unauthenticated):
    """The capture session's time is up: the page's back end asks for another one."""

    code, status, title = "capture_session_expired", 401, "Capture session expired"


class NotPermitted(TokenvaultError):
    """The policy does not let this caller do this."""

    code, status, title = "not_permitted", 403, "Not permitted"

    def __init__(self, detail: str, pointer: str | None = None, *, rule: str | None = None) -> None:
        super().__init__(detail, pointer)
        self.rule = rule  # names what of the policy is in the way, for the audit trail alone


class WrongOrigin(NotPermitted):
    """The request comes from another page than the capture session is for, or does not say from which."""

    code, status, title = "wrong_origin", 403, "Wrong origin"


class AssertionRefused(NotPermitted):
    """An assertion proves nothing, or is missing where one is needed, or was sent where none is taken.

    `reason` is what the audit trail says: an officer tells a forged one from a slow clock by it.
    """

    def __init__(self, reason: str, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail, pointer)
        self.reason = reason


class ApprovalRequired(NotPermitted):
    """A second person has to approve this full reveal first: ask at `POST /v1/approvals`."""

    code, status, title = "approval_required", 403, "Approval required"


class ApprovalNotFound(TokenvaultError):
    """No such approval: it never was, or its time was up long ago."""

    code, status, title = "approval_not_found", 404, "Approval not found"

    def __init__(self) -> None:
        super().__init__("there is no such approval, or no longer")


class ApprovalNotUsable(TokenvaultError):
    """An approval cannot be used or decided on so: it is undecided, refused, late, used, the caller's own, or
    was given for something else.

    `reason` is what the audit trail says, with the id of the `approval` if it is known.
    """

    code, status, title = "approval_not_usable", 409, "Approval not usable"

    def __init__(self, reason: str, detail: str, approval: str | None = None) -> None:
        super().__init__(detail)
        self.reason, self.approval = reason, approval


class RouteNotFound(TokenvaultError):
    """No such route, or not one of this function's."""

    code, status, title = "not_found", 404, "Not found"


class MethodNotAllowed(TokenvaultError):
    """The route exists, the method does not."""

    code, status, title = "method_not_allowed", 405, "Method not allowed"


class UnsupportedMediaType(TokenvaultError):
    """A body that is not `application/json`."""

    code, status, title = "unsupported_media_type", 415, "Unsupported media type"


class TokenNotFound(TokenvaultError):
    """Unknown, expired, erased, or another tenant's: the caller cannot tell which.

    `reason` does tell, for the audit trail: `unknown`, `expired` or `erased`.
    """

    code, status, title = "token_not_found", 404, "Token not found"

    def __init__(self, reason: str, detail: str = "there is no such token, or no longer") -> None:
        super().__init__(detail)
        self.reason = reason


class TokenSpaceExhausted(TokenvaultError):
    """No free token was found for a value within the allowed attempts."""

    code, status, title = "token_space_exhausted", 507, "Token space exhausted"


class SubjectErased(TokenvaultError):
    """The subject that a value belongs to was erased; no value is accepted under that id again."""

    code, status, title = "subject_erased", 409, "Subject erased"


class TokenTaken(TokenvaultError):
    """A token that the vault has, or had: another value is never stored under it.

    It does not say whose it is, nor whether its value is still there.
    """

    code, status, title = "token_taken", 409, "Token taken"

    def __init__(self) -> None:
        super().__init__("token: taken; nothing is stored under it a second time")


class IdempotencyConflict(TokenvaultError):
    """An idempotency key that was used for a request with another body."""

    code, status, title = "idempotency_conflict", 409, "Idempotency conflict"


class CaptureSessionUsed(TokenvaultError):
    """The capture session took in other values already, or as many as it may."""

    code, status, title = "capture_session_used", 409, "Capture session used"


class BudgetExceeded(TokenvaultError):
    """More than the policy lets this client ask for in an hour; nothing of the request was carried out.

    `retry_after` is the number of seconds until the next hour, and missing if that does not help: the request
    asks for more than a whole hour has, and only a smaller one can succeed.
    """

    code, status, title = "budget_exceeded", 429, "Budget exceeded"

    def __init__(self, detail: str, retry_after: int | None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class StoreUnavailable(TokenvaultError):
    """DynamoDB did not answer, throttled, or failed; the same request may be sent again."""

    code, status, title, retry = "store_unavailable", 503, "Store unavailable", True


class StoreRefused(StoreUnavailable):
    """A permission, a table or a key that the store needs is missing; refused again until that is mended.

    `cause` says what AWS answered, and goes to the log only.
    """

    code, status, title, retry = "store_refused", 500, "Store refused", False

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.detail = _LASTING


class SecretNotArrived(StoreUnavailable):
    """A secret has not arrived from another Region; the same token may be asked for again.

    It concerns no other token of the request.
    """


class KeyUnavailable(TokenvaultError):
    """A key could not be had from KMS, or none exists yet; the same request may be sent again."""

    code, status, title, retry = "key_unavailable", 503, "Key unavailable", True


class KeyRefused(KeyUnavailable):
    """A key is disabled or to be deleted, or its use is denied; refused again until that is mended.

    `cause` says what AWS answered, and goes to the log only.
    """

    code, status, title, retry = "key_refused", 500, "Key refused", False

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.detail = _LASTING


class Restoring(TokenvaultError):
    """The vault was restored, and what was erased since has still to be erased again."""

    code, status, title, retry = "restoring", 503, "Restoring", True


class RecordCorrupt(TokenvaultError):
    """A stored record does not verify: it was changed, moved, or forged, and is never opened."""

    code, status, title = "record_corrupt", 500, "Record corrupt"


class ConfigurationError(TokenvaultError):
    """Settings or policy cannot be used. Carries every problem found, none of the values."""

    code, title = "misconfigured", "Misconfigured"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
        # For callers: problems name settings, and other tenants and their clients. They are for the log.
        self.detail = "the service cannot use its settings or policy; its log says why"


def error_of_all(failures: Sequence[StoreUnavailable]) -> StoreUnavailable:
    """The error of a request of which nothing was done: one that a retry gets past, if there is one.

    Raises `ValueError` if there are none.
    """
    return max(failures, key=attrgetter("retry"))
