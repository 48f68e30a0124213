"""What the revealing function serves: JSON in, JSON out."""

from typing import Any

from chalicelib.api import cursors
from chalicelib.api.messages import ApiRequest
from chalicelib.api.operations import Operations, path_token
from chalicelib.api.reading import read, read_items
from chalicelib.api.revealing_bodies import (
    DetokenizeBody,
    DetokenizeItemBody,
    TypesBody,
    revealed_body,
    subject_body,
    type_body,
)
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller
from chalicelib.errors import InvalidRequest, InvalidValue
from chalicelib.formats.base import Field
from chalicelib.service.claimed_users import claimed_user
from chalicelib.service.eraser import Eraser
from chalicelib.service.revealer import DetokenizeRequest, Revealer
from chalicelib.service.subject_reader import SubjectReader
from chalicelib.telemetry import Telemetry


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
        return {"results": [revealed_body(result) for result in results]}

    def erase_token(caller: Caller, request: ApiRequest) -> Any:
        eraser.erase_token(caller, path_token(request), request.request_id)

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


def _detokenize_token(item: DetokenizeItemBody | InvalidValue) -> str | InvalidValue:
    return item if isinstance(item, InvalidValue) else item.token


def _fields(body: DetokenizeBody) -> tuple[Field, ...] | None:
    """Each field that is asked for, once. Raises `InvalidRequest`."""
    if body.fields is not None and body.reveal == "masked":
        raise InvalidRequest("fields: of a full reveal only; a mask shows what the policy says", "/fields")
    return None if body.fields is None else tuple(dict.fromkeys(body.fields))
