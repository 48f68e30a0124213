"""The command that exports: the pages of a service carried to a file, or to one for each part."""

import argparse
from pathlib import Path
from threading import Event
from typing import Final

from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.export_terms import Terms, terms_of
from tokenvault_client.cli.exporting_progress import Progress
from tokenvault_client.cli.going_on import advised, refuse_existing, refuse_nowhere, told
from tokenvault_client.cli.session import Session
from tokenvault_client.client import Client
from tokenvault_client.errors import Throttled, VerificationError
from tokenvault_client.export.carrying import carry
from tokenvault_client.export.under_way import UnderWay, opened
from tokenvault_client.exports import ExportPage

_LONGEST_WAIT: Final = 3660.0
"""Seconds: an hour's budget is there again within the hour. A day's quota is not waited for."""


def run(session: Session, chosen: argparse.Namespace) -> Exit:
    """Exports, or goes on with an export that another run began."""
    terms = terms_of(session, chosen)
    in_parts = {} if chosen.parts == 1 else {"parts": chosen.parts}
    if chosen.dry_run:
        session.result({"dry_run": terms.asked | in_parts}, f"{terms.told()}\nnothing was sent")
        return Exit.OK
    refuse_nowhere(chosen.out)
    asked, outputs = {**terms.asked, **in_parts, "client": session.caller()}, _outputs(chosen)
    place = chosen.out.with_name(f"{chosen.out.name}.part")
    with told(), session.client() as client, opened(place, asked) as under_way:
        refuse_existing(outputs, under_way)
        with advised(session, under_way, "export"):
            if under_way.opening is None:
                _confirm(session, chosen, terms)
            _carry(session, client, chosen, terms, under_way)
            refuse_existing(outputs, under_way)
            [says, *_] = under_way.finish(outputs)
    named = {name: says.get(name) for name in ("export_id", "types", "recipient_sha256")}
    counts = {"tokens": under_way.tokens, "failed": under_way.failed} | in_parts
    plain = (
        f"{under_way.tokens:,} tokens, {under_way.failed:,} failed, sealed to {terms.recipient.fingerprint}"
    )
    session.result({"exported": named | counts}, plain)
    return Exit.SOME_FAILED if under_way.failed else Exit.OK


def wait(ended: Event, seconds: float) -> None:
    """Waits, unless another part ends the run meanwhile."""
    ended.wait(seconds)


def _outputs(chosen: argparse.Namespace) -> list[Path]:
    """Where the export goes: one file, or one for each part, which says how many there are."""
    out: Path = chosen.out
    if chosen.parts == 1:
        return [out]
    return [
        out.with_name(f"{out.stem}-{part:02}-of-{chosen.parts:02}{out.suffix}")
        for part in range(1, chosen.parts + 1)
    ]


def _carry(
    session: Session, client: Client, chosen: argparse.Namespace, terms: Terms, under_way: UnderWay
) -> None:
    """Begins, if that was not done, and has all pages carried."""
    if under_way.opening is None:
        begun = client.exports.begin(
            terms.recipient.pem,
            purpose=terms.purpose,
            types=terms.types,
            approval=chosen.approval,
            parts=chosen.parts,
        )
        if begun.recipient_sha256 != terms.recipient.fingerprint:
            raise VerificationError("the service began an export to another key")
        if len(begun.cursors) != chosen.parts:
            raise VerificationError("the service began an export in another number of parts")
        under_way.begin(begun.opening, begun.cursors)
    else:
        session.say(f"going on after {under_way.tokens:,} tokens")
    progress = Progress(session.stderr, under_way.tokens, under_way.walked, terminal=session.stderr.isatty())

    def page(opening: str, cursor: str, ended: Event) -> ExportPage:
        return _page(session, client, opening, cursor, ended)

    def tell() -> None:
        progress.tell(under_way.tokens, under_way.failed, under_way.walked)

    try:
        carry(under_way, page, tell, min(chosen.parallel, chosen.parts))
    finally:
        progress.end()


def _page(session: Session, client: Client, opening: str, cursor: str, ended: Event) -> ExportPage:
    """The next page, for whose budget a run waits."""
    while True:
        try:
            return client.exports.page(opening, cursor)
        except Throttled as refused:
            seconds = refused.problem.retry_after
            in_vain = refused.code != "budget_exceeded" or seconds is None or seconds > _LONGEST_WAIT
            if in_vain or ended.is_set():
                raise
            session.say(f"the budget of this hour is used up; going on in {seconds:,.0f} s")
            wait(ended, float(seconds or 0))


def _confirm(session: Session, chosen: argparse.Namespace, terms: Terms) -> None:
    """What is exported, and to whom, before it begins."""
    if not chosen.yes:
        session.say(terms.told())
        question = "All of their values go to whoever has the key of this recipient."
        session.confirm(question, otherwise="nothing was exported", why="an export gives every value out")
