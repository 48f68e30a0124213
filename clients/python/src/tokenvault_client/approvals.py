"""Approvals of full reveals, and of exports, by a second person: asking, looking, and deciding."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar

from tokenvault_client import answers
from tokenvault_client.calls import Call
from tokenvault_client.operations import One, listed
from tokenvault_client.sending import json_bytes, segment

State = Literal["pending", "approved", "refused", "used", "expired"]

Answer_co = TypeVar("Answer_co", covariant=True)
"""An `Approval` from a client that blocks, and what has to be awaited for one from the other."""


@dataclass(frozen=True)
class Actor:
    """Who asked or decided: a client, and the user who signed in to it; None where nobody did."""

    client: str
    user_sub: str | None = field(repr=False)
    username: str | None = field(repr=False)


@dataclass(frozen=True)
class ExportTerms:
    """What an export gives to whom: all living tokens of these types, with their values, sealed to the key of
    this fingerprint (SHA-256 of its DER, in hexadecimal)."""

    types: tuple[str, ...]
    recipient_sha256: str


@dataclass(frozen=True)
class Approval:
    """An approval as it stood when the service answered. Of a reveal, `types` has the number of tokens of
    each type; of an export, `export` says what is exported, and it is None of a reveal.

    It has to be decided on and used before `expires_at`, and is used once.
    """

    approval: str
    state: State
    asked_by: Actor
    purpose: str
    types: Mapping[str, int]
    asked_at: datetime
    expires_at: datetime
    decided_by: Actor | None
    decided_at: datetime | None
    export: ExportTerms | None = None


class Send(Protocol[Answer_co]):
    """Has a client make a request."""

    def __call__(self, operation: One[Approval], timeout: float | None) -> Answer_co: ...


class Approvals(Generic[Answer_co]):
    """What `approvals` of a client offers. All methods raise as those of the client do.

    A reveal under an approval is `detokenize` with its id, of the same tokens for the same purpose. An
    approval is known in the Region where it was asked for, so none of these calls goes to another.
    """

    def __init__(self, send: Send[Answer_co]) -> None:
        self._send = send

    def ask(self, tokens: Iterable[str], *, purpose: str, timeout: float | None = None) -> Answer_co:
        """Asks for the full reveal of at most a hundred tokens. Sent again, there is another one."""
        items = [{"token": token} for token in listed(tokens, "tokens")]
        body = json_bytes({"items": items, "purpose": purpose})
        return self._sent(Call("POST", "/v1/approvals", {"detokenize"}, body, stays=True), timeout)

    def get(self, approval: str, *, timeout: float | None = None) -> Answer_co:
        """An approval that this client asked for, or may decide on. Raises `NotFound`."""
        path = f"/v1/approvals/{segment(approval, 'approval')}"
        return self._sent(Call("GET", path, {"approve", "detokenize", "export"}, stays=True), timeout)

    def approve(self, approval: str, *, timeout: float | None = None) -> Answer_co:
        """Approves what somebody else asked for. Raises `Conflict` if it is late, or decided otherwise.

        Of an export, compare `export.recipient_sha256` with the recipient, by another way, before this.
        """
        return self._decide(approval, "approve", timeout)

    def refuse(self, approval: str, *, timeout: float | None = None) -> Answer_co:
        """Refuses what somebody else asked for. Raises as `approve` does."""
        return self._decide(approval, "refuse", timeout)

    def _decide(self, approval: str, decision: str, timeout: float | None) -> Answer_co:
        path = f"/v1/approvals/{segment(approval, 'approval')}/decision"
        body = json_bytes({"decision": decision})
        return self._sent(Call("POST", path, {"approve"}, body, stays=True), timeout)

    def _sent(self, call: Call, timeout: float | None) -> Answer_co:
        return self._send(One(call, lambda answer: answers.parsed(parsed, answer)), timeout)


def parsed(body: Mapping[str, Any]) -> Approval:
    """An approval as the API answers it. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    decided_by, decided_at = body["decided_by"], body["decided_at"]
    return Approval(
        approval=body["approval"],
        state=body["state"],
        asked_by=_actor(body["asked_by"]),
        purpose=body["purpose"],
        types=dict(body["types"]),
        asked_at=datetime.fromisoformat(body["asked_at"]),
        expires_at=datetime.fromisoformat(body["expires_at"]),
        decided_by=None if decided_by is None else _actor(decided_by),
        decided_at=None if decided_at is None else datetime.fromisoformat(decided_at),
        export=None if body.get("export") is None else _export(body["export"]),
    )


def _export(body: Mapping[str, Any]) -> ExportTerms:
    return ExportTerms(tuple(body["types"]), body["recipient_sha256"])


def _actor(body: Mapping[str, Any]) -> Actor:
    return Actor(body["client"], body["user_sub"], body["username"])
