"""What routes and types do not say of an operation: which types it takes and gives, and how it fails."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chalicelib import errors
from chalicelib.api.approval_bodies import ApprovalBody, AskApprovalBody, DecisionBody
from chalicelib.api.bodies import (
    FactsBody,
    ImportBody,
    SearchBody,
    TokenBody,
    TokenizeBody,
)
from chalicelib.api.capture_bodies import (
    CaptureBody,
    CapturedBody,
    CaptureSessionBody,
    OpenedSessionBody,
)
from chalicelib.api.export_bodies import (
    AskExportBody,
    BegunExportBody,
    ExportBody,
    ExportedPageBody,
    ExportPageBody,
)
from chalicelib.api.revealing_bodies import DetokenizeBody, RevealedBody, SubjectBody, TypesBody
from chalicelib.errors import TokenvaultError
from chalicelib.service.eraser import SignedReceipt

Errors = tuple[type[TokenvaultError], ...]


@dataclass(frozen=True)
class Described:
    """One operation. Without an `answer` it is 204, with `item_errors` it answers a list of them.

    `errors` are those of its own, beside `COMMON` ones.
    """

    request: type | None = None
    answer: type | None = None
    errors: Errors = ()
    item_errors: Errors = ()
    takes_idempotency_key: bool = False
    is_paged: bool = False


_BODY: Final[Errors] = (errors.InvalidRequest, errors.RequestTooLarge, errors.BatchTooLarge)
_ITEM: Final[Errors] = (errors.InvalidValue, errors.NotPermitted, errors.RecordCorrupt)
_VALUE: Final[Errors] = (*_ITEM, errors.UnknownType, errors.TokenSpaceExhausted)
_LATE: Final[Errors] = (
    errors.SubjectErased,
    errors.TokenNotFound,
    errors.StoreUnavailable,
    errors.StoreRefused,
)
"""A retry under an Idempotency-Key may find that a token of the first try was erased since."""

DESCRIBED: Final[Mapping[str, Described]] = {
    "tokenize": Described(
        TokenizeBody,
        TokenBody,
        (*_BODY, errors.IdempotencyConflict),
        (*_VALUE, *_LATE),
        takes_idempotency_key=True,
    ),
    "import_tokens": Described(
        ImportBody,
        TokenBody,
        (*_BODY, errors.IdempotencyConflict),
        (*_ITEM, *_LATE, errors.UnknownType, errors.TokenTaken),
        takes_idempotency_key=True,
    ),
    "open_capture_session": Described(
        CaptureSessionBody,
        OpenedSessionBody,
        (errors.InvalidRequest, errors.RequestTooLarge, errors.InvalidValue),
    ),
    "capture": Described(
        CaptureBody,
        CapturedBody,
        (
            *_BODY,
            errors.CaptureSessionInvalid,
            errors.CaptureSessionExpired,
            errors.WrongOrigin,
            errors.CaptureSessionUsed,
        ),
        (*_VALUE, *_LATE),
    ),
    "search": Described(SearchBody, TokenBody, _BODY, (*_VALUE, errors.TokenNotFound)),
    "detokenize": Described(
        DetokenizeBody,
        RevealedBody,
        (*_BODY, errors.AssertionRefused, errors.ApprovalRequired, errors.ApprovalNotUsable),
        # Which fields a token's type has is known only once the token was found.
        (
            *_ITEM,
            errors.InvalidRequest,
            errors.ApprovalRequired,
            errors.TokenNotFound,
            errors.StoreUnavailable,
        ),
    ),
    "facts": Described(None, FactsBody, (errors.TokenNotFound,)),
    "erase_token": Described(),
    "erase_person": Described(None, SignedReceipt, (errors.InvalidValue,)),
    "subject_tokens": Described(
        None, SubjectBody, (errors.InvalidValue, errors.InvalidRequest), is_paged=True
    ),
    "ask_approval": Described(AskApprovalBody, ApprovalBody, (*_BODY, errors.TokenNotFound)),
    "approval": Described(None, ApprovalBody, (errors.ApprovalNotFound,)),
    "decide_approval": Described(
        DecisionBody,
        ApprovalBody,
        (errors.InvalidRequest, errors.RequestTooLarge, errors.ApprovalNotFound, errors.ApprovalNotUsable),
    ),
    "ask_export_approval": Described(
        AskExportBody, ApprovalBody, (errors.InvalidRequest, errors.RequestTooLarge)
    ),
    "begin_export": Described(
        ExportBody,
        BegunExportBody,
        (
            errors.InvalidRequest,
            errors.RequestTooLarge,
            errors.ApprovalRequired,
            errors.ApprovalNotUsable,
        ),
    ),
    "export_page": Described(
        ExportPageBody, ExportedPageBody, (errors.InvalidRequest, errors.RequestTooLarge)
    ),
    "types": Described(None, TypesBody),
}
"""What the functions serve. `GET /v1/health` is API Gateway's own."""

_ITEMS_ONLY: Final = {
    errors.UnknownType,
    errors.TokenSpaceExhausted,
    errors.SubjectErased,
    errors.TokenTaken,
}
_OF_NO_ROUTE: Final = {errors.RouteNotFound, errors.MethodNotAllowed}
_PARTICULAR: Final = {one for described in DESCRIBED.values() for one in described.errors}


def every_error() -> Errors:
    """The whole error tree."""
    found: list[type[TokenvaultError]] = [TokenvaultError]
    for one in found:
        found += one.__subclasses__()
    return tuple(found)


COMMON: Final[Errors] = tuple(
    error for error in every_error() if error not in _PARTICULAR | _ITEMS_ONLY | _OF_NO_ROUTE
)
"""Errors that any operation of the functions may answer: all that nothing here says otherwise of."""
