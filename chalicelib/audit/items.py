"""Audit events and checkpoints as DynamoDB items. Pure."""

from collections.abc import Mapping, Sequence

from chalicelib.audit.events import AuditEvent, AuditOutcome, Checkpoint, Tail, partition, timestamp
from chalicelib.items import Item, primary_key


def to_item(event: AuditEvent | Checkpoint, at: float, event_id: str) -> Item:
    """The event as a DynamoDB item: a partition per tenant and day, sorted by time. `at` is a Unix time."""
    when = timestamp(at)
    attributes = _checkpoint(event) if isinstance(event, Checkpoint) else _event(event)
    return {
        **primary_key(partition(event.tenant, when), f"{when}#{event_id}"),
        "action": {"S": event.action},
        **attributes,
    }


def _event(event: AuditEvent) -> Item:
    facts = _texts(
        {
            "client": event.client,
            "user_sub": event.user_sub,
            "username": event.username,
            "on_behalf_of": event.on_behalf_of,
            "asserted_by": event.asserted_by,
            "asserted_sub": event.asserted_sub,
            "request_id": event.request_id,
            "purpose": event.purpose,
            "subject": event.subject,
            "refusal": event.refusal,
            "rule": event.rule,
            "approval": event.approval,
            "approver": event.approver,
            "approver_sub": event.approver_sub,
            "approver_username": event.approver_username,
            "asker": event.asker,
            "asker_sub": event.asker_sub,
            "asker_username": event.asker_username,
            "export": event.export,
            "recipient": event.recipient,
        }
    )
    named = {"asked_for": event.asked_for, "canaries": event.canaries, "fields": event.fields}
    lists: Item = {name: _list(texts) for name, texts in named.items() if texts}
    return {**facts, "outcomes": {"L": [_outcome(outcome) for outcome in event.outcomes]}, **lists}


def _outcome(outcome: AuditOutcome) -> Item:
    facts = {"outcome": outcome.outcome, "token": outcome.token, "type": outcome.type, "rule": outcome.rule}
    said = _texts(facts)
    return {"M": said if outcome.fields is None else {**said, "fields": _list(outcome.fields)}}


def _checkpoint(checkpoint: Checkpoint) -> Item:
    span = _texts({"since": checkpoint.since, "until": checkpoint.until})
    return {**span, "tails": {"L": [_tail(tail) for tail in checkpoint.tails]}}


def _tail(tail: Tail) -> Item:
    return {"M": {"chain": {"S": tail.chain}, "sequence": {"N": str(tail.sequence)}, "mac": {"B": tail.mac}}}


def _list(texts: Sequence[str]) -> Item:
    return {"L": [{"S": text} for text in texts]}


def _texts(facts: Mapping[str, str | None]) -> Item:
    return {name: {"S": text} for name, text in facts.items() if text is not None}
