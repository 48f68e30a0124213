"""An export that needs a second person: what they see and approve, and that nothing else passes by it."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tokenvault_client.audit import Access, KmsKeys, Question, verify

from chalicelib.crypto.exports import read_recipient
from chalicelib.service import exporter
from tests.support import policies
from tests.support.answers import problem, tokens
from tests.support.deaths import every_death
from tests.support.exports import ask, begin, begun, opened, pem, send, terms
from tests.support.mortal import Mortal, mortal
from tests.support.receipts import verify as verified_jws
from tests.support.world import Answer, World

TEXT = {"type": "text", "value": "some text"}
ANNA = {"sub": "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44", "username": "anna"}
OTHER = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def account() -> Iterator[Mortal]:
    """An account in which each export of `mover` needs approval."""
    with mortal(policies.exporting(approval={})) as made:
        yield made


@pytest.fixture
def made(account: Mortal) -> list[str]:
    """Three tokens, and nothing of an earlier test, its policy neither."""
    account.deploy(policies.exporting(approval={}))
    account.clear("audit", "budgets", "vault")
    return tokens(account.tokenize(TEXT, TEXT, TEXT))


def approved(account: World, **changed: Any) -> str:
    """The id of an approval that the officer gave."""
    answer = send(account, "/v1/exports/approvals", terms(**changed))
    assert answer.status == 200, answer.body
    approval = str(answer.body["approval"])
    assert account.decide(approval).body["state"] == "approved"
    return approval


def refused(account: World, answer: Answer, reason: str) -> None:
    """The approval was not usable, and the trail says why."""
    problem(answer, 409, "approval_not_usable")
    assert max(account.events(), key=lambda item: item["sk"]["S"])["refusal"]["S"] == f"approval_{reason}"


def test_the_whole_way(account: Mortal, made: list[str]) -> None:
    """Refused without it; who approves sees the types, the recipient and the purpose; the file names both."""
    problem(begin(account), 403, "approval_required")
    answer = ask(account, **ANNA)
    shown = answer.body
    assert (shown["purpose"], shown["types"], shown["state"]) == ("moving", {}, "pending")
    assert account.approval(shown["approval"]).body == shown
    account.decide(shown["approval"])
    carried = begun(account, {"approval": shown["approval"]}, **ANNA)
    claims = verified_jws(account, carried.opening)
    assert shown["export"] == {"types": claims["types"], "recipient_sha256": claims["recipient_sha256"]}
    assert claims["asked_by"] == {"client": "mover", "user_sub": ANNA["sub"], "username": "anna"}
    assert claims["approved_by"] == {"client": "officer", "user_sub": None, "username": None}
    assert {entry["token"] for entry in opened(account, carried.finish(**ANNA))} == set(made)
    assert account.approval(shown["approval"]).body["state"] == "used"


def test_the_trail_holds_and_says_who_approved(account: Mortal, made: list[str]) -> None:
    """Each token that was given out, with its export's approver; the chain verifies with it."""
    approval = approved(account)
    begun(account, {"approval": approval}).finish()
    accesses: list[Access] = []
    question = Question(tokens=frozenset(made))
    report = verify(
        account.items("audit"),
        vault_id=policies.VAULT_ID,
        unwrap=KmsKeys(account.kms, account.audit_key),
        on_event=lambda event: accesses.extend(question.answers(event)),
    )
    assert {finding.kind for finding in report.findings} <= {"uncovered"}
    given = [access for access in accesses if access.action == "export"]
    assert sorted(str(access.token) for access in given) == sorted(made)
    assert {(access.approval, access.approver, access.outcome) for access in given} == {
        (approval, "officer", "revealed")
    }


@pytest.mark.parametrize(
    "changed", [{"types": ["text"]}, {"recipient": pem(OTHER)}, {"purpose": "leaving"}], ids=lambda c: str(*c)
)
def test_nothing_else_than_what_was_approved(
    account: Mortal, made: list[str], changed: dict[str, Any]
) -> None:
    """Other types, another recipient and another purpose are another export."""
    written = policies.exporting(approval={})
    written["tenants"]["shop"]["clients"]["mover"]["purposes"] += ["leaving"]
    account.deploy(written)
    approval = approved(account)
    refused(account, begin(account, {**changed, "approval": approval}), "other_request")
    assert begin(account, {"approval": approval}).status == 201


def test_it_begins_one_export(account: Mortal, made: list[str]) -> None:
    """A second one needs another approval, also to the same recipient."""
    approval = approved(account)
    carried = begun(account, {"approval": approval})
    refused(account, begin(account, {"approval": approval}), "used")
    assert len(opened(account, carried.finish())) == 3


