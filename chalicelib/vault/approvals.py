"""Approvals of full reveals by a second person: what is stored of them, and what is asked of a store."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from chalicelib.model import Caller

APPROVAL_ID: Final = re.compile(r"[0-9a-f]{32}")
"""128 random bits: nobody meets another's approval by guessing."""

State = Literal["pending", "approved", "refused", "used", "expired"]


@dataclass(frozen=True)
class Person:
    """Who asked or decided: the verified user of a client, or the client itself where nobody signed in."""

    client: str
    sub: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, caller: Caller) -> "Person":
        """By what the access token proves; whom a client only says that it asks for does not count."""
        if caller.user is None:
            return cls(caller.client)
        return cls(caller.client, caller.user.sub, caller.user.username)

    def is_the_same_as(self, other: "Person") -> bool:
        """Whether both came by the same client and are the same user of it, or nobody."""
        return (self.client, self.sub) == (other.client, other.sub)

    def is_second_to(self, other: "Person") -> bool:
        """Whether both are surely two. A user is one person through whatever client; a client that acts for
        nobody is not told apart from a user of its own."""
        if self.sub is None or other.sub is None:
            return self.client != other.client
        return self.sub != other.sub


@dataclass(frozen=True)
class ApprovalRequest:
    """What was asked for: `types` has the number of tokens by type. Times are Unix times in whole seconds."""

    tenant: str
    approval_id: str
    asked_by: Person
    purpose: str
    tokens_sha256: str
    types: Mapping[str, int]
    asked: int
    expires_at: int


@dataclass(frozen=True)
class Decision:
    """Who decided, how, and when (a Unix time in whole seconds)."""

    decided_by: Person
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

    def state(self, now: float) -> State:
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
