"""Who asked for what, out of a trail that was checked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from tokenvault_client.audit import Access, Question

from chalicelib.audit.events import AuditEvent, AuditOutcome, timestamp
from tests.support.trails import START, MemoryTrail, check

BEGAN = datetime.fromtimestamp(START, UTC)


def reveal(client: str, *tokens: str, tenant: str = "shop") -> AuditEvent:
    """A client's request for tokens, all of them revealed."""
    outcomes = tuple(AuditOutcome("revealed", token, "text") for token in tokens)
    return AuditEvent(tenant, client, "detokenize", f"r-{client}", "refund", outcomes=outcomes)


@pytest.fixture
def day() -> MemoryTrail:
    """Four events, one a second, of two containers, and a checkpoint."""
    trail = MemoryTrail()
    first, second = trail.container("reveal"), trail.container("reveal")
    first.record(reveal("settlement", "a", "b"))
    second.record(reveal("support", "a"))
    first.record(AuditEvent("shop", "checkout", "detokenize", "r-3", refusal="not_permitted"))
    second.record(reveal("settlement", "z", tenant="clinic"))
    trail.checkpoint()
    return trail


def asked(trail: MemoryTrail, question: Question) -> list[Access]:
    """The answers, in the order of time."""
    found: list[Access] = []
    check(trail, on_event=lambda event: found.extend(question.answers(event)))
    return sorted(found, key=lambda access: access.at)


def test_who_saw_a_token(day: MemoryTrail) -> None:
    """Each client, with time, purpose, outcome and the request's id."""
    first, second = asked(day, Question(tokens=frozenset({"a"})))
    began, request = timestamp(START + 1), "r-settlement"
    assert first == Access(
        began, "shop", "settlement", "detokenize", "revealed", request, "a", "text", purpose="refund"
    )
    assert (second.client, second.request) == ("support", "r-support")


def test_what_a_client_asked_for(day: MemoryTrail) -> None:
    """Each token of its requests; clients of another tenant may have the same name."""
    found = asked(day, Question(tenant="shop", client="settlement"))
    assert [access.token for access in found] == ["a", "b"]
    assert len(asked(day, Question(client="settlement"))) == 3


def test_what_a_client_approved_is_among_what_it_did() -> None:
    """Whoever has the credentials of one that approves had a part in what others saw."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    container.record(AuditEvent("shop", "officer", "approvals.approve", "r-1", approval="e"))
    container.record(replace(reveal("refunds", "a"), approval="e", approver="officer"))
    container.record(replace(reveal("refunds", "b"), approval="f", approver="leader"))
    trail.checkpoint()
    found = asked(trail, Question(tenant="shop", client="officer"))
    assert [(access.action, access.token) for access in found] == [
        ("approvals.approve", None),
        ("detokenize", "a"),
    ]


def test_only_some_actions_and_one_purpose(day: MemoryTrail) -> None:
    """So that a few reveals are not lost among the thousands of tokens of an export."""
    assert len(asked(day, Question(actions=frozenset({"detokenize"})))) == 5
    assert asked(day, Question(actions=frozenset({"export", "search"}))) == []
    assert [access.token for access in asked(day, Question(purpose="refund"))] == ["a", "b", "a", "z"]
    assert asked(day, Question(purpose="fraud")) == []


def test_the_rule_that_refused_a_request() -> None:
    """As the event has it, with the tokens that it was for."""
    trail = MemoryTrail()
    refused = AuditEvent("shop", "checkout", "detokenize", "r-1", refusal="not_permitted", rule="purpose")
    trail.container("reveal").record(replace(refused, asked_for=("a",)))
    trail.checkpoint()
    [access] = asked(trail, Question())
    assert (access.token, access.outcome, access.rule) == ("a", "not_permitted", "purpose")


def test_the_rule_that_refused_an_item() -> None:
    """Its own, not that of another item."""
    trail = MemoryTrail()
    outcomes = (AuditOutcome("not_permitted", "a", rule="type"), AuditOutcome("revealed", "b", "text"))
    refused = AuditEvent("shop", "checkout", "detokenize", "r-1", outcomes=outcomes)
    trail.container("reveal").record(refused)
    trail.checkpoint()
    assert [access.rule for access in asked(trail, Question())] == ["type", None]


def test_what_an_approval_was_about() -> None:
    """By its id: who asked, who decided on whose request, and who used it."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    container.record(AuditEvent("shop", "refunds", "approvals.ask", "r-1", approval="e"))
    container.record(AuditEvent("shop", "refunds", "approvals.ask", "r-2", approval="f"))
    decided = AuditEvent("shop", "officer", "approvals.approve", "r-3", approval="e", asker="refunds")
    container.record(replace(decided, asker_sub="sub-1", asker_username="anna"))
    container.record(replace(reveal("refunds", "a"), approval="e", approver="officer"))
    trail.checkpoint()
    ask, decision, use = asked(trail, Question(approval="e"))
    assert (ask.action, use.action, decision.client) == ("approvals.ask", "detokenize", "officer")
    assert (decision.asker, decision.asker_sub, decision.asker_username) == ("refunds", "sub-1", "anna")
    assert (ask.asker, use.asker) == (None, None)


