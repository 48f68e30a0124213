"""A full reveal that needs a second person: asked for, decided on, used once, and each step on record."""

from collections.abc import Iterator
from typing import Any

import pytest
from tokenvault_client.audit import Access, KmsKeys, Question, verify

from chalicelib import wiring
from tests.support import policies
from tests.support.answers import codes, problem, tokens
from tests.support.world import Answer, World, world

ANNA = {"sub": "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44", "username": "anna"}
BERT = {"sub": "0c7d1e6b-1f7a-4b39-8a55-90d5f1b0c3de", "username": "bert"}
TEXT = {"type": "text", "value": "some text"}


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with world(policies.approving()) as made:
        yield made


@pytest.fixture
def account(shared: World) -> World:
    """An account in which `settlement` reveals two values an hour by itself, of which it has done none."""
    shared.clear("audit", "budgets")
    shared.deploy(policies.approving())
    return shared


def three(account: World) -> list[str]:
    return tokens(account.tokenize(*[TEXT] * 3))


def asked(account: World, *made: str, **options: Any) -> str:
    """The id of a new approval."""
    answer = account.ask_approval(*made, **options)
    assert answer.status == 200, answer.body
    return str(answer.body["approval"])


def approved(account: World, *made: str, **options: Any) -> str:
    """The id of an approval that the officer gave."""
    approval = asked(account, *made, **options)
    assert account.decide(approval).body["state"] == "approved"
    return approval


def reveal(account: World, approval: str, *made: str, purpose: str = "settlement", **options: Any) -> Answer:
    body = {"items": [{"token": token} for token in made], "purpose": purpose, "approval": approval}
    return account.detokenize(json_body=body, **options)


def last(account: World) -> dict[str, str]:
    """The texts of the last event."""
    event = max(account.events(), key=lambda item: item["sk"]["S"])
    return {name: held["S"] for name, held in event.items() if "S" in held}


def decisions(account: World) -> list[Any]:
    """The events of decisions to approve, by time."""
    found = (event for event in account.events() if event["action"]["S"] == "approvals.approve")
    return sorted(found, key=lambda item: item["sk"]["S"])


def outcomes(event: Any) -> list[str]:
    """What became of the items of an event."""
    return [each["M"]["outcome"]["S"] for each in event["outcomes"]["L"]]


def refused(account: World, answer: Answer, reason: str) -> None:
    """An approval was not usable, and the trail says why."""
    problem(answer, 409, "approval_not_usable")
    assert last(account)["refusal"] == f"approval_{reason}"


def test_the_whole_way(account: World) -> None:
    """Refused without it, asked, approved, revealed; the reveal names the approval and who gave it."""
    made = three(account)
    problem(account.detokenize(*made), 403, "approval_required")
    assert last(account)["refusal"] == "approval_required"

    answer = account.ask_approval(*made, **ANNA)
    approval = answer.body["approval"]
    assert last(account) | {"action": "approvals.ask", "approval": approval} == last(account)
    assert (
        answer.body
        | {
            "state": "pending",
            "asked_by": {"client": "settlement", "user_sub": ANNA["sub"], "username": "anna"},
            "types": {"text": 3},
            "purpose": "settlement",
            "decided_by": None,
            "decided_at": None,
        }
        == answer.body
    )

    seen = account.decide(approval, **BERT).body
    assert (seen["state"], seen["decided_by"]["username"]) == ("approved", "bert")
    assert last(account) | {
        "action": "approvals.approve",
        "approval": approval,
        "asker": "settlement",
        "asker_sub": ANNA["sub"],
        "asker_username": "anna",
    } == last(account)
    assert account.approval(approval).body == seen

    shown = reveal(account, approval, *reversed(made), **ANNA)
    assert [entry["value"] for entry in shown.body["results"]] == ["some text"] * 3
    assert last(account) | {
        "action": "detokenize",
        "user_sub": ANNA["sub"],
        "approval": approval,
        "approver": "officer",
        "approver_sub": BERT["sub"],
        "approver_username": "bert",
    } == last(account)
    assert account.approval(approval).body["state"] == "used"


def test_splitting_does_not_evade(account: World) -> None:
    """Values of an hour count together, found or not; masks and what was approved do not count."""
    made = three(account)
    approval = approved(account, *made)
    assert account.detokenize(made[0]).status == 200
    assert account.detokenize("text_unknown").status == 200
    problem(account.detokenize(made[1]), 403, "approval_required")
    assert account.masked(*made).status == 200
    assert reveal(account, approval, *made).status == 200


def test_types_need_it_always(account: World) -> None:
    """An item of such a type fails alone, on record; with an approval it does not."""
    account.deploy(policies.approving(over_per_hour=None, types=["card_number"]))
    made = tokens(account.tokenize({"type": "card_number", "value": "4111111111111111"}, TEXT))
    assert codes(account.detokenize(*made)) == ["approval_required", None]
    outcomes = max(account.events(), key=lambda item: item["sk"]["S"])["outcomes"]["L"]
    assert [each["M"]["outcome"]["S"] for each in outcomes] == ["approval_required", "revealed"]
    assert codes(account.masked(*made)) == [None, None]
    assert codes(reveal(account, approved(account, *made), *made)) == [None, None]


def test_a_type_that_no_approval_gives(account: World) -> None:
    """Is refused and on record as that: who asked for an approval would be told so, too late."""
    written = policies.approving(over_per_hour=0)
    written["tenants"]["shop"]["clients"]["settlement"]["types"] = ["text"]
    account.deploy(written)
    text, card = tokens(account.tokenize(TEXT, {"type": "card_number", "value": "4111111111111111"}))
    problem(account.detokenize(text), 403, "approval_required")
    problem(account.detokenize(text, card), 403, "not_permitted", "/items/1/token")
    assert last(account) | {"refusal": "not_permitted", "rule": "type"} == last(account)
    problem(account.ask_approval(text, card), 403, "not_permitted", "/items/1/token")


