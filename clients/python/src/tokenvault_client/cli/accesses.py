"""The command that says who asked for what."""

import argparse
from dataclasses import asdict

from tokenvault_client import audit
from tokenvault_client.cli import printing
from tokenvault_client.cli.auditing import checked
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.session import Session


def who(session: Session, chosen: argparse.Namespace) -> Exit:
    """The accesses that fit, in the order of time, once the trail is checked."""
    question = audit.Question(
        frozenset(chosen.token or ()), chosen.tenant, chosen.client, chosen.since, chosen.before
    )
    found = list[audit.Access]()
    report = checked(session, chosen, lambda event: found.extend(question.answers(event)))
    for access in sorted(found, key=lambda access: access.at):
        _tell(session, access, report.ok)
    if not report.ok:
        session.say("the trail does not verify: accesses may be missing here, or made up")
        return Exit.NOT_VERIFIED
    return Exit.OK


def _tell(session: Session, access: audit.Access, verified: bool) -> None:
    fields = {name: part for name, part in asdict(access).items() if part is not None}
    named = [f"for {access.purpose}" if access.purpose else "", access.subject or "", access.token or ""]
    did = f"{access.tenant}/{access.client} {access.action}: {access.outcome or 'no items'}"
    plain = " ".join(filter(None, [access.at, did, *named, f"(request {access.request})"]))
    session.result({"access": fields, "verified": verified}, printing.tame(plain))
