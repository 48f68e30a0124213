"""What the tokenizing function serves of captures, where a client may open sessions: JSON in, JSON out."""

from typing import Any

from chalicelib.api.capture_bodies import (
    CaptureBody,
    CaptureItemBody,
    CaptureSessionBody,
    captured_body,
    opened_body,
)
from chalicelib.api.messages import ApiRequest
from chalicelib.api.operations import Operations
from chalicelib.api.reading import read, read_items
from chalicelib.api.tokenizing import is_deterministic
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller
from chalicelib.errors import InvalidValue
from chalicelib.sensitive import Sensitive
from chalicelib.service.accepting import ValueItem
from chalicelib.service.capture_sessions import CaptureSessions
from chalicelib.service.capturer import Captured, Capturer
from chalicelib.telemetry import Telemetry


def capturing(
    sessions: CaptureSessions, capturer: Capturer, policy: Policy, telemetry: Telemetry
) -> Operations:
    """What the tokenizing function serves besides: what a page does, and what its back end does for it."""

    def open_session(caller: Caller, request: ApiRequest) -> Any:
        return opened_body(sessions.open(caller, read(request.body, CaptureSessionBody).terms))

    def capture(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, CaptureBody)
        items = [_capture_item(item) for item in read_items(body.items, CaptureItemBody)]
        results = capturer.capture(caller, items, request.request_id, Sensitive(request.body))
        counted = [result.facts if isinstance(result, Captured) else result for result in results]
        telemetry.tokenized(counted, sum(is_deterministic(policy, result) for result in counted))
        return {"results": [captured_body(result) for result in results]}

    return {"open_capture_session": open_session, "capture": capture}


def _capture_item(item: CaptureItemBody | InvalidValue) -> ValueItem | InvalidValue:
    if isinstance(item, InvalidValue):
        return item
    return ValueItem(item.type, Sensitive(item.value), None)
