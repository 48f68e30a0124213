"""The audit event: who asked for what, when, why, and what became of it.

It has no field that could hold a plaintext. A caller can send a card number where a token or a person
belongs, or anything as a purpose; so a token or a person stands here only once it was found, and a
purpose or a type only if the policy has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol

Action = Literal[
    "detokenize", "detokenize.masked", "search", "erase.token", "erase.person", "tokenize", "canary"
]
"""What was asked for. `tokenize` is on record only where its budget refused it; `canary` stands beside the
detokenize that held one."""

Item = dict[str, Any]

NOBODY: Final = ""
"""The tenant of checkpoints, which are of the whole table. No tenant has this name."""


@dataclass(frozen=True)
class AuditOutcome:
    """What became of one item of a request. `token` and `type` are None where none was found."""

    outcome: str
    token: str | None = None
    type: str | None = None

    def item(self) -> Item:
        """The outcome as a DynamoDB map."""
        return {"M": _texts({"outcome": self.outcome, "token": self.token, "type": self.type})}


@dataclass(frozen=True)
class AuditEvent:
    """One request. `refusal` is the error code of a request that was refused whole."""

    tenant: str
    client: str
    action: Action
    request_id: str
    purpose: str | None = None
    subject: str | None = None
    outcomes: tuple[AuditOutcome, ...] = ()
    refusal: str | None = None

    def attributes(self) -> Item:
        """What the event says, as DynamoDB attributes."""
        told = _texts(
            {
                "client": self.client,
                "request_id": self.request_id,
                "purpose": self.purpose,
                "subject": self.subject,
                "refusal": self.refusal,
            }
        )
        return {**told, "outcomes": {"L": [outcome.item() for outcome in self.outcomes]}}


@dataclass(frozen=True)
class Tail:
    """The last event of a chain that somebody saw."""

    chain: str
    sequence: int
    mac: bytes


@dataclass(frozen=True)
class Checkpoint:
    """How far each chain had come that had an event from `since` (a time as `timestamp` writes it) to
    `until`: so that nobody cuts the end of a chain off, or takes all of one away, unnoticed."""

    since: str
    until: str
    tails: tuple[Tail, ...]
    tenant = NOBODY
    action = "checkpoint"

    def attributes(self) -> Item:
        """What the checkpoint says, as DynamoDB attributes."""
        tails = [
            {"M": {"chain": {"S": t.chain}, "sequence": {"N": str(t.sequence)}, "mac": {"B": t.mac}}}
            for t in self.tails
        ]
        return {**_texts({"since": self.since, "until": self.until}), "tails": {"L": tails}}


class AuditTrail(Protocol):
    """Where events go."""

    def record(self, *events: AuditEvent | Checkpoint) -> None:
        """Returns once the events are stored for good. Raises `StoreUnavailable` or `KeyUnavailable`."""
        ...


def to_item(event: AuditEvent | Checkpoint, at: float, event_id: str) -> Item:
    """The event as a DynamoDB item: a partition per tenant and day, sorted by time. `at` is a Unix time."""
    when = timestamp(at)
    return {
        "pk": {"S": partition(event.tenant, when)},
        "sk": {"S": f"{when}#{event_id}"},
        "action": {"S": event.action},
        **event.attributes(),
    }


def partition(tenant: str, when: str) -> str:
    """Where the events of a tenant lie that are of the day of this time."""
    return f"{tenant}#{when[:10]}"


def timestamp(at: float) -> str:
    """A Unix time as RFC 3339 in UTC, in milliseconds; texts sort as the times do."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _texts(facts: Mapping[str, str | None]) -> Item:
    return {name: {"S": text} for name, text in facts.items() if text is not None}
