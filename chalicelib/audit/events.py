"""The audit event: who asked for what, when, why, and what became of it.

It has no field for a plaintext. A caller can send a card number in place of a token or a subject, or
anything as a purpose; so a token or a subject stands here only once it was found, and a purpose or a type
only if the policy has it. A refused request names a text too that by its form can only be a token. Whom a
client asks for is its own text: only clients that the policy names may say it, and nothing that looks like a
card number.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal, Protocol, Self

from chalicelib.errors import NotPermitted, TokenNotFound, TokenvaultError

AuditAction = Literal[
    "detokenize",
    "detokenize.masked",
    "search",
    "subjects.read",
    "erase.token",
    "erase.person",
    "tokenize",
    "import",
    "capture",
    "rewrap",
    "approvals.ask",
    "approvals.look",
    "approvals.approve",
    "approvals.refuse",
    "export.ask",
    "export.begin",
    "export",
    "retokenize.begin",
    "retokenize",
]
"""What was asked for. `tokenize` is on record only if its budget refused it, and so is
`capture`, which is the same by a page with a capture session; `rewrap` stands for a page of
records that were sealed again, and reveals none; those of approvals are the steps before a reveal, of which
a look is on record only if it was refused.
`export` is a page of an export, `export.ask` asks for the approval of one, `export.begin` gives no value.
`retokenize.begin` and `retokenize`, a page, give values other tokens, and reveal none."""

NOBODY: Final = ""
"""The tenant of checkpoints, which are of the whole table. No tenant has this name."""


@dataclass(frozen=True)
class AuditOutcome:
    """What became of one item of a request. `token` and `type` are None if none was found.

    `fields` are names: of a value that is an object, what of it was revealed in full. None of any other.
    `rule` says of `not_permitted` what of the policy was in the way.
    """

    outcome: str
    token: str | None = None
    type: str | None = None
    fields: tuple[str, ...] | None = None
    rule: str | None = None

    @classmethod
    def failed(cls, error: TokenvaultError, token: str | None = None, type_name: str | None = None) -> Self:
        """What became of an item that failed with this error."""
        outcome = error.reason if isinstance(error, TokenNotFound) else error.code
        return cls(outcome, token, type_name, rule=error.rule if isinstance(error, NotPermitted) else None)


@dataclass(frozen=True)
class AuditEvent:
    """One request. `refusal` is the error code of a request that was refused whole, `rule` what of the policy
    it did not pass, `asked_for` the tokens that it was for. They are no outcomes: whoever erases again what
    an event of an erasure names must not find those of a refused one.

    `canaries` are those that it asked for, in vain or refused too: the policy names them, so they may stand
    here although nothing was looked up. `user_sub` and `username` are of the person who signed in, by the
    verified access token. `on_behalf_of` is whom the client says that it asks for, which nobody verified.
    `asserted_sub` is whom it asks for by an assertion that the identity provider `asserted_by` has signed.
    `approval` is the id of the approval that it is about, if there is one of that id; `approver` and what
    begins with it are of who approved a reveal, as `client` and the person are of who asked; `asker` and what
    begins with it are of whose request it was that somebody looked at or decided on.
    `fields` are those that a detokenize named; None if it asked for whole values, or masks.
    `export` is the id of the export that it is about, `recipient` the fingerprint of the key that it is
    sealed to.
    """

    tenant: str
    client: str
    action: AuditAction
    request_id: str
    purpose: str | None = None
    subject: str | None = None
    outcomes: tuple[AuditOutcome, ...] = ()
    refusal: str | None = None
    rule: str | None = None
    asked_for: tuple[str, ...] = ()
    canaries: tuple[str, ...] = ()
    user_sub: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)
    on_behalf_of: str | None = field(default=None, repr=False)
    asserted_by: str | None = None
    asserted_sub: str | None = field(default=None, repr=False)
    approval: str | None = None
    approver: str | None = None
    approver_sub: str | None = field(default=None, repr=False)
    approver_username: str | None = field(default=None, repr=False)
    asker: str | None = None
    asker_sub: str | None = field(default=None, repr=False)
    asker_username: str | None = field(default=None, repr=False)
    fields: tuple[str, ...] | None = None
    export: str | None = None
    recipient: str | None = None


@dataclass(frozen=True)
class Tail:
    """The last known event of a chain."""

    chain: str
    sequence: int
    mac: bytes


@dataclass(frozen=True)
class Checkpoint:
    """How far each chain had come that had an event from `since` (a time as `timestamp` writes it) to
    `until`: so that cutting the end of a chain off, or taking a whole chain away, is noticed."""

    since: str
    until: str
    tails: tuple[Tail, ...]
    tenant = NOBODY
    action = "checkpoint"


class AuditTrail(Protocol):
    """Where events go."""

    def record(self, event: AuditEvent | Checkpoint) -> None:
        """Returns once the event is stored for good. Raises `StoreUnavailable` or `KeyUnavailable`."""
        ...


def partition(tenant: str, when: str) -> str:
    """Where the events of a tenant lie that are of the day of this time."""
    return f"{tenant}#{when[:10]}"


def timestamp(at: float) -> str:
    """A Unix time as RFC 3339 in UTC, in milliseconds; texts sort as the times do."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
