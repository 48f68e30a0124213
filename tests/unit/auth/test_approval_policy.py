"""What a policy may say of approvals: each rule by itself, at its bounds."""

from typing import Any

import pytest

from chalicelib.auth.policy import Client
from chalicelib.caller import ApprovalRule
from tests.support.policy_rules import CLIENT, loaded, problems, written

REVEALS = {**CLIENT, "actions": ["detokenize"], "purposes": ["refund"]}
IDENTITY = {"issuer": "https://pool", "client_id": "other", "api_key_id": "another"}
OFFICER = {**CLIENT, "identities": [IDENTITY], "actions": ["approve"]}


def needing(approval: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A policy of a client whose reveals need approval, and an officer's."""
    clients = {"settlement": {**REVEALS, "approval": approval, **changes}, "officer": OFFICER}
    return written(tenants={"shop": {"clients": clients}})


def client(approval: dict[str, Any]) -> Client:
    return loaded(needing(approval)).clients["https://pool", "id"]


def test_what_a_client_needs() -> None:
    """The number of values is a budget; what is left out has its default."""
    full = client({"over_per_hour": 0, "types": ["text"], "valid_seconds": 60})
    assert (full.approval, full.budgets) == (
        ApprovalRule(frozenset({"text"}), 60),
        {"unapproved_reveals": 0},
    )
    half = client({"types": ["text"]})
    assert (half.approval, half.budgets) == (ApprovalRule(frozenset({"text"}), 3600), {})
    assert loaded(written()).clients["https://pool", "id"].approval is None


WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "nothing": ({}, {}, "needs approval for nothing"),
    "fewer than none": ({"over_per_hour": -1}, {}, "not from 0 to 1000000000"),
    "too many": ({"over_per_hour": 10**9 + 1}, {}, "not from 0 to 1000000000"),
    "another type": ({"types": ["card"]}, {}, "types that it may not use: card"),
    "too short": ({"over_per_hour": 1, "valid_seconds": 59}, {}, "not from 60 to 86400 seconds"),
    "too long": ({"over_per_hour": 1, "valid_seconds": 86401}, {}, "not from 60 to 86400 seconds"),
    "no full reveals": (
        {"over_per_hour": 1},
        {"actions": ["detokenize.masked"]},
        "may neither reveal in full nor",
    ),
}


@pytest.mark.parametrize(("approval", "changes", "rule"), WRONG.values(), ids=WRONG.keys())
def test_what_is_refused(approval: dict[str, Any], changes: dict[str, Any], rule: str) -> None:
    """By the client's name and the rule."""
    [problem] = problems(needing(approval, **changes))
    assert problem.startswith("client settlement of tenant shop ")
    assert rule in problem


def test_somebody_has_to_be_there_to_approve() -> None:
    """In the same tenant."""
    clients = {"settlement": {**REVEALS, "approval": {"over_per_hour": 1}}}
    tenants = {"shop": {"clients": clients}, "clinic": {"clients": {"officer": OFFICER}}}
    [problem] = problems(written(tenants=tenants))
    assert problem.endswith("needs approval, and no client of its tenant may approve")


def test_people_approve_only_where_a_group_may() -> None:
    """A client for people alone makes no approver: nobody could approve anything through it."""
    needing_one = {**REVEALS, "approval": {"over_per_hour": 1}}
    desk = {**OFFICER, "kind": "browser", "identities": [{"issuer": "https://pool", "client_id": "desk"}]}
    shop: dict[str, Any] = {"clients": {"settlement": needing_one, "desk": desk}}
    [problem] = problems(written(tenants={"shop": shop}))
    assert problem.endswith("needs approval, and no client of its tenant may approve")
    shop["groups"] = {"officers": {"actions": ["approve"], "types": ["text"]}}
    assert problems(written(tenants={"shop": shop})) == ()
