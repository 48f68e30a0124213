"""Approvals through the client: each step with its own path, and the reveal names the approval."""

import pytest
from tokenvault_client import Actor, ConfigurationError, Conflict

from tests.client.service import Service, problem


def test_every_step(service: Service) -> None:
    """Asked, looked at, approved, refused: method, path and body; the answer as a frozen type."""
    approvals = service.client().approvals
    asked = approvals.ask(["ab", "cd"], purpose="refund")
    assert asked.asked_by == Actor("settlement", "a-sub", "anna")
    assert asked.decided_by == Actor("officer", None, None)
    assert (asked.state, asked.types, asked.purpose) == ("approved", {"text": 2}, "refund")
    for step in (approvals.get, approvals.approve, approvals.refuse):
        assert step(f"{asked.approval}/..").approval == asked.approval
    path = f"/v1/approvals/{asked.approval}%2F.."
    assert [(seen.method, seen.path) for seen in service.seen] == [
        ("POST", "/v1/approvals"),
        ("GET", path),
        ("POST", f"{path}/decision"),
        ("POST", f"{path}/decision"),
    ]
    first, _, *decided = service.seen
    assert first.body == {"items": [{"token": "ab"}, {"token": "cd"}], "purpose": "refund"}
    assert [seen.body["decision"] for seen in decided] == ["approve", "refuse"]
    assert "anna" not in repr(asked)


def test_a_reveal_names_its_approval(service: Service) -> None:
    """In the body; where it cannot be used, that is a conflict, and not sent again."""
    client = service.client()
    client.detokenize(["ab"], purpose="refund", approval="0a" * 16)
    assert service.seen[0].body["approval"] == "0a" * 16
    service.script.append(problem(409, "approval_not_usable"))
    with pytest.raises(Conflict) as refused:
        client.detokenize(["ab"], purpose="refund", approval="0a" * 16)
    assert (refused.value.code, len(service.seen)) == ("approval_not_usable", 2)


def test_one_token_that_is_not_in_a_list_is_refused(service: Service) -> None:
    """Each of its characters would be a token that the second person is asked about."""
    with pytest.raises(ConfigurationError, match="must be a list"):
        service.client().approvals.ask("7462522174991111", purpose="refund")
    assert not service.seen
