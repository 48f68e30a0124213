"""The commands of exports: the recipient's key, the approval, the file, and opening it."""

import argparse
import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tokenvault_client.cli import approving
from tokenvault_client.cli.exits import Exit, OutputFailed, UsageError
from tokenvault_client.cli.exporting_progress import Progress
from tokenvault_client.cli.session import Session
from tokenvault_client.client import Client
from tokenvault_client.errors import InvalidRequest, Throttled, VerificationError
from tokenvault_client.export.part import OtherExport, Part, opened
from tokenvault_client.export.recipients import Recipient, read_recipient
from tokenvault_client.exports import ExportPage
from tokenvault_client.locking import Busy

_MOST_KEY_BYTES: Final = 64 * 1024
_LONGEST_WAIT: Final = 3660.0
"""Seconds: an hour's budget is there again within the hour. A day's quota is not waited for."""


@dataclass(frozen=True)
class _Terms:
    """What is asked for: to whom, of which types, for what."""

    recipient: Recipient
    types: tuple[str, ...] | None
    purpose: str

    @property
    def asked(self) -> dict[str, Any]:
        """What the part of the file notes, to go on with nothing else."""
        types = None if self.types is None else list(self.types)
        return {"recipient_sha256": self.recipient.fingerprint, "types": types, "purpose": self.purpose}

    def told(self) -> str:
        """The same for reading."""
        types = "all that the client may use" if self.types is None else ", ".join(self.types)
        return "\n".join(
            (
                f"types:      {types}",
                f"purpose:    {self.purpose}",
                f"recipient:  {self.recipient.fingerprint}",
            )
        )


def keygen(session: Session, chosen: argparse.Namespace) -> Exit:
    """A recipient's key pair in two files."""
    unsealing = _unsealing()
    private, public = unsealing.new_key()
    places = [chosen.name.with_name(f"{chosen.name.name}.{half}") for half in ("key", "pub")]
    for place, content in zip(places, (private, public), strict=True):
        with _new_file(place, "NAME") as file:
            file.write(content)
    made = read_recipient(public).fingerprint
    session.result(
        {"recipient_sha256": made}, f"recipient:  {made}\nkeep {places[0].name}; hand out {places[1].name}"
    )
    return Exit.OK


def fingerprint(session: Session, chosen: argparse.Namespace) -> Exit:
    """The fingerprint of a public key."""
    found = _recipient(session, chosen.to, "FILE").fingerprint
    session.result({"recipient_sha256": found}, found)
    return Exit.OK


def ask(session: Session, chosen: argparse.Namespace) -> Exit:
    """Asks a second person to approve exactly this export."""
    terms = _terms(session, chosen)
    with session.client() as client:
        asked = client.exports.ask(terms.recipient.pem, purpose=terms.purpose, types=terms.types)
    return approving.shown(session, asked)


def run(session: Session, chosen: argparse.Namespace) -> Exit:
    """Exports, or goes on with an export that another run began."""
    terms = _terms(session, chosen)
    if chosen.dry_run:
        session.result({"dry_run": terms.asked}, f"{terms.told()}\nnothing was sent")
        return Exit.OK
    if not chosen.out.parent.is_dir():
        raise UsageError("--out: there is no such folder")
    asked = {**terms.asked, "client": session.caller()}
    with _told(), opened(chosen.out.with_name(f"{chosen.out.name}.part"), asked) as part:
        _refuse_existing(chosen.out, part)
        if part.opening is None:
            _confirm(session, chosen, terms, part)
        with session.client() as client, _advised(session, part):
            _carry(session, client, chosen, terms, part)
            _refuse_existing(chosen.out, part)
            says = part.finish(chosen.out)
    counts = {name: says.get(name) for name in ("export_id", "types", "tokens", "failed", "recipient_sha256")}
    plain = f"{part.tokens:,} tokens, {part.failed:,} failed, sealed to {terms.recipient.fingerprint}"
    session.result({"exported": counts}, plain)
    return Exit.SOME_FAILED if part.failed else Exit.OK


def open_export(session: Session, chosen: argparse.Namespace) -> Exit:
    """The values of an export file, once all of it was verified."""
    unsealing = _unsealing()
    private = unsealing.read_private(_content(session, chosen.key, "--key"), _passphrase(session, chosen))
    vault_key = _content(session, chosen.public_key, "--public-key")
    whole = chosen.out.with_name(f"{chosen.out.name}.part")
    if chosen.out.exists():
        raise UsageError("--out: there is a file of this name already")
    with session.reading(chosen.input, "FILE") as source, _taken_back(whole) as file:
        found = unsealing.open_file(
            source, private, vault_key, lambda entry: file.write(entry.encode() + b"\n")
        )
        file.flush()
        os.fsync(file.fileno())
        os.replace(whole, chosen.out)
    says = {**found.opening, **found.receipt}
    told = {name: says.get(name) for name in ("tenant", "export_id", "types", "purpose", "begun", "finished")}
    counts = {name: says.get(name) for name in ("tokens", "failed")}
    shown = {**told, "types": ", ".join(says["types"]), **counts}
    plain = [f"{name + ':':11} {text}" for name, text in shown.items()]
    session.result({"opened": {**told, **counts}}, "verified\n" + "\n".join(plain))
    return Exit.SOME_FAILED if says.get("failed") else Exit.OK


