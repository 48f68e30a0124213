"""The commands of approvals: to ask for one, to look at one, and to decide on one."""

import argparse
from typing import Any, Final

from tokenvault_client.approvals import Actor, Approval
from tokenvault_client.batches import MAX_ITEMS
from tokenvault_client.cli import inputs, printing
from tokenvault_client.cli.exits import Exit, UsageError
from tokenvault_client.cli.session import Session

_UNCOMPARED: Final = (
    "this is an export: look at it with `approvals show`, ask the recipient, by another way, for the "
    "fingerprint of their key, and say it with --recipient; nothing was approved"
)
_STRANGER: Final = "--recipient: the export is to another key than this one; nothing was approved"


def ask(session: Session, chosen: argparse.Namespace) -> Exit:
    """Asks for the full reveal of the tokens of the input."""
    with session.reading(chosen.file, "--file") as source:
        # With --json the answer is JSON, for the id in it; the tokens are mostly a file of them all the same.
        given = inputs.tokens(source, as_json=session.as_json, or_plain=True)
        lines = inputs.at_most(MAX_ITEMS, given)
    tokens = [line.item for line in lines if line.item is not None]
    if not tokens:
        raise UsageError("the input has no token to ask for")
    with session.client() as client:
        return shown(session, client.approvals.ask(tokens, purpose=chosen.purpose))


def show(session: Session, chosen: argparse.Namespace) -> Exit:
    """An approval as it stands."""
    with session.client() as client:
        return shown(session, client.approvals.get(chosen.approval))


def approve(session: Session, chosen: argparse.Namespace) -> Exit:
    """Approves what somebody else asked for; an export only for the recipient whom the approver names."""
    with session.client() as client:
        asked = client.approvals.get(chosen.approval)
        if asked.export is not None and asked.export.recipient_sha256 != chosen.recipient:
            raise UsageError(_UNCOMPARED if chosen.recipient is None else _STRANGER)
        return shown(session, client.approvals.approve(chosen.approval))


def refuse(session: Session, chosen: argparse.Namespace) -> Exit:
    """Refuses what somebody else asked for."""
    with session.client() as client:
        return shown(session, client.approvals.refuse(chosen.approval))


def shown(session: Session, approval: Approval) -> Exit:
    """Prints an approval."""
    session.result(_fields(approval), _text(approval))
    return Exit.OK


def _fields(approval: Approval) -> dict[str, Any]:
    """An approval as the API answers it."""
    return {
        **vars(approval),
        "asked_by": vars(approval.asked_by),
        "decided_by": approval.decided_by and vars(approval.decided_by),
        "export": approval.export and vars(approval.export),
        **{name: printing.time(getattr(approval, name)) for name in ("asked_at", "expires_at", "decided_at")},
    }


def _text(approval: Approval) -> str:
    """The same for reading, who asked and what for first: whoever decides has to look at that."""
    told: dict[str, str | None] = {
        "approval": approval.approval,
        "state": approval.state,
        "asked by": _who(approval.asked_by),
        "asked at": printing.time(approval.asked_at),
        "purpose": approval.purpose,
        **_what(approval),
        "decided by": None if approval.decided_by is None else _who(approval.decided_by),
        "decided at": printing.time(approval.decided_at),
        "good until": printing.time(approval.expires_at),
    }
    return "\n".join(
        f"{name + ':':11} {printing.tame(text)}" for name, text in told.items() if text is not None
    )


def _what(approval: Approval) -> dict[str, str | None]:
    """How many tokens of which types, or that it is all of them, and for whom."""
    if approval.export is not None:
        types = ", ".join(approval.export.types)
        return {"export of": f"all tokens of type {types}", "recipient": approval.export.recipient_sha256}
    return {"tokens": ", ".join(f"{many} of type {name}" for name, many in sorted(approval.types.items()))}


def _who(actor: Actor) -> str:
    """A client, and who signed in to it. A person without a username is known by the `sub` alone."""
    if actor.user_sub is None:
        return f"client {actor.client}"
    return f"{actor.username or 'a person'} ({actor.user_sub}), through client {actor.client}"
