"""The audit event: who asked for what, when, why, and what became of it.

It has no field that could hold a plaintext. A caller can send a card number where a token belongs,
or anything as a purpose; so a token stands here only once it was found in the vault, and a
purpose only if the policy lists it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

AuditAction = Literal["detokenize", "detokenize.masked"]


@dataclass(frozen=True)
class AuditOutcome:
    """What became of one item of a request. `token` and `type` are None where none was found."""

    outcome: str
    token: str | None = None
    type: str | None = None


@dataclass(frozen=True)
class AuditEvent:
    """One request. `at` is a Unix time; `refusal` is the error code of a request that was refused whole."""

    event_id: str
    at: float
    tenant: str
    client: str
    action: AuditAction
    purpose: str | None
    request_id: str
    outcomes: tuple[AuditOutcome, ...] = ()
    refusal: str | None = None


class AuditTrail(Protocol):
    """Where events go. `append` returns once the event is stored for good, or raises `StoreUnavailable`."""

    def append(self, item: dict[str, Any]) -> None: ...


def to_item(event: AuditEvent) -> dict[str, Any]:
    """The event as a DynamoDB item: a partition per tenant and day, sorted by time."""
    when = datetime.fromtimestamp(event.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    optional = {"purpose": event.purpose, "refusal": event.refusal}
    return {
        "pk": {"S": f"{event.tenant}#{when[:10]}"},
        "sk": {"S": f"{when}#{event.event_id}"},
        "client": {"S": event.client},
        "action": {"S": event.action},
        "request_id": {"S": event.request_id},
        "outcomes": {"L": [_outcome(outcome) for outcome in event.outcomes]},
        **{name: {"S": text} for name, text in optional.items() if text is not None},
    }


def _outcome(outcome: AuditOutcome) -> dict[str, Any]:
    facts = {"outcome": outcome.outcome, "token": outcome.token, "type": outcome.type}
    return {"M": {name: {"S": text} for name, text in facts.items() if text is not None}}
