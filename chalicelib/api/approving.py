"""What the revealing function serves of reveals that a second person approves: JSON in, JSON out."""

from typing import Any

from chalicelib.api.approval_bodies import AskApprovalBody, DecisionBody, approval_body
from chalicelib.api.messages import ApiRequest
from chalicelib.api.operations import Operations
from chalicelib.api.reading import read
from chalicelib.caller import Caller
from chalicelib.service.approvals import Approvals


def approving(approvals: Approvals) -> Operations:
    """The steps before a reveal that a second person approves."""

    def ask(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, AskApprovalBody)
        tokens = [item.token for item in body.items]
        return approval_body(approvals.ask(caller, tokens, body.purpose, request.request_id))

    def look(caller: Caller, request: ApiRequest) -> Any:
        approval_id = request.path_parameters["approval"]
        return approval_body(approvals.look(caller, approval_id, request.request_id))

    def decide(caller: Caller, request: ApiRequest) -> Any:
        approves = read(request.body, DecisionBody).decision == "approve"
        approval_id = request.path_parameters["approval"]
        return approval_body(approvals.decide(caller, approval_id, approves, request.request_id))

    return {"ask_approval": ask, "approval": look, "decide_approval": decide}
