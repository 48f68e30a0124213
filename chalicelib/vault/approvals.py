"""Approvals of full reveals and exports by a second person: what is stored of them, what a store is asked."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from chalicelib.actors import Actor
from chalicelib.model import ApprovalState

APPROVAL_ID: Final = re.compile(r"[0-9a-f]{32}")
"""128 random bits: nobody meets another's approval by guessing."""


@dataclass(frozen=True)
class ExportTerms:
    """What an export gives to whom: all living tokens of these types, sorted, sealed to the key of this
    fingerprint (SHA-256 of its DER, in hexadecimal)."""

    types: tuple[str, ...]
    recipient: str


@dataclass(frozen=True)
class ApprovalRequest:
    """What was asked for. Of a reveal, `tokens_sha256` stands for the tokens, and `types` has their number by
    type; of an export, `export` has all of it. Times are Unix times in whole seconds."""

    tenant: str
    approval_id: str
    asked_by: Actor
    purpose: str
    tokens_sha256: str
    types: Mapping[str, int]
    asked: int
    expires_at: int
    export: ExportTerms | None = None

    @property
    def type_names(self) -> tuple[str, ...]:
        """The types that are shown, sorted: who approves has to be let use each of them."""
        return tuple(sorted(self.types)) if self.export is None else self.export.types


@dataclass(frozen=True)
class Decision:
    """Who decided, how, and when (a Unix time in whole seconds)."""

    decided_by: Actor
    approves: bool
    at: int

    def is_the_same_as(self, other: "Decision") -> bool:
        """Whether the same person decided the same."""
        return self.approves == other.approves and self.decided_by.is_the_same_as(other.decided_by)


@dataclass(frozen=True)
class StoredApproval:
    """An approval as it stands, and the latest of its signatures, which covers the request and the decision.

    `used` is the Unix time at which it was used up.
    """

    request: ApprovalRequest
    signature: bytes = field(repr=False)
    decision: Decision | None = None
    used: int | None = None

    def state(self, now: float) -> ApprovalState:
        """What has become of it."""
        if self.used is not None:
            return "used"
        if self.decision is not None and not self.decision.approves:
            return "refused"
        if now >= self.request.expires_at:
            return "expired"
        return "pending" if self.decision is None else "approved"


class ApprovalStore(Protocol):
    """Approvals in one Region, as three things that are each written once. All methods raise
    `StoreUnavailable`, where the write may have been done."""

    def ask(self, request: ApprovalRequest, signature: bytes) -> None:
        """Stores a new request. Raises `RecordCorrupt` if something else has its id."""
        ...

    def find(self, tenant: str, approval_id: str) -> StoredApproval | None:
        """What stands now, unverified. Raises `RecordCorrupt` if it does not parse."""
        ...

    def decide(self, request: ApprovalRequest, decision: Decision, signature: bytes) -> bool:
        """Stores a decision, unless there is one: then False, and that one stands."""
        ...

    def use(self, request: ApprovalRequest, attempt: str, at: int) -> bool:
        """Uses an approval up; False if that was done before. `attempt` is random, and tells this attempt's
        own write, sent again by botocore, from any other's."""
        ...


def digest(tokens: Iterable[str]) -> str:
    """Stands for a set of tokens, in whatever order and however often each is named, in hexadecimal.

    Not keyed: what it is made of are tokens of the vault only, and no text that could be a value.
    """
    lines = "".join(f"{len(token)}:{token}\n" for token in sorted(set(tokens)))
    return hashlib.sha256(lines.encode()).hexdigest()
