"""The command that says who asked for what."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from tokenvault_client import audit
from tokenvault_client.cli import printing
from tokenvault_client.cli.auditing import checked
from tokenvault_client.cli.exits import Exit, UsageError
from tokenvault_client.cli.session import Session

_COUNTED: Final = {
    "signed_in": "signed in",
    "asserted": "by a signed assertion",
    "claimed": "on the word of a client alone",
    "approved": "approved for somebody else",
}


def who(session: Session, chosen: argparse.Namespace) -> Exit:
    """The accesses that fit, once the trail is checked; those with proof of the person first, by time."""
    question = _question(chosen)
    found, on_record = list[audit.Access](), _OnRecord(question)

    def note(event: audit.Event) -> None:
        found.extend(question.answers(event))
        on_record.note(event)

    report = checked(session, chosen, note)
    found.sort(key=lambda access: (not _is_proven(access, question), access.at))
    for access in found:
        _tell(session, access, question, report.ok)
    if question.person is not None:
        _tell_person(session, question.person, found)
    elif question.tokens and any(access.approval for access in found):
        session.say(
            "decisions on approvals name no token: --approval ID finds who asked, decided and used it"
        )
    elif not found and not session.as_json:
        session.result({}, printing.tame(f"no access on record fits{on_record.instead()}"))
    if not report.ok:
        session.say("the trail does not verify: accesses may be missing here, or made up")
        return Exit.NOT_VERIFIED
    return Exit.OK


class _OnRecord:
    """The tenants, clients and purposes on record, for a question that none fits: mistyped names fit none."""

    def __init__(self, question: audit.Question) -> None:
        asked = {"tenant": question.tenant, "client": question.client, "purpose": question.purpose}
        self._names = {name: set[str]() for name, text in asked.items() if text is not None}

    def note(self, event: audit.Event) -> None:
        """Keeps the names that an event has."""
        for name, known in self._names.items():
            known.update(getattr(access, name) or "" for access in audit.accesses(event))

    def instead(self) -> str:
        """What to say behind "no access on record fits"."""
        told = [
            f"; {name}s on record: {', '.join(sorted(known - {''})) or 'none'}"
            for name, known in self._names.items()
        ]
        if "purpose" in self._names:
            told.append("; one that the policy does not list is on record without its name")
        return "".join(told) or "; a name or token that is mistyped fits none either"


def _question(chosen: argparse.Namespace) -> audit.Question:
    since, before = chosen.since, chosen.before
    if chosen.between:
        if since or before:
            raise UsageError("--between stands for --since and --before; give it alone")
        since, before = chosen.between
        if since >= before:
            raise UsageError("--between: the first time has to be before the second")
    return audit.Question(
        frozenset(chosen.token or ()),
        tenant=chosen.tenant,
        client=chosen.client,
        since=since,
        before=before,
        person=chosen.person,
        asserted_by=chosen.asserted_by,
        actions=frozenset(chosen.action or ()),
        purpose=chosen.purpose,
        approval=chosen.approval,
        subject=chosen.subject,
    )


def _is_proven(access: audit.Access, question: audit.Question) -> bool:
    person = question.person
    return person is None or access.is_proven(person)


def _tell(session: Session, access: audit.Access, question: audit.Question, verified: bool) -> None:
    fields: dict[str, Any] = {name: part for name, part in asdict(access).items() if part is not None}
    person = question.person
    more = {} if person is None else _roles(access, person)
    named = [f"for {access.purpose}" if access.purpose else "", access.subject or "", access.token or ""]
    named.append(f"under approval {access.approval}" if access.approval else "")
    named.append("" if access.fields is None else f"fields {', '.join(access.fields) or 'none'}")
    became = f"{access.outcome or 'no items'}{f' ({access.rule})' if access.rule else ''}"
    # What somebody else did is parted from the outcome: "erased approved by" would be another matter.
    parted = ";" if access.approver or access.asker else ""
    did = f"{access.tenant}/{access.client} {access.action}: {became}{parted}"
    plain = " ".join(filter(None, [access.at, did, *_people(access), *named, f"(request {access.request})"]))
    session.result({"access": fields, **more, "verified": verified}, printing.tame(plain))


def _people(access: audit.Access) -> list[str]:
    """Who stands behind an access: what was verified, and what was only said, in words that differ."""
    named = []
    if access.user_sub or access.username:
        sub = f" (sub {access.user_sub})" if access.user_sub else ""
        named.append(f"by {access.username or 'a user'}{sub}, signed in,")
    if access.asserted_sub:
        named.append(f"on behalf of {access.asserted_sub}, as {access.asserted_by} signed,")
    if access.on_behalf_of:
        named.append(f"on behalf of {access.on_behalf_of}, the client says,")
    if access.approver:
        approver = _actor(access.approver, access.approver_sub, access.approver_username)
        named.append(f"approved by {approver},")
    if access.asker:
        named.append(f"asked for by {_actor(access.asker, access.asker_sub, access.asker_username)},")
    return named


def _actor(client: str, sub: str | None, username: str | None) -> str:
    """A client, and who had signed in to it."""
    return f"{username or 'a user'} (sub {sub}) through {client}" if sub else client


def _roles(access: audit.Access, person: str) -> dict[str, bool]:
    """What proof an access has of the person; none where a client said so."""
    return {
        "signed_in": access.is_signed_in(person),
        "asserted": access.is_asserted(person),
        "approved": access.is_approved_by(person),
    }


def _tell_person(session: Session, person: str, found: Sequence[audit.Access]) -> None:
    """How often a person signed in for it, how often an assertion says so, how often only a client does, and
    how often somebody else's reveal was approved by the person. Each access counts once."""
    roles = (_roles(access, person) for access in found)
    counts = Counter(next((name for name, is_so in each.items() if is_so), "claimed") for each in roles)
    numbers = {name: counts[name] for name in _COUNTED}
    plain = "; ".join(f"{words}: {numbers[name]}" for name, words in _COUNTED.items())
    session.result(
        {"accesses": {"person": person, **numbers}}, printing.tame(f"accesses by {person}, {plain}")
    )
    issuers = {access.asserted_by for access in found if access.is_asserted(person)}
    if len(issuers) > 1:
        told = f"{person} is a name at {len(issuers)} identity providers, and may be as many people"
        session.say(f"{told}: --asserted-by ISSUER asks for one")
