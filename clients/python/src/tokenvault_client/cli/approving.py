"""The commands of approvals: to ask for one, to look at one, and to decide on one."""

import argparse
from typing import Any

from tokenvault_client.approvals import Actor, Approval
from tokenvault_client.batches import MAX_ITEMS
from tokenvault_client.cli import inputs, printing
from tokenvault_client.cli.exits import Exit, UsageError
from tokenvault_client.cli.session import Session


def ask(session: Session, chosen: argparse.Namespace) -> Exit:
    """Asks for the full reveal of the tokens of the input."""
    with session.reading(chosen.file, "--file") as source:
        lines = inputs.at_most(MAX_ITEMS, inputs.tokens(source, as_json=session.as_json))
    tokens = [line.item for line in lines if line.item is not None]
    if not tokens:
        raise UsageError("the input has no token to ask for")
    with session.client() as client:
        return _shown(session, client.approvals.ask(tokens, purpose=chosen.purpose))


def show(session: Session, chosen: argparse.Namespace) -> Exit:
    """An approval as it stands."""
    with session.client() as client:
        return _shown(session, client.approvals.get(chosen.approval))


def approve(session: Session, chosen: argparse.Namespace) -> Exit:
    """Approves what somebody else asked for."""
    with session.client() as client:
        return _shown(session, client.approvals.approve(chosen.approval))


def refuse(session: Session, chosen: argparse.Namespace) -> Exit:
    """Refuses what somebody else asked for."""
    with session.client() as client:
        return _shown(session, client.approvals.refuse(chosen.approval))


def _shown(session: Session, approval: Approval) -> Exit:
    session.result(_fields(approval), _text(approval))
    return Exit.OK


def _fields(approval: Approval) -> dict[str, Any]:
    """An approval as the API answers it."""
    return {
        **vars(approval),
        "asked_by": vars(approval.asked_by),
        "decided_by": approval.decided_by and vars(approval.decided_by),
        **{name: printing.time(getattr(approval, name)) for name in ("asked_at", "expires_at", "decided_at")},
    }


def _text(approval: Approval) -> str:
    """The same for reading, who asked and what for first: whoever decides has to look at that."""
    types = ", ".join(f"{many} of type {name}" for name, many in sorted(approval.types.items()))
    told: dict[str, str | None] = {
        "approval": approval.approval,
        "state": approval.state,
        "asked by": _who(approval.asked_by),
        "asked at": printing.time(approval.asked_at),
        "purpose": approval.purpose,
        "tokens": types,
        "decided by": None if approval.decided_by is None else _who(approval.decided_by),
        "decided at": printing.time(approval.decided_at),
        "good until": printing.time(approval.expires_at),
    }
    return "\n".join(
        f"{name + ':':11} {printing.tame(text)}" for name, text in told.items() if text is not None
    )


def _who(actor: Actor) -> str:
    """A client, and who signed in to it. A person without a username is known by the `sub` alone."""
    if actor.user_sub is None:
        return f"client {actor.client}"
    return f"{actor.username or 'a person'} ({actor.user_sub}), through client {actor.client}"
