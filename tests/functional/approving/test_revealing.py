"""A full reveal that needs a second person: asked for, decided on, used once, and each step on record."""

import pytest
from tokenvault_client.audit import Access, KmsKeys, Question, verify

from chalicelib import wiring
from tests.functional.approving.steps import ANNA, BERT, TEXT, approved, last, refused, reveal, three
from tests.support import policies
from tests.support.answers import codes, problem, tokens
from tests.support.world import World


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


def test_another_person_cannot_use_it(account: World) -> None:
    """It is of who asked: another user of the same client, and the client itself, are told of none."""
    made = three(account)
    approval = approved(account, *made, **ANNA)
    for given in ({}, BERT):
        refused(account, reveal(account, approval, *made, **given), "other_person")
    assert reveal(account, approval, *made, **ANNA).status == 200


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


def test_what_an_erased_subject_had_is_not_asked_for(account: World) -> None:
    """Also before the clean-up has come to its tokens: the second person would decide about nothing."""
    [made] = tokens(account.tokenize({**TEXT, "subject": "p1"}))
    account.erase(subject="p1")
    problem(account.ask_approval(made), 404, "token_not_found", "/items/0/token")
    event = max(account.events(), key=lambda item: item["sk"]["S"])
    assert [each["M"]["outcome"]["S"] for each in event["outcomes"]["L"]] == ["erased"]
