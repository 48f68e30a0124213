"""The commands that give a type tokens under another PRF key: making that, the pairs, and opening them."""

import argparse
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.export_terms import recipient_of
from tokenvault_client.cli.exporting import open_to, show_verified, unsealing_of_extra
from tokenvault_client.cli.exporting_progress import Progress
from tokenvault_client.cli.functions import Functions
from tokenvault_client.cli.functions import opened as functions_of
from tokenvault_client.cli.going_on import advised, refuse_existing, refuse_nowhere, told
from tokenvault_client.cli.session import Session
from tokenvault_client.cli.token_pages import TokenPages
from tokenvault_client.errors import Refused, VerificationError
from tokenvault_client.export import chain
from tokenvault_client.export.recipients import Recipient
from tokenvault_client.export.under_way import UnderWay, opened

_RUN_BYTES: Final = 16


def prepare(session: Session, chosen: argparse.Namespace) -> Exit:
    """A PRF key of each tenant, before the policy names it: one that nobody had before."""
    with functions_of(session, chosen) as functions:
        answer = functions.maintain({"prf_key": chosen.prf_key})
    told = {name: answer[name] for name in ("made", "there_before", "waiting")}
    there, waiting = [] if chosen.again else told["there_before"], told["waiting"]
    fields = {"prf_key": chosen.prf_key, "ready": not waiting, **told}
    session.result(fields, "\n".join(_prepared(there, waiting)))
    return Exit.SOME_FAILED if there or waiting else Exit.OK


def run(session: Session, chosen: argparse.Namespace) -> Exit:
    """Gives the values of a type their tokens under the type's key, or goes on with a run that did."""
    recipient = recipient_of(session, chosen.to, "--to")
    asked = {"tenant": chosen.tenant, "type": chosen.type, "recipient_sha256": recipient.fingerprint}
    if chosen.dry_run:
        session.result({"dry_run": asked}, f"{_shown(asked)}\nnothing was sent")
        return Exit.OK
    refuse_nowhere(chosen.out)
    place = chosen.out.with_name(f"{chosen.out.name}.part")
    with functions_of(session, chosen) as functions:
        noted = {"retokenize": asked, "stack": functions.place}
        with told(), opened(place, noted) as under_way:
            refuse_existing([chosen.out], under_way)
            with advised(session, under_way, "run"):
                if under_way.opening is None:
                    _confirm(session, chosen, asked)
                _carry(session, chosen, functions, recipient, under_way)
                refuse_existing([chosen.out], under_way)
                [says] = under_way.finish([chosen.out])
    return _ended(session, under_way, says)


def open_pairs(session: Session, chosen: argparse.Namespace) -> Exit:
    """Old and new tokens of a file, once all of it was verified."""
    found = open_to(session, chosen, unsealing_of_extra().PAIRS)
    return show_verified(session, found, ("tenant", "export_id", "types", "prf_key", "begun"))


def _prepared(there: Sequence[str], waiting: Sequence[str]) -> Iterator[str]:
    if there:
        yield (
            f"was there already: {', '.join(there)}; take another number where the key has to be one that "
            "nobody had, or ask with --again if you had it made just now"
        )
    if waiting:
        why = "each Region's maintenance marks it; ask with --again"
        yield f"not ready yet: {', '.join(waiting)}; {why}"
    else:
        yield "ready in every Region"


def _carry(
    session: Session,
    chosen: argparse.Namespace,
    functions: Functions,
    recipient: Recipient,
    under_way: UnderWay,
) -> None:
    """Page after page, each on the disk before the next is put down."""
    [part] = under_way.parts
    if under_way.opening is None:
        _begin(chosen, functions, recipient, under_way)
    else:
        session.say(f"going on after {under_way.tokens:,} tokens")
    opening = str(under_way.opening)
    which = {"tenant": chosen.tenant, "type": chosen.type, "run": str(chain.claims(opening)["export_id"])}
    pages = TokenPages(functions, which, chosen.items_per_second)
    progress = Progress(session.stderr, under_way.tokens, under_way.walked, terminal=session.stderr.isatty())
    try:
        if part.cursor is not None and part.number == 0:
            _walk(chosen, pages, under_way)
        while part.cursor is not None:
            under_way.take(part, pages.page(opening, part.cursor, part.number))
            progress.tell(under_way.tokens, under_way.failed, under_way.walked)
    finally:
        progress.end()


def _begin(
    chosen: argparse.Namespace, functions: Functions, recipient: Recipient, under_way: UnderWay
) -> None:
    """If the answer is lost, asking again begins another run; nothing came of the first one."""
    which = {"tenant": chosen.tenant, "type": chosen.type, "run": secrets.token_hex(_RUN_BYTES)}
    begun = functions.reveal({"retokenize": {**which, "recipient": recipient.pem}})
    if begun.get("recipient_sha256") != recipient.fingerprint:
        raise VerificationError("the service began a run to another key")
    under_way.begin(begun["opening"], [begun["cursor"]])


def _walk(chosen: argparse.Namespace, pages: TokenPages, under_way: UnderWay) -> None:
    """Begins the walk. A run that is refused it has nothing to be gone on with."""
    try:
        pages.begin(anew=chosen.anew)
    except Refused:
        under_way.opening = None
        raise


def _confirm(session: Session, chosen: argparse.Namespace, asked: Mapping[str, str]) -> None:
    if not chosen.yes:
        session.say(_shown(asked))
        session.confirm(
            "Each value gets another token, and whoever has the key of this recipient learns which.",
            otherwise="nothing was done",
            why="a run makes new tokens",
        )


def _ended(session: Session, under_way: UnderWay, says: Mapping[str, Any]) -> Exit:
    named = {name: says.get(name) for name in ("export_id", "types", "prf_key", "recipient_sha256")}
    counts = {"tokens": under_way.tokens, "failed": under_way.failed}
    plain = f"{under_way.tokens:,} tokens have another one, {under_way.failed:,} failed"
    session.result({"retokenized": named | counts}, f"{plain}; sealed to {says.get('recipient_sha256')}")
    return Exit.SOME_FAILED if under_way.failed else Exit.OK


def _shown(asked: Mapping[str, str]) -> str:
    names = {"tenant": "tenant", "type": "type", "recipient_sha256": "recipient"}
    return "\n".join(f"{names[name] + ':':11} {text}" for name, text in asked.items())
