"""Which use case each route carries out, by function: JSON in, JSON out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from chalicelib.api import cursors
from chalicelib.api.approval_bodies import AskApprovalBody, DecisionBody, approval_body
from chalicelib.api.bodies import (
    DetokenizeBody,
    DetokenizeItemBody,
    ImportBody,
    ImportItemBody,
    SearchBody,
    SearchItemBody,
    TokenizeBody,
    TokenizeItemBody,
    TypesBody,
    facts_body,
    result_body,
    type_body,
)
from chalicelib.api.body_fields import MAX_TOKEN
from chalicelib.api.capture_bodies import (
    CaptureBody,
    CaptureItemBody,
    CaptureSessionBody,
    captured_body,
    opened_body,
)
from chalicelib.api.messages import ApiRequest
from chalicelib.api.reading import read, read_items
from chalicelib.api.subject_bodies import subject_body
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller
from chalicelib.errors import InvalidRequest, InvalidValue
from chalicelib.formats.base import Field
from chalicelib.model import TokenFacts
from chalicelib.sensitive import Sensitive
from chalicelib.service.accepting import ImportItem, TokenizeItem, ValueItem
from chalicelib.service.approvals import Approvals
from chalicelib.service.capture_sessions import CaptureSessions
from chalicelib.service.capturer import Captured, Capturer
from chalicelib.service.claimed_users import claimed_user
from chalicelib.service.eraser import Eraser
from chalicelib.service.importer import Importer
from chalicelib.service.requests import RequestKey
from chalicelib.service.revealer import DetokenizeRequest, Revealer
from chalicelib.service.searcher import Searcher
from chalicelib.service.subject_reader import SubjectReader
from chalicelib.service.tokenizer import Tokenizer
from chalicelib.telemetry import Telemetry

Operation = Callable[[Caller, ApiRequest], Any]
"""Carries out a request of a caller and returns the body of the answer, None if it has none."""

_ATTACHING: Final = (
    "token: a subject is given along with a value, and cannot be attached to a token later; detokenize it, "
    "tokenize the value with the subject, put the new token in its place, then erase the old one"
)
"""What is sealed without a subject's secret would stay open when the subject is erased."""

Operations = Mapping[str, Operation]
"""Operations by the name of their route."""


def tokenizing(
    tokenizer: Tokenizer, importer: Importer, searcher: Searcher, policy: Policy, telemetry: Telemetry
) -> Operations:
    """What the tokenizing function serves."""

    def tokenize(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, TokenizeBody)
        read_as = zip(body.items, read_items(body.items, TokenizeItemBody), strict=True)
        items = [_tokenize_item(given, item) for given, item in read_as]
        results = tokenizer.tokenize(caller, items, request.request_id, _request_key(request))
        telemetry.tokenized(results, sum(_is_deterministic(policy, result) for result in results))
        return _results(results)

    def import_tokens(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, ImportBody)
        items = [_import_item(item) for item in read_items(body.items, ImportItemBody)]
        results = importer.take_in(caller, items, request.request_id, _request_key(request))
        telemetry.imported(results)
        return _results(results)

    def search(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, SearchBody)
        items = [_value_item(item) for item in read_items(body.items, SearchItemBody)]
        results = searcher.search(caller, items, request.request_id)
        telemetry.searched(results)
        return _results(results)

    def facts(caller: Caller, request: ApiRequest) -> Any:
        return facts_body(tokenizer.facts(caller, _token(request)))

    return {"tokenize": tokenize, "import_tokens": import_tokens, "search": search, "facts": facts}


def capturing(
    sessions: CaptureSessions, capturer: Capturer, policy: Policy, telemetry: Telemetry
) -> Operations:
    """What the tokenizing function serves besides: what a page does, and what its back end does for it."""

    def open_session(caller: Caller, request: ApiRequest) -> Any:
        return opened_body(sessions.open(caller, read(request.body, CaptureSessionBody).terms))

    def capture(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, CaptureBody)
        items = [_value_item(item) for item in read_items(body.items, CaptureItemBody)]
        results = capturer.capture(caller, items, request.request_id, Sensitive(request.body))
        counted = [result.facts if isinstance(result, Captured) else result for result in results]
        telemetry.tokenized(counted, sum(_is_deterministic(policy, result) for result in counted))
        return {"results": [captured_body(result) for result in results]}

    return {"open_capture_session": open_session, "capture": capture}


