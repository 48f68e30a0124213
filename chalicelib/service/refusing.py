"""Refusals of a whole request are on record, like what was answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from chalicelib.audit import AuditEvent, AuditTrail
from chalicelib.errors import BudgetExceeded, NotPermitted


@contextmanager
def refusals_on_record(audit: AuditTrail, event: AuditEvent, *beside: AuditEvent) -> Iterator[None]:
    """Records the event as refused where the work inside is, others beside it, and passes the refusal on.

    Raises what `AuditTrail.record` does instead, where the refusal cannot be recorded.
    """
    try:
        yield
    except (NotPermitted, BudgetExceeded) as refusal:
        audit.record(replace(event, refusal=refusal.code), *beside)
        raise
