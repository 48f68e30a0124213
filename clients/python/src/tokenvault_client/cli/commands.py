"""What each command does. All raise the errors of the client, and `UsageError`."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from tokenvault_client import batches
from tokenvault_client.cli import inputs, printing
from tokenvault_client.cli.exits import Exit, UsageError
from tokenvault_client.cli.session import Session
from tokenvault_client.client import Client
from tokenvault_client.errors import NotFound, ProblemError
from tokenvault_client.results import ItemError, Reveal, Revealed, SearchItem, TokenFacts, TokenizeItem

SLICE: Final = 1000
"""Lines that are read, sent and printed before the next ones are read: memory stays bounded."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def tokenize(session: Session, chosen: argparse.Namespace) -> Exit:
    """Values in, tokens out."""
    said = _said(chosen, ttl_seconds=chosen.ttl, metadata=dict(chosen.metadata))
    with session.reading(chosen.file, "--file") as source, session.client() as client:
        items = inputs.items(source, TokenizeItem, said, session.as_json)

        def send(number: int, some: Sequence[TokenizeItem]) -> list[TokenFacts | ItemError]:
            key = chosen.idempotency_key
            return client.tokenize(some, idempotency_key=f"{key}_{number}" if key else None)

        return _all(session, items, send, _show_token)


def detokenize(session: Session, chosen: argparse.Namespace) -> Exit:
    """Tokens in, values out."""
    with session.reading(chosen.file, "--file") as source, session.client() as client:
        tokens = inputs.tokens(source, session.as_json)

        def send(number: int, some: Sequence[str]) -> list[Revealed | ItemError]:
            reveal: Reveal = "masked" if chosen.masked else "full"
            return client.detokenize(some, purpose=chosen.purpose, reveal=reveal)

        return _all(session, tokens, send, _show_value)


def search(session: Session, chosen: argparse.Namespace) -> Exit:
    """Values in, the tokens that they have out."""
    with session.reading(chosen.file, "--file") as source, session.client() as client:
        items = inputs.items(source, SearchItem, _said(chosen), session.as_json)
        return _all(session, items, lambda number, some: client.search(some), _show_token)


def facts(session: Session, chosen: argparse.Namespace) -> Exit:
    """What may be told about tokens."""

    def told(client: Client, token: str) -> None:
        found = client.facts(token)
        fields = printing.facts_fields(found) | {"metadata": dict(found.metadata)}
        session.result(fields, printing.facts_text(found))

    return _each(session, chosen.tokens, told)


def erase_token(session: Session, chosen: argparse.Namespace) -> Exit:
    """Tokens out for good."""
    _confirm(session, chosen, "these tokens")

    def erased(client: Client, token: str) -> None:
        client.erase_token(token)
        session.result({"token": token, "erased": True}, f"erased {token}")

    return _each(session, chosen.tokens, erased)


def erase_subject(session: Session, chosen: argparse.Namespace) -> Exit:
    """Everything of a person out for good."""
    _confirm(session, chosen, "everything of this person")
    with session.client() as client:
        done = client.erase_subject(chosen.subject)
    text = f"{printing.receipt_text(done.receipt)}\n\n{done.jws}"
    session.result({"receipt": dict(done.claims), "jws": done.jws}, text)
    return Exit.OK


def types(session: Session, chosen: argparse.Namespace) -> Exit:
    """The information types that this client may use."""
    with session.client() as client:
        for one in client.types():
            session.result(vars(one), printing.type_text(one))
    return Exit.OK


def _said(chosen: argparse.Namespace, **more: Any) -> dict[str, Any]:
    """What options say of all values."""
    options = {"type": chosen.type, "subject": chosen.subject, **more}
    return {name: value for name, value in options.items() if value is not None}


def _all(
    session: Session,
    items: Iterable[Item],
    send: Callable[[int, Sequence[Item]], list[Result | ItemError]],
    show: Callable[[Session, int, Result], ItemError | None],
) -> Exit:
    """Sends and shows slice after slice. An item that failed is an empty line, so that lines stay aligned."""
    done, failed = 0, 0
    for number, some in enumerate(batches.cut(items, SLICE)):
        try:
            results = send(number, some)
        except ProblemError:
            session.say(f"{done} lines are done, none after them")
            raise
        for line, result in enumerate(results, start=done + 1):
            error = result if isinstance(result, ItemError) else show(session, line, result)
            if error is not None:
                failed += 1
                _show_error(session, {"line": line}, f"line {line}", error)
        done += len(some)
    return Exit.SOME_FAILED if failed else Exit.OK


def _each(session: Session, tokens: Sequence[str], do: Callable[[Client, str], None]) -> Exit:
    """One request for each token; one that is not there does not keep from the others."""
    end = Exit.OK
    with session.client() as client:
        for token in tokens:
            try:
                do(client, token)
            except NotFound as error:
                end = Exit.SOME_FAILED
                _show_error(session, {"token": token}, token, ItemError(error.code, error.problem.detail))
    return end


def _show_token(session: Session, line: int, made: TokenFacts) -> None:
    session.result({"line": line, **printing.facts_fields(made)}, made.token)


def _show_value(session: Session, line: int, revealed: Revealed) -> ItemError | None:
    value = revealed.value.reveal()
    text = printing.value_text(value)
    if text is None and not session.as_json:
        return ItemError("not_one_line", "the value has line breaks or control characters; use --json")
    fields = {"line": line, "token": revealed.token, "type": revealed.type, "value": value}
    session.result(fields, str(text))
    return None


def _show_error(session: Session, where: dict[str, Any], place: str, error: ItemError) -> None:
    session.result({**where, "error": {"code": error.code, "detail": error.detail}}, "")
    if not session.as_json:
        session.say(f"{place}: {error.code}: {error.detail}")


def _confirm(session: Session, chosen: argparse.Namespace, what: str) -> None:
    """Nothing brings it back, so somebody says so twice. Raises `UsageError`."""
    if chosen.yes:
        return
    if not session.interactive:
        raise UsageError("erasing is for good; say that you mean it with --yes")
    session.stderr.write(f"Erase {what} for good? Type yes: ")
    session.stderr.flush()
    if session.stdin.readline().strip() != b"yes":
        raise UsageError("nothing was erased")
