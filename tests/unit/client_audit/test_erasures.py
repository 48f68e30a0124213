"""What a trail says was erased, to be erased again after a restore."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tokenvault_client.audit import Erasures, Event

from chalicelib.audit.events import AuditEvent, AuditOutcome
from tests.support.trails import START, MemoryTrail, check

RESTORED = datetime.fromtimestamp(START, UTC)


def token_erasure(tenant: str, outcome: str, token: str | None, refusal: str | None = None) -> AuditEvent:
    """The event of one."""
    outcomes = () if refusal else (AuditOutcome(outcome, token),)
    asked_for = (token,) if refusal and token else ()
    return AuditEvent(
        tenant, "privacy", "erase.token", "r", outcomes=outcomes, refusal=refusal, asked_for=asked_for
    )


def subject_erasure(tenant: str, subject: str | None) -> AuditEvent:
    """The event of one; the subject is left out if the vault did not know it."""
    return AuditEvent(
        tenant, "privacy", "erase.person", "r", subject=subject, outcomes=(AuditOutcome("erasing"),)
    )


def found(
    trail: MemoryTrail, tenant: str = "shop", since: datetime = RESTORED, not_by: tuple[str, ...] = ()
) -> Erasures:
    """The erasures of a trail that verifies."""
    erasures = Erasures(tenant, since, not_by)
    assert check(trail, on_event=erasures.take).ok
    return erasures


def test_each_is_named_once() -> None:
    """Living tokens, erased and early ones, and subjects; also if they were asked for twice."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    for outcome, token in (("erasing", "a"), ("erased", "a"), ("expired", "b"), ("unknown", "c")):
        container.record(token_erasure("shop", outcome, token))
    for _ in range(2):
        container.record(subject_erasure("shop", "p1"))
    trail.checkpoint()
    erasures = found(trail)
    assert (erasures.tokens, erasures.subjects) == (["a", "b", "c"], ["p1"])


def test_what_erased_nothing_is_left_out() -> None:
    """Refused requests, text that was no token, subjects that the vault did not know, reveals."""
    trail = MemoryTrail()
    container = trail.reveals(2)
    container.record(token_erasure("shop", "", None, refusal="not_permitted"))
    container.record(token_erasure("shop", "", "a", refusal="not_permitted"))
    container.record(token_erasure("shop", "unknown", None))
    container.record(subject_erasure("shop", None))
    trail.checkpoint()
    assert (found(trail).tokens, found(trail).subjects) == ([], [])


def test_another_tenants_are_left_out() -> None:
    """A client erases for its own tenant; also where one tenant's name begins with the other's."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    for tenant in ("shop", "shop-2", "clinic"):
        container.record(token_erasure(tenant, "erasing", f"of-{tenant}"))
    trail.checkpoint()
    assert [found(trail, tenant).tokens for tenant in ("shop", "shop-2")] == [["of-shop"], ["of-shop-2"]]


def test_one_that_was_recorded_just_before_is_taken_in() -> None:
    """The record comes before the erasure, which may have come after the restored moment."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    for at in (0, 60, 400):
        trail.now = START + at
        container.record(token_erasure("shop", "erasing", f"t{at}"))
    trail.checkpoint()
    assert found(trail, since=RESTORED + timedelta(seconds=330)).tokens == ["t60", "t400"]
    assert found(trail, since=RESTORED + timedelta(hours=1)).tokens == []


def test_an_event_that_was_changed_is_told_of_and_not_to_be_believed() -> None:
    """The report says so; whoever erases by it has to look there first."""
    trail = MemoryTrail()
    trail.container("reveal").record(token_erasure("shop", "erasing", "a"))
    trail.checkpoint()
    trail.items[0]["outcomes"]["L"][0]["M"]["token"] = {"S": "b"}
    seen: list[Event] = []
    assert not check(trail, on_event=seen.append).ok
    assert [event.action for event in seen] == ["erase.token", "checkpoint"]


def move(*tokens: str, tenant: str = "shop", outcome: str = "retokenized") -> AuditEvent:
    """The event of a page: values get other tokens than these."""
    outcomes = tuple(AuditOutcome(outcome, token, "text_known") for token in tokens)
    return AuditEvent(tenant, "~operator", "retokenize", "r", outcomes=outcomes, export="0" * 32)


def test_what_a_client_retired_is_left_out() -> None:
    """Unless another one erased it, too; and what was erased of subjects is never left out."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    container.record(move("a", "b", "c"))
    for client, token in (("retirer", "a"), ("privacy", "b"), ("retirer", "c"), ("privacy", "c")):
        container.record(replace(token_erasure("shop", "erasing", token), client=client))
    container.record(replace(subject_erasure("shop", "p1"), client="retirer"))
    trail.checkpoint()
    erasures = found(trail, not_by=("retirer",))
    assert (erasures.tokens, erasures.left_out, erasures.subjects) == (["b", "c"], ["a"], ["p1"])
    assert found(trail).tokens == ["a", "b", "c"]


def test_what_else_that_client_erased_is_erased_again() -> None:
    """A new token, whose old one somebody had erased; one that did not move; one of another tenant."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    container.record(move("old"))
    container.record(move("failed", outcome="record_corrupt"))
    container.record(move("elsewhere", tenant="clinic"))
    for token in ("new", "old", "failed", "elsewhere"):
        container.record(replace(token_erasure("shop", "erasing", token), client="retirer"))
    trail.checkpoint()
    erasures = found(trail, not_by=("retirer",))
    assert (erasures.tokens, erasures.left_out) == (["new", "failed", "elsewhere"], ["old"])


def test_what_was_moved_before_the_moment_is_erased_again() -> None:
    """The restored vault has its new token."""
    trail = MemoryTrail()
    container = trail.container("reveal")
    container.record(move("early"))
    trail.now = START + 3600
    container.record(move("late"))
    for token in ("early", "late"):
        container.record(replace(token_erasure("shop", "erasing", token), client="retirer"))
    trail.checkpoint()
    erasures = found(trail, since=RESTORED + timedelta(minutes=30), not_by=("retirer",))
    assert (erasures.tokens, erasures.left_out) == (["early"], ["late"])


@pytest.mark.parametrize(
    ("tenant", "moment", "expected"),
    [
        ("shop", RESTORED, True),
        ("clinic", RESTORED, False),
        ("shop", RESTORED + timedelta(hours=1), False),
    ],
)
def test_a_move_to_another_prf_key_since_the_moment_is_told(
    tenant: str, moment: datetime, expected: bool
) -> None:
    """Of the tenant itself, and not of before: then its new tokens were restored."""
    trail = MemoryTrail()
    trail.container("reveal").record(move("a"))
    trail.checkpoint()
    erasures = found(trail, tenant, moment)
    assert (erasures.has_moves, erasures.tokens) == (expected, [])