def test_what_was_done_with_a_subject() -> None:
    """Its erasure and its lists; no reveal names it."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    container.record(AuditEvent("shop", "officer", "subjects.read", "r-1", subject="ada"))
    container.record(AuditEvent("shop", "officer", "erase.person", "r-2", subject="ada"))
    container.record(AuditEvent("shop", "officer", "erase.person", "r-3", subject="bob"))
    container.record(reveal("refunds", "a"))
    trail.checkpoint()
    found = asked(trail, Question(subject="ada"))
    assert [access.action for access in found] == ["subjects.read", "erase.person"]


@pytest.fixture
def people() -> MemoryTrail:
    """Anna signed in, and somebody of whom the trail has the `sub` only; of Bert, a client said so."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    container.record(replace(reveal("support", "a"), user_sub="sub-1", username="anna"))
    container.record(replace(reveal("settlement", "b"), on_behalf_of="bert"))
    container.record(replace(reveal("settlement", "c"), on_behalf_of="anna"))
    container.record(replace(reveal("support", "d"), user_sub="sub-3", on_behalf_of="bert"))
    container.record(reveal("settlement", "e"))
    container.record(replace(reveal("settlement", "f"), asserted_by="https://login", asserted_sub="carla"))
    trail.checkpoint()
    return trail


@pytest.mark.parametrize(
    ("person", "tokens"),
    [
        ("anna", "ac"),
        ("Carla", "f"),
        ("https://login", ""),
        ("sub-1", "a"),
        ("bert", "bd"),
        ("sub-3", "d"),
        ("ANNA", "ac"),
        ("an", ""),
        ("", ""),
    ],
)
def test_what_a_person_asked_for(people: MemoryTrail, person: str, tokens: str) -> None:
    """By `sub`, username, or what a client named: in full, and in any case, as usernames of the pool are."""
    found = asked(people, Question(person=person))
    assert "".join(str(access.token) for access in found) == tokens


def test_who_signed_in_is_told_from_whom_a_client_named(people: MemoryTrail) -> None:
    """They are of different fields; somebody who is named has not signed in."""
    did, said = asked(people, Question(person="anna"))
    assert (did.user_sub, did.username, did.on_behalf_of) == ("sub-1", "anna", None)
    assert (said.user_sub, said.username, said.on_behalf_of) == (None, None, "anna")
    assert (did.is_signed_in("anna"), said.is_signed_in("anna")) == (True, False)
    assert did.is_signed_in("sub-1")
    [proven] = asked(people, Question(person="carla"))
    assert (proven.asserted_by, proven.is_asserted("carla")) == ("https://login", True)
    assert (proven.is_signed_in("carla"), did.is_asserted("anna"), said.is_asserted("anna")) == (
        False,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("person", "issuer", "tokens"),
    [
        ("carla", None, "abcd"),
        ("carla", "https://login", "a"),
        ("Carla", "https://other", "b"),
        (None, "https://other", "bd"),
        ("dora", "https://other", "d"),
        ("carla", "https://LOGIN", ""),
    ],
)
def test_two_providers_may_give_one_name(person: str | None, issuer: str | None, tokens: str) -> None:
    """To two people. An issuer tells them apart, whole and by case (RFC 7519, section 4.1.1), and with it a
    client's word for the person counts no longer."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    container.record(replace(reveal("office", "a"), asserted_by="https://login", asserted_sub="carla"))
    container.record(replace(reveal("office", "b"), asserted_by="https://other", asserted_sub="carla"))
    container.record(replace(reveal("office", "c"), user_sub="sub-1", username="carla"))
    dora = {"asserted_by": "https://other", "asserted_sub": "dora", "on_behalf_of": "carla"}
    container.record(replace(reveal("office", "d"), **dora))
    trail.checkpoint()
    found = asked(trail, Question(person=person, asserted_by=issuer))
    assert "".join(str(access.token) for access in found) == tokens


def test_what_a_person_approved_is_found_too() -> None:
    """The reveal under the approval by who gave it, beside the decision itself; a refusal is a decision."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    approver = {"approver": "officer", "approver_sub": "sub-9", "approver_username": "olga"}
    signed_in = {"user_sub": "sub-9", "username": "olga", "outcomes": (AuditOutcome("deciding"),)}
    for action, approval in (("approvals.approve", "one"), ("approvals.refuse", "two")):
        container.record(AuditEvent("shop", "officer", action, "r", approval=approval, **signed_in))
    container.record(replace(reveal("support", "a"), username="anna", approval="one", **approver))
    container.record(replace(reveal("support", "b"), username="anna"))
    trail.checkpoint()
    for person in ("Olga", "sub-9"):
        approve, refuse, under = asked(trail, Question(person=person))
        assert [approve.action, refuse.action] == ["approvals.approve", "approvals.refuse"]
        assert (under.token, under.approval, under.is_approved_by(person)) == ("a", "one", True)
        assert (under.is_signed_in(person), approve.is_approved_by(person)) == (False, False)
    assert len(asked(trail, Question(person="anna"))) == 2
    assert asked(trail, Question(person="officer")) == []