def revealing(
    revealer: Revealer, eraser: Eraser, reader: SubjectReader, policy: Policy, telemetry: Telemetry
) -> Operations:
    """What the revealing function serves."""

    def detokenize(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, DetokenizeBody)
        tokens = tuple(_detokenize_token(item) for item in read_items(body.items, DetokenizeItemBody))
        fields = _fields(body)
        claimed = None if body.on_behalf_of is None else claimed_user(body.on_behalf_of)
        asked = body.reveal, body.purpose, request.request_id, claimed, body.approval, fields
        results = revealer.detokenize(caller, DetokenizeRequest(tokens, *asked, assertion=body.assertion))
        telemetry.revealed(results, body.reveal)
        return _results(results)

    def erase_token(caller: Caller, request: ApiRequest) -> Any:
        eraser.erase_token(caller, _token(request), request.request_id)

    def erase_subject(caller: Caller, request: ApiRequest) -> Any:
        done = eraser.erase_subject(caller, request.path_parameters["subject"], request.request_id)
        return {"receipt": done.receipt.claims(), "jws": done.jws}

    def subject_tokens(caller: Caller, request: ApiRequest) -> Any:
        subject, after = request.path_parameters["subject"], cursors.read(request.cursor)
        return subject_body(reader.page(caller, subject, after, request.request_id))

    def types(caller: Caller, request: ApiRequest) -> Any:
        return TypesBody([type_body(policy.types[name]) for name in sorted(caller.types)])

    return {
        "detokenize": detokenize,
        "erase_token": erase_token,
        "erase_person": erase_subject,
        "subject_tokens": subject_tokens,
        "types": types,
    }


def approving(approvals: Approvals) -> Operations:
    """What the revealing function serves besides: the steps before a reveal that a second person approves."""

    def ask(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, AskApprovalBody)
        tokens = [item.token for item in body.items]
        return approval_body(approvals.ask(caller, tokens, body.purpose, request.request_id))

    def look(caller: Caller, request: ApiRequest) -> Any:
        return approval_body(approvals.look(caller, request.path_parameters["approval"]))

    def decide(caller: Caller, request: ApiRequest) -> Any:
        approves = read(request.body, DecisionBody).decision == "approve"
        approval_id = request.path_parameters["approval"]
        return approval_body(approvals.decide(caller, approval_id, approves, request.request_id))

    return {"ask_approval": ask, "approval": look, "decide_approval": decide}


def _tokenize_item(given: Any, item: TokenizeItemBody | InvalidValue) -> TokenizeItem | InvalidValue:
    if isinstance(item, InvalidValue):
        attaches = isinstance(given, Mapping) and {"token", "subject"} <= set(given)
        return InvalidValue(_ATTACHING) if attaches else item
    return TokenizeItem(item.type, Sensitive(item.value), item.subject, item.ttl_seconds, item.metadata)


def _import_item(item: ImportItemBody | InvalidValue) -> ImportItem | InvalidValue:
    if isinstance(item, InvalidValue):
        return item
    value, limits = Sensitive(item.value), (item.ttl_seconds, item.metadata)
    return ImportItem(item.type, value, item.subject, *limits, token=item.token)


def _value_item(item: SearchItemBody | CaptureItemBody | InvalidValue) -> ValueItem | InvalidValue:
    if isinstance(item, InvalidValue):
        return item
    subject = item.subject if isinstance(item, SearchItemBody) else None
    return ValueItem(item.type, Sensitive(item.value), subject)


def _detokenize_token(item: DetokenizeItemBody | InvalidValue) -> str | InvalidValue:
    return item if isinstance(item, InvalidValue) else item.token


def _fields(body: DetokenizeBody) -> tuple[Field, ...] | None:
    """Each field that is asked for, once. Raises `InvalidRequest`."""
    if body.fields is not None and body.reveal == "masked":
        raise InvalidRequest("fields: of a full reveal only; a mask shows what the policy says", "/fields")
    return None if body.fields is None else tuple(dict.fromkeys(body.fields))


def _is_deterministic(policy: Policy, result: object) -> bool:
    return isinstance(result, TokenFacts) and policy.types[result.type].mode == "deterministic"


def _token(request: ApiRequest) -> str:
    """The token of a path, cut just over the length of the longest token: DynamoDB refuses keys of more
    than 2,048 bytes, and that would look like an outage."""
    return request.path_parameters["token"][: MAX_TOKEN + 1]


def _request_key(request: ApiRequest) -> RequestKey | None:
    key = request.idempotency_key
    return None if key is None else RequestKey(key, Sensitive(request.body))


def _results(results: Sequence[Any]) -> dict[str, Any]:
    return {"results": [result_body(result) for result in results]}