def test_none_at_all_without(account: World) -> None:
    """A limit of no values means that every full reveal is approved."""
    account.deploy(policies.approving(over_per_hour=0))
    [token] = tokens(account.tokenize(TEXT))
    refused = account.detokenize(token)
    problem(refused, 403, "approval_required")
    assert (
        "this client may reveal no values in an hour here without a second person" in refused.body["detail"]
    )
    assert reveal(account, approved(account, token), token).only["value"] == "some text"


def test_an_approval_is_used_once(account: World) -> None:
    """A replay, and a retry whose first answer was lost, look the same and are refused."""
    made = three(account)
    approval = approved(account, *made)
    assert reveal(account, approval, *made).status == 200
    refused(account, reveal(account, approval, *made), "used")
    assert last(account)["approval"] == approval


def test_a_reveal_that_shows_nothing_uses_nothing(account: World) -> None:
    """Tokens that were erased since: there is nothing that a second person had to stand for."""
    made = three(account)
    approval = approved(account, *made)
    for token in made:
        account.erase(token=token)
    assert codes(reveal(account, approval, *made)) == ["token_not_found"] * 3
    assert account.approval(approval).body["state"] == "approved"


@pytest.mark.parametrize("change", ["fewer", "more", "another", "purpose", "no token"])
def test_other_than_approved(account: World, change: str) -> None:
    """One token fewer, more, or another, or another purpose; then the right one still goes, in any order."""
    made, [other] = three(account), tokens(account.tokenize(TEXT))
    approval = approved(account, *made)
    sent = {"fewer": made[:2], "more": [*made, other], "another": [*made[:2], other], "no token": [*made, ""]}
    purpose = "refund" if change == "purpose" else "settlement"
    refused(account, reveal(account, approval, *sent.get(change, made), purpose=purpose), "other_request")
    assert reveal(account, approval, *made[::-1], made[0]).status == 200


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


def test_another_person_cannot_use_it(account: World) -> None:
    """It is of who asked: another user of the same client, and the client itself, are told of none."""
    made = three(account)
    approval = approved(account, *made, **ANNA)
    for given in ({}, BERT):
        refused(account, reveal(account, approval, *made, **given), "other_person")
    assert reveal(account, approval, *made, **ANNA).status == 200


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


def test_what_can_be_asked_for(account: World) -> None:
    """Tokens that are there, by a client whose reveals need it; the first that is not there is pointed at."""
    made = three(account)
    problem(account.ask_approval(made[0], "text_x"), 404, "token_not_found", "/items/1/token")
    assert "approval" not in last(account)
    problem(account.ask_approval(*made, purpose="marketing"), 403, "not_permitted")
    problem(account.ask_approval(*made, client="intake", purpose="treatment"), 403, "not_permitted")
    problem(account.ask_approval(*made, client="support"), 403, "not_permitted")
    problem(account.ask_approval(), 400, "invalid_request", "/items")
    problem(account.ask_approval(*["x"] * 101), 413, "batch_too_large", "/items")
    assert account.items("budgets") == []


def test_an_approval_is_for_full_reveals(account: World) -> None:
    """With a masked one it would be used up for nothing; an unknown one is never passed over."""
    made = three(account)
    items = [{"token": token} for token in made]
    body = {"items": items, "purpose": "settlement", "approval": approved(account, *made)}
    refused(account, account.detokenize(json_body=body | {"reveal": "masked"}), "other_request")
    refused(account, reveal(account, "4111111111111111", made[0]), "unknown")
    assert "approval" not in last(account)
    refused(account, reveal(account, "0" * 32, made[0], client="intake", purpose="treatment"), "unknown")


def test_an_approval_of_another_region_is_unknown(account: World) -> None:
    """Its tables of approvals are its own: nothing is waited for, and nothing used twice."""
    made = three(account)
    approval = approved(account, *made)
    elsewhere = {**account.env("reveal"), "TOKENVAULT_BUDGETS_TABLE": "idempotency"}
    account.services["reveal"] = wiring.build(elsewhere, account.client, account.telemetry)
    refused(account, reveal(account, approval, *made), "unknown")
    problem(account.decide(approval), 404, "approval_not_found")


def test_the_trail_of_approvals_verifies(account: World) -> None:
    """Nothing in it is strange to the auditor's tool, which tells who approved what was seen."""
    made = three(account)
    approval = approved(account, *made, **ANNA)
    reveal(account, approval, *made, **ANNA)
    reveal(account, approval, *made, **ANNA)
    found: list[Access] = []
    keys = KmsKeys(account.kms, account.audit_key)
    report = verify(
        account.items("audit"),
        vault_id=policies.VAULT_ID,
        unwrap=keys,
        on_event=lambda event: found.extend(Question().answers(event)),
    )
    assert {finding.kind for finding in report.findings} <= {"uncovered"}
    about = [access for access in sorted(found, key=lambda each: each.at) if access.approval == approval]
    assert [(access.action, access.outcome) for access in about] == [
        *[("approvals.ask", "asked")] * 3,
        ("approvals.approve", "deciding"),
        *[("detokenize", "revealed")] * 3,
        *[("detokenize", "approval_used")] * 3,
    ]
    assert {access.approver for access in about[4:7]} == {"officer"}
    assert {access.purpose for access in about} == {"settlement"}
