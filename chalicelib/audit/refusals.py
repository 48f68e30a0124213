"""Refusals of a whole request are on record, like what was answered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from chalicelib.audit.events import AuditEvent, AuditTrail
from chalicelib.errors import (
    ApprovalNotFound,
    ApprovalNotUsable,
    AssertionRefused,
    BudgetExceeded,
    NotPermitted,
    RecordCorrupt,
)


@contextmanager
def refusals_on_record(
    audit: AuditTrail, event: AuditEvent, asked_for: Callable[[], tuple[str, ...]] = tuple
) -> Iterator[None]:
    """If the work inside is refused, records the event as refused, and raises again.

    `asked_for` tells the tokens that the event then names; it is called only for a refusal.
    Raises what `AuditTrail.record` does instead, if the refusal cannot be recorded.
    """
    try:
        yield
    except ApprovalNotUsable as refusal:
        approval = refusal.approval or event.approval
        audit.record(replace(event, refusal=refusal.reason, asked_for=asked_for(), approval=approval))
        raise
    except AssertionRefused as refusal:
        audit.record(replace(event, refusal=refusal.reason, asked_for=asked_for()))
        raise
    except NotPermitted as refusal:
        audit.record(replace(event, refusal=refusal.code, rule=refusal.rule, asked_for=asked_for()))
        raise
    except (BudgetExceeded, ApprovalNotFound, RecordCorrupt) as refusal:
        audit.record(replace(event, refusal=refusal.code, asked_for=asked_for()))
        raise
