"""The bodies of approvals: what is asked for, what stands, and what is decided. Never a value."""

from typing import Annotated, Literal

import msgspec

from chalicelib.actors import Actor
from chalicelib.api.bodies import MAX_ITEMS, timestamp
from chalicelib.api.body_fields import Name, RecipientFingerprint, Timestamp
from chalicelib.api.revealing_bodies import DetokenizeItemBody
from chalicelib.model import ApprovalState
from chalicelib.service.approvals import ShownApproval

AskedItems = Annotated[list[DetokenizeItemBody], msgspec.Meta(min_length=1, max_length=MAX_ITEMS)]


class AskApprovalBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/approvals`: the tokens and the purpose of the full reveal that is to be approved.

    The reveal has to name the same tokens, in whatever order, and the same purpose.
    """

    items: AskedItems
    purpose: Name

    def __repr__(self) -> str:
        return "AskApprovalBody(***)"


class DecisionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/approvals/{approval}/decision`."""

    decision: Literal["approve", "refuse"]


class ActorBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who asked or decided: a client, and the user who signed in to it, null where nobody did.

    `username` is null too if it looks like a card number.
    """

    client: str
    user_sub: str | None
    username: str | None


class ExportTermsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an export would give to whom: all living tokens of these types, with their values."""

    types: list[str]
    recipient_sha256: RecipientFingerprint


class ApprovalBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An approval as it stands. Of a reveal, `types` has the number of tokens of each type; of an export,
    `export` says what is exported, and it is null of a reveal.

    It has to be decided on and used before `expires_at`, and is used once.
    """

    approval: str
    state: ApprovalState
    asked_by: ActorBody
    purpose: str
    types: dict[str, int]
    asked_at: Timestamp
    expires_at: Timestamp
    decided_by: ActorBody | None
    decided_at: Timestamp | None
    export: ExportTermsBody | None


def approval_body(shown: ShownApproval) -> ApprovalBody:
    """An approval as it stands."""
    request, decision, terms = shown.request, shown.decision, shown.request.export
    return ApprovalBody(
        approval=request.approval_id,
        state=shown.state,
        asked_by=_actor(request.asked_by),
        purpose=request.purpose,
        types={name: request.types[name] for name in sorted(request.types)},
        asked_at=str(timestamp(request.asked)),
        expires_at=str(timestamp(request.expires_at)),
        decided_by=None if decision is None else _actor(decision.decided_by),
        decided_at=None if decision is None else timestamp(decision.at),
        export=None if terms is None else ExportTermsBody(list(terms.types), terms.recipient),
    )


def _actor(actor: Actor) -> ActorBody:
    return ActorBody(actor.client, actor.sub, actor.username)
