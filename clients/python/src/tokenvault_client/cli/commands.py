"""What each command does. All raise the errors of the client, and `UsageError`."""

import argparse
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from tokenvault_client.batches import MAX_ITEMS
from tokenvault_client.cli import inputs, printing
from tokenvault_client.cli.assertions import assertions
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.inputs import Line
from tokenvault_client.cli.session import Session
from tokenvault_client.cli.streaming import show_error, through
from tokenvault_client.client import Client
from tokenvault_client.errors import NotFound
from tokenvault_client.results import ItemError, Reveal, Revealed, SearchItem, TokenFacts, TokenizeItem

_KEY_BYTES: Final = 24
_NOT_ONE_LINE: Final = (
    "the value has line breaks or control characters; use --json, with which each line in is an object "
    'such as {"token": "..."}'
)


def tokenize(session: Session, chosen: argparse.Namespace) -> Exit:
    """Values in, tokens out."""
    said = _said(chosen, ttl_seconds=chosen.ttl, metadata=dict(chosen.metadata))
    # Under a key, a run that ended half way can be sent again: what was made then is found, not made anew.
    key = chosen.idempotency_key or secrets.token_hex(_KEY_BYTES)
    # With "=", since argparse takes a key that begins with a hyphen for an option of its own.
    advice = f"run it again, on the same input, with --idempotency-key={key}: no value gets a second token"
    with session.reading(chosen.file, "--file") as source, session.client() as client:
        lines = inputs.items(
            source, TokenizeItem, said, as_json=session.as_json, keep_empty=chosen.keep_empty
        )

        def send(name: str, items: Sequence[TokenizeItem]) -> list[TokenFacts | ItemError]:
            return client.tokenize(items, idempotency_key=f"{key}_{name}")

        return through(session, lines, send, partial(_show_token, session), advice)


def detokenize(session: Session, chosen: argparse.Namespace) -> Exit:
    """Tokens in, values out."""
    assertion = assertions(chosen.assertion_file)
    with session.reading(chosen.file, "--file") as source, session.client() as client:
        lines = inputs.tokens(source, as_json=session.as_json)

        def send(name: str, tokens: Sequence[str]) -> list[Revealed | ItemError]:
            reveal: Reveal = "masked" if chosen.masked else "full"
            return client.detokenize(
                tokens,
                purpose=chosen.purpose,
                reveal=reveal,
                on_behalf_of=chosen.on_behalf_of,
                assertion=assertion(),
                fields=chosen.field,
                approval=chosen.approval,
            )

        if chosen.approval is not None:
            lines = iter(inputs.at_most(MAX_ITEMS, lines))
        return through(session, lines, send, partial(_show_value, session), whole=chosen.approval is not None)


def search(session: Session, chosen: argparse.Namespace) -> Exit:
    """Values in, the tokens that they have out."""
    with session.reading(chosen.file, "--file") as source, session.client() as client:
        lines = inputs.items(
            source, SearchItem, _said(chosen), as_json=session.as_json, keep_empty=chosen.keep_empty
        )

        def send(name: str, items: Sequence[SearchItem]) -> list[TokenFacts | ItemError]:
            return client.search(items)

        return through(session, lines, send, partial(_show_token, session))


def facts(session: Session, chosen: argparse.Namespace) -> Exit:
    """Type, times, creator and metadata of tokens."""

    def told(client: Client, token: str) -> None:
        found = client.facts(token)
        imported = {"imported": True} if found.imported else {}
        more = {"created_by": found.created_by, **imported, "metadata": dict(found.metadata)}
        session.result(printing.facts_fields(found) | more, printing.facts_text(found))

    return _each(session, chosen.tokens, told)


def erase_token(session: Session, chosen: argparse.Namespace) -> Exit:
    """Tokens out for good."""
    _confirm(session, chosen, "these tokens")

    def erased(client: Client, token: str) -> None:
        client.erase_token(token)
        session.result({"token": token, "erased": True}, f"erased {token}")

    return _each(session, chosen.tokens, erased)


def erase_subject(session: Session, chosen: argparse.Namespace) -> Exit:
    """Everything of a subject out for good, or what that would be."""
    if chosen.dry_run:
        return subject(session, chosen)
    _confirm(session, chosen, "everything of this subject")
    with session.client() as client:
        done = client.erase_subject(chosen.subject)
    text = f"{printing.receipt_text(done.receipt)}\n\n{done.jws}"
    session.result({"receipt": dict(done.claims), "jws": done.jws}, text)
    return Exit.OK


def subject(session: Session, chosen: argparse.Namespace) -> Exit:
    """What erasing would close, each token on a line; what cannot be told of goes to the errors."""
    with session.client() as client:
        found = client.subject_tokens(chosen.subject)
    for facts in found.tokens:
        session.result(printing.facts_fields(facts), printing.facts_line(facts))
    for failed in found.failed:
        show_error(session, {"token": failed.token}, failed.token, failed.error)
    session.say(printing.subject_text(found))
    return Exit.SOME_FAILED if found.failed else Exit.OK


def types(session: Session, chosen: argparse.Namespace) -> Exit:
    """The information types that this client may use."""
    with session.client() as client:
        for info_type in client.types():
            session.result(vars(info_type), printing.type_text(info_type))
    return Exit.OK


def _said(chosen: argparse.Namespace, **more: Any) -> dict[str, Any]:
    """What options say of all values."""
    options = {"type": chosen.type, "subject": chosen.subject, **more}
    return {name: value for name, value in options.items() if value is not None}


def _each(session: Session, tokens: Sequence[str], do: Callable[[Client, str], None]) -> Exit:
    """A request for each token; a token that is not there does not keep the others from their turn."""
    end = Exit.OK
    with session.client() as client:
        for token in tokens:
            try:
                do(client, token)
            except NotFound as error:
                end = Exit.SOME_FAILED
                show_error(session, {"token": token}, token, ItemError(error.code, error.problem.detail))
    return end


def _show_token(session: Session, line: Line[Any], made: TokenFacts) -> None:
    session.result({"line": line.number, **line.own, **printing.facts_fields(made)}, made.token)


def _show_value(session: Session, line: Line[Any], revealed: Revealed) -> ItemError | None:
    value = revealed.value.reveal()
    text = printing.value_text(value)
    if text is None and not session.as_json:
        return ItemError("not_one_line", _NOT_ONE_LINE)
    fields = {"token": revealed.token, "type": revealed.type, "value": value}
    session.result({"line": line.number, **line.own, **fields}, str(text))
    return None


def _confirm(session: Session, chosen: argparse.Namespace, what: str) -> None:
    """Nothing brings it back, so it has to be confirmed. Raises `UsageError`."""
    if not chosen.yes:
        session.confirm(f"Erase {what} for good?", otherwise="nothing was erased", why="erasing is for good")
