"""Who decides on an approval: a second person, in time, and once."""

from typing import Any

from tests.functional.approving.steps import (
    ANNA,
    BERT,
    approved,
    asked,
    last,
    refused,
    reveal,
    three,
)
from tests.support import policies
from tests.support.answers import problem
from tests.support.world import World


def decisions(account: World) -> list[Any]:
    """The events of decisions to approve, by time."""
    found = (event for event in account.events() if event["action"]["S"] == "approvals.approve")
    return sorted(found, key=lambda item: item["sk"]["S"])


def outcomes(event: Any) -> list[str]:
    """What became of the items of an event."""
    return [each["M"]["outcome"]["S"] for each in event["outcomes"]["L"]]


def test_nobody_decides_on_their_own(account: World) -> None:
    """Neither a person, through whatever client, nor a client that acts for nobody."""
    made = three(account)
    by_client = asked(account, *made)
    by_anna = asked(account, *made, **ANNA)
    for approval, given in (
        (by_client, {"client": "settlement"}),
        (by_client, {"client": "settlement", **ANNA}),
        (by_anna, {"client": "settlement", **ANNA}),
        (by_anna, {"client": "officer", **ANNA}),
        (by_anna, {"client": "settlement"}),
    ):
        for decision in ("approve", "refuse"):
            refused(account, account.decide(approval, decision, **given), "own_request")
            assert last(account)["approval"] == approval
    assert account.decide(by_anna, client="settlement", **BERT).body["state"] == "approved"
    assert account.decide(by_client, **BERT).body["state"] == "approved"


def test_whom_a_client_names_is_no_second_person(account: World) -> None:
    """`on_behalf_of` is not verified: it makes nobody of the client that says it, and no body takes it."""
    written = policies.approving()
    written["tenants"]["shop"]["clients"]["settlement"]["on_behalf_of"] = True
    account.deploy(written)
    made = three(account)
    body = {"items": [{"token": token} for token in made], "purpose": "settlement"}
    problem(account.ask_approval(json_body=body | {"on_behalf_of": "bert"}), 400, "invalid_request")
    approval = asked(account, *made)
    refused(account, account.decide(approval, client="settlement"), "own_request")
    account.decide(approval)
    shown = account.detokenize(json_body=body | {"approval": approval, "on_behalf_of": "bert"})
    assert shown.status == 200
    assert (last(account)["on_behalf_of"], last(account)["approver"]) == ("bert", "officer")


def test_undecided_and_refused(account: World) -> None:
    """Neither is a way to a value."""
    made = three(account)
    approval = asked(account, *made)
    refused(account, reveal(account, approval, *made), "undecided")
    assert account.decide(approval, "refuse").body["state"] == "refused"
    assert last(account)["action"] == "approvals.refuse"
    refused(account, reveal(account, approval, *made), "refused")


def test_late(clock: Any, account: World) -> None:
    """From the very second on: for who decides, and for who reveals. It can be looked at for a day more."""
    made = three(account)
    undecided, decided = asked(account, *made), approved(account, *made)
    clock(3600)
    refused(account, account.decide(undecided), "late")
    refused(account, reveal(account, decided, *made), "late")
    assert {account.approval(each).body["state"] for each in (undecided, decided)} == {"expired"}
    items = [item for item in account.items("budgets") if decided in item["pk"]["S"]]
    [expires_at] = [int(item["expires_at"]["N"]) for item in items if "expires_at" in item]
    assert {int(item["ttl"]["N"]) for item in items} == {expires_at + 24 * 3600}


def test_decided_already(account: World) -> None:
    """The first decision stands; who made it is answered the same again, anybody else is refused. The trail
    tells the decision from its repetition."""
    approval = asked(account, *three(account))
    first = account.decide(approval).body
    assert account.decide(approval).body == first
    assert [outcomes(event) for event in decisions(account)] == [["deciding"], ["decided"]]
    refused(account, account.decide(approval, "refuse"), "decided")
    refused(account, account.decide(approval, client="deputy"), "decided")
    refused(account, account.decide(approval, **BERT), "decided")


def test_who_may_decide(account: World) -> None:
    """Who has the action and its scope, in the tenant, for all types of it; others learn nothing."""
    written = policies.approving()
    written["tenants"]["shop"]["clients"]["deputy"]["types"] = ["card_number"]
    written["tenants"]["clinic"]["clients"]["intake"]["actions"] += ["approve"]
    account.deploy(written)
    approval = asked(account, *three(account))
    lacking = (
        ({"client": "deputy"}, "type"),
        ({"client": "support"}, "action"),
        ({"scopes": ("detokenize",)}, "action"),
    )
    for given, last_rule in lacking:
        problem(account.decide(approval, **given), 403, "not_permitted")
        assert last(account)["refusal"] == "not_permitted"
        problem(account.approval(approval, **given), 403, "not_permitted")
        look = {"action": "approvals.look", "approval": approval, "asker": "settlement", "rule": last_rule}
        assert last(account) | look | {"refusal": "not_permitted"} == last(account)
    for unknown, given in ((approval, {"client": "intake"}), ("0" * 32, {}), ("../" * 700, {})):
        problem(account.decide(unknown, **given), 404, "approval_not_found")
        assert last(account)["refusal"] == "approval_not_found"
        problem(account.approval(unknown, **given), 404, "approval_not_found")
        assert last(account) | {"action": "approvals.look", "refusal": "approval_not_found"} == last(account)
        assert "approval" not in last(account)
    events = len(account.events())
    assert account.approval(approval, client="settlement", scopes=("detokenize",)).body["state"] == "pending"
    assert len(account.events()) == events  # a look that shows what it may is not on record