def test_an_export_that_no_hour_gives_a_token_of_uses_no_approval_up(
    account: Mortal, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a limit smaller than the number of Regions. It is refused on record; by a larger one, begun."""
    with monkeypatch.context() as patch:
        env = account.env
        patch.setattr(account, "env", lambda name: env(name) | {"TOKENVAULT_REGION_COUNT": "2"})
        limit(account, 2)
        approval = approved(account)
        limit(account, 1)
        for answer in (ask(account), begin(account), begin(account, {"approval": approval})):
            problem(answer, 429, "budget_exceeded")
            assert "retry_after" not in answer.body
            assert "of which this Region has 0" in answer.body["detail"]
        refusals = [event.get("refusal", {}).get("S") for event in account.events()]
        assert refusals.count("budget_exceeded") == 3
        limit(account, 2)
        assert begin(account, {"approval": approval}).status == 201


def limit(account: Mortal, reveals: int) -> None:
    """So many reveals an hour, in all Regions together, for the client that exports."""
    written = policies.exporting(approval={})
    written["tenants"]["shop"]["clients"]["mover"]["reveals_per_hour"] = reveals
    account.deploy(written)


def test_an_approval_of_a_reveal_is_none(account: Mortal, made: list[str]) -> None:
    """Nor the other way round: an approved export shows no value to who asked for it."""
    written = policies.exporting(policies.approving(over_per_hour=0), approval={})
    mover = written["tenants"]["shop"]["clients"]["mover"]
    mover["actions"] = ["detokenize", "export"]
    account.deploy(written)
    both: dict[str, Any] = {"client": "mover", "scopes": ("detokenize", "export")}
    of_reveal = account.ask_approval(*made, purpose="moving", **both).body["approval"]
    account.decide(of_reveal)
    refused(account, begin(account, {"approval": of_reveal}), "other_request")
    of_export = approved(account)
    body = {"items": [{"token": token} for token in made], "purpose": "moving", "approval": of_export}
    refused(account, account.detokenize(json_body=body, **both), "other_request")


def test_nobody_approves_their_own(account: Mortal, made: list[str]) -> None:
    """Nor does who may not use each of its types."""
    written = policies.exporting(approval={})
    clients = written["tenants"]["shop"]["clients"]
    clients["mover"]["actions"] += ["approve"]
    clients["deputy"]["types"] = ["text"]
    account.deploy(written)
    approval = ask(account).body["approval"]
    refused(account, account.decide(approval, client="mover"), "own_request")
    problem(account.decide(approval, client="deputy"), 403, "not_permitted")
    assert account.decide(approval).status == 200


def test_who_needs_none_may_not_ask(account: Mortal, made: list[str]) -> None:
    """As of reveals: an approval that binds nobody would mean nothing."""
    account.deploy(policies.exporting())
    problem(ask(account), 403, "not_permitted")
    assert begin(account).status == 201


def test_a_stored_approval_that_was_changed(account: Mortal, made: list[str]) -> None:
    """Who writes to the table can put no other recipient into an approved export."""
    approval = approved(account)
    [item] = [each for each in account.items("budgets") if each["sk"]["S"] == "request"]
    item["export"]["M"]["recipient"] = {"S": read_recipient(pem(OTHER)).fingerprint}
    account.store(item, "budgets")
    problem(begin(account, {"approval": approval, "recipient": pem(OTHER)}), 500, "record_corrupt")


def test_deaths_while_beginning(account: Mortal, made: list[str]) -> None:
    """At any call: begun once at most, and what was begun is on record."""
    approvals: dict[int, str] = {}

    def prepare(n: int) -> Any:
        approvals[n] = approved(account)
        return lambda: begin(account, {"approval": approvals[n]})

    for n in every_death(account, prepare, by_day=2):
        again = begin(account, {"approval": approvals[n]})
        assert again.status in (201, 409)
        assert begin(account, {"approval": approvals[n]}).status == 409
        named = [
            e for e in account.events() if e.get("approval", {}).get("S") == approvals[n] and "export" in e
        ]
        assert again.status == 409 or named


def test_deaths_on_the_way(account: Mortal, made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """At any call of a page: sent again it gives the page, and what was given is on record."""
    account.deploy(policies.exporting())
    monkeypatch.setattr(exporter, "PAGE", 4)
    carried = begun(account)
    for _ in every_death(
        account, lambda n: carried_step(account, carried.opening, str(carried.cursor)), by_day=2
    ):
        pass
    account.restart()
    assert {entry["token"] for entry in opened(account, carried.finish())} == set(made)
    seen = [
        outcome["M"]["token"]["S"]
        for event in account.events()
        if event["action"]["S"] == "export"
        for outcome in event["outcomes"]["L"]
    ]
    assert set(seen) == set(made)


def carried_step(account: World, opening: str, cursor: str) -> Any:
    """A page that nobody gets the answer of."""
    return lambda: send(account, "/v1/exports/pages", {"opening": opening, "cursor": cursor})