def _carry(session: Session, client: Client, chosen: argparse.Namespace, terms: _Terms, part: Part) -> None:
    """Page after page, each on the disk before the next one is asked for."""
    if part.opening is None:
        begun = client.exports.begin(
            terms.recipient.pem, purpose=terms.purpose, types=terms.types, approval=chosen.approval
        )
        if begun.recipient_sha256 != terms.recipient.fingerprint:
            raise VerificationError("the service began an export to another key")
        part.begin(begun)
    else:
        session.say(f"going on after {part.tokens:,} tokens")
    progress = Progress(session.stderr, part.tokens, part.walked, terminal=session.stderr.isatty())
    try:
        while part.cursor is not None:
            part.take(_page(session, client, str(part.opening), part.cursor))
            progress.tell(part.tokens, part.failed, part.walked)
    finally:
        progress.end()


def _page(session: Session, client: Client, opening: str, cursor: str) -> ExportPage:
    """The next page, for whose budget a run waits."""
    while True:
        try:
            return client.exports.page(opening, cursor)
        except Throttled as refused:
            wait = refused.problem.retry_after
            if refused.code != "budget_exceeded" or wait is None or wait > _LONGEST_WAIT:
                raise
            session.say(f"the budget of this hour is used up; going on in {wait:,.0f} s")
            time.sleep(wait)


def _confirm(session: Session, chosen: argparse.Namespace, terms: _Terms, part: Part) -> None:
    """What is exported, and to whom, before it begins."""
    try:
        if not chosen.yes:
            session.say(terms.told())
            question = "All of their values go to whoever has the key of this recipient."
            session.confirm(question, otherwise="nothing was exported", why="an export gives every value out")
    except BaseException:
        part.remove()
        raise


def _refuse_existing(out: Path, part: Part) -> None:
    """No file is written over, except by the last step of its own export."""
    if out.exists() and not part.is_finished_at(out):
        if part.opening is None:
            part.remove()
        raise UsageError("--out: there is a file of this name already")


def _terms(session: Session, chosen: argparse.Namespace) -> _Terms:
    types = None if chosen.types is None else tuple(sorted(set(chosen.types)))
    return _Terms(_recipient(session, chosen.to, "--to"), types, chosen.purpose)


def _recipient(session: Session, path: str, option: str) -> Recipient:
    return read_recipient(_content(session, path, option))


def _content(session: Session, path: str, option: str) -> bytes:
    with session.reading(path, option) as file:
        return file.read(_MOST_KEY_BYTES)


def _passphrase(session: Session, chosen: argparse.Namespace) -> bytes | None:
    if chosen.passphrase_file is None:
        return None
    return _content(session, chosen.passphrase_file, "--passphrase-file").rstrip(b"\r\n")


def _unsealing() -> Any:
    try:
        from tokenvault_client.export import unsealing  # noqa: PLC0415  # needs an extra that others do not
    except ImportError as missing:
        raise UsageError(str(missing)) from None
    return unsealing


@contextlib.contextmanager
def _new_file(path: Path, option: str) -> Iterator[Any]:
    """A new file that its user alone reads. Raises `UsageError` if there is one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(f"{option}: {path.name}: {error.strerror or 'it cannot be made'}") from None
    with open(descriptor, "wb") as file:
        yield file


@contextlib.contextmanager
def _taken_back(path: Path) -> Iterator[Any]:
    """A new file of which nothing stays if what is written to it does not end well, and no value."""
    with _new_file(path, "--out") as file:
        try:
            yield file
        except BaseException:
            path.unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def _advised(session: Session, part: Part) -> Iterator[None]:
    """Whatever ends a run, the next one goes on, and its user is told so."""
    try:
        yield
    except InvalidRequest:
        if part.opening is None:
            part.remove()
        else:
            session.say(f"this export cannot be gone on with; to begin anew, remove {part.path.name}")
        raise
    except BaseException:
        if part.opening is None:
            part.remove()
        else:
            session.say(
                f"{part.tokens:,} tokens are in {part.path.name}; the same command goes on after them"
            )
        raise


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (OtherExport, Busy) as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise OutputFailed(f"a file could not be read or written: {reason}") from None
