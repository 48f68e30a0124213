"""The command that erases again what a restore brought back."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tokenvault_client import batches
from tokenvault_client.audit import Erasures
from tokenvault_client.cli.auditing import checked
from tokenvault_client.cli.exits import Exit, UsageError
from tokenvault_client.cli.session import Session
from tokenvault_client.cli.streaming import PARALLEL
from tokenvault_client.client import Client
from tokenvault_client.errors import NotFound, NotPermitted, ProblemError


@dataclass
class _Done:
    """What became of tokens: shown to be closed, still open, or erased and not shown."""

    closed: int = 0
    open: int = 0
    unseen: int = 0


def reconcile(session: Session, chosen: argparse.Namespace) -> Exit:
    """Erases again what the trail says was erased since a moment, and shows that it is gone."""
    erasures = Erasures(chosen.tenant, chosen.since, frozenset(chosen.not_by or ()))
    if not checked(session, chosen, erasures.take).ok:
        session.say("nothing was erased: a trail that does not verify may leave out, or make up, an erasure")
        return Exit.NOT_VERIFIED
    refuse_retired(erasures, chosen)
    tokens, subjects = erasures.tokens, erasures.subjects
    if erasures.left_out:
        session.say(f"{len(erasures.left_out)} tokens were retired, and are left as they are")
    if not chosen.yes:
        what = f"{len(tokens)} tokens and {len(subjects)} subjects of {chosen.tenant}"
        session.confirm(f"Erase {what} again?", otherwise="nothing was erased", why="erasing is for good")
    with session.client() as client:
        return erase_again(session, client, tokens, subjects)


def refuse_retired(erasures: Erasures, chosen: argparse.Namespace) -> None:
    """Raises `UsageError` where old tokens may have been retired whose new ones the restore did not bring."""
    if erasures.has_moves and chosen.not_by is None and not chosen.retired_too:
        raise UsageError(
            "since that moment values got tokens under another PRF key, which the restored vault lacks: name "
            "the client that retired the old ones (--not-by), or they are erased with nothing in their "
            "place; --retired-too if none was retired since"
        )


def erase_again(session: Session, client: Client, tokens: Sequence[str], subjects: Sequence[str]) -> Exit:
    """Erases all of these, and then asks for each token. Raises the client's errors."""
    _each(subjects, client.erase_subject)
    _each(tokens, client.erase_token)
    return _tell(session, _shown(session, client, tokens), len(subjects))


def _each(names: Sequence[str], erase: Callable[[str], object]) -> None:
    """Raises the first error: what is left is erased by another run."""

    def send(number: str, batch: Sequence[str]) -> list[None]:
        for name in batch:
            erase(name)
        return [None] * len(batch)

    for _, answer in batches.stream(names, send, PARALLEL, 1):
        if isinstance(answer, ProblemError):
            raise answer


def _shown(session: Session, client: Client, tokens: Sequence[str]) -> _Done:
    done = _Done()

    def is_open(number: str, batch: Sequence[str]) -> list[bool]:
        return [_has_facts(client, token) for token in batch]

    for [token], answer in batches.stream(tokens, is_open, PARALLEL, 1):
        if isinstance(answer, NotPermitted):
            done.unseen = len(tokens)
            break
        if isinstance(answer, ProblemError):
            raise answer
        done.open += answer[0]
        done.closed += not answer[0]
        session.result(
            {"token": token, "closed": not answer[0]}, f"{'STILL OPEN' if answer[0] else 'closed'} {token}"
        )
    return done


def _has_facts(client: Client, token: str) -> bool:
    try:
        client.facts(token)
    except NotFound:
        return False
    return True


def _tell(session: Session, done: _Done, subjects: int) -> Exit:
    fields = {"subjects": subjects, "closed": done.closed, "open": done.open, "not_shown": done.unseen}
    plain = f"{subjects} subjects erased again; of the tokens {done.closed} are closed, {done.open} open"
    session.result({"reconciled": fields}, plain)
    if done.unseen:
        why = "this needs the action read, for all types"
        session.say(f"{done.unseen} tokens erased again, and not shown to be closed: {why}")
        return Exit.NOT_CHECKED
    return Exit.SOME_FAILED if done.open else Exit.OK