def test_a_refused_request_is_an_answer(day: MemoryTrail) -> None:
    """With the reason as its outcome, also where the event names no token."""
    [refused] = asked(day, Question(client="checkout"))
    assert (refused.outcome, refused.token) == ("not_permitted", None)


def test_who_asked_for_a_token_in_vain() -> None:
    """The refusals of a token are found by it; each token is an access, with the reason as its outcome."""
    trail = MemoryTrail()
    event = AuditEvent("shop", "checkout", "detokenize", "r", refusal="not_permitted", asked_for=("a", "b"))
    trail.container("reveal").record(event)
    trail.checkpoint()
    [access] = asked(trail, Question(tokens=frozenset({"b"})))
    assert (access.client, access.outcome, access.token) == ("checkout", "not_permitted", "b")
    assert [access.token for access in asked(trail, Question(client="checkout"))] == ["a", "b"]
    assert check(trail).ok


def test_which_fields_were_revealed_is_told() -> None:
    """Of each value; of a refused request, what it asked for; of values without fields, nothing."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    outcomes = (
        AuditOutcome("revealed", "a", "card", ("expiry",)),
        AuditOutcome("revealed", "b", "card", ()),
        AuditOutcome("invalid_request", "c"),
    )
    container.record(
        AuditEvent("shop", "settlement", "detokenize", "r", outcomes=outcomes, fields=("expiry",))
    )
    refused = AuditEvent("shop", "checkout", "detokenize", "r", refusal="not_permitted", fields=("number",))
    container.record(refused)
    container.record(replace(refused, asked_for=("d",)))
    container.record(reveal("settlement", "e"))
    trail.checkpoint()
    assert [access.fields for access in asked(trail, Question())] == [
        ("expiry",),
        (),
        None,
        ("number",),
        ("number",),
        None,
    ]
    assert check(trail).ok


def test_a_time_is_from_its_first_moment_to_before_its_last(day: MemoryTrail) -> None:
    """Adjoining times have no access in common, and miss none."""
    cuts = [BEGAN + timedelta(seconds=seconds) for seconds in (0, 2, 4, 60)]
    parts = [len(asked(day, Question(since=since, before=before))) for since, before in pairwise(cuts)]
    assert parts == [2, 2, 1]
    assert len(asked(day, Question())) == sum(parts)


def test_a_time_without_a_zone_is_in_utc(day: MemoryTrail) -> None:
    """As everywhere in the trail."""
    naive = Question(since=BEGAN.replace(tzinfo=None) + timedelta(seconds=2))
    assert asked(day, naive) == asked(day, Question(since=BEGAN + timedelta(seconds=2)))


def test_who_asked_for_a_canary() -> None:
    """It is named though nothing was found."""
    trail = MemoryTrail()
    event = AuditEvent(
        "shop", "support", "detokenize", "r", outcomes=(AuditOutcome("unknown"),), canaries=("canary-1",)
    )
    trail.container("reveal").record(event)
    trail.checkpoint()
    [access] = asked(trail, Question(tokens=frozenset({"canary-1"})))
    assert (access.client, access.outcome) == ("support", "canary")


@pytest.mark.parametrize(
    "change", [{"pk": None}, {"outcomes": {"L": [{"S": "x"}]}}, {"outcomes": {"S": "x"}}]
)
def test_an_event_of_another_shape_is_a_finding_and_no_answer(
    day: MemoryTrail, change: dict[str, object]
) -> None:
    """What somebody wrote into the table does not end the check."""
    day.items[0] = {name: part for name, part in {**day.items[0], **change}.items() if part is not None}
    assert not check(day).ok
    assert [access.token for access in asked(day, Question(client="settlement"))] == ["z"]
