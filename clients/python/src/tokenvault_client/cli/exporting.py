"""The commands around an export: the recipient's key, the approval, and opening what came of it."""

import argparse
import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tokenvault_client.cli import approving
from tokenvault_client.cli.exits import Exit, UsageError
from tokenvault_client.cli.export_terms import content_of, recipient_of, terms_of
from tokenvault_client.cli.file_names import refuse_folder
from tokenvault_client.cli.going_on import told
from tokenvault_client.cli.session import Session
from tokenvault_client.export.recipients import read_recipient

_MODES: Final = {"key": 0o600, "pub": 0o666}
"""Of the halves of a key pair: the public one is for others, as far as the umask lets them."""


def keygen(session: Session, chosen: argparse.Namespace) -> Exit:
    """A recipient's key pair in two files."""
    if chosen.name.name in ("", ".."):
        raise UsageError("NAME: the name of the key pair is needed, and this is a folder's")
    unsealing = unsealing_of_extra()
    private, public = unsealing.new_key()
    modes = {chosen.name.with_name(f"{chosen.name.name}.{half}"): mode for half, mode in _MODES.items()}
    with told(), contextlib.ExitStack() as stack:
        # Both are new, or neither is made: a half beside that of an earlier pair would pass for its own.
        files = [stack.enter_context(_taken_back(place, "NAME", mode)) for place, mode in modes.items()]
        for file, content in zip(files, (private, public), strict=True):
            file.write(content)
            _flush(file)
    made, [secret, handed] = read_recipient(public).fingerprint, [place.name for place in modes]
    session.result({"recipient_sha256": made}, f"recipient:  {made}\nkeep {secret}; hand out {handed}")
    return Exit.OK


def fingerprint(session: Session, chosen: argparse.Namespace) -> Exit:
    """The fingerprint of a public key."""
    found = recipient_of(session, chosen.to, "FILE").fingerprint
    session.result({"recipient_sha256": found}, found)
    return Exit.OK


def ask(session: Session, chosen: argparse.Namespace) -> Exit:
    """Asks a second person to approve exactly this export."""
    terms = terms_of(session, chosen)
    with session.client() as client:
        asked = client.exports.ask(terms.recipient.pem, purpose=terms.purpose, types=terms.types)
    return approving.shown(session, asked)


def open_export(session: Session, chosen: argparse.Namespace) -> Exit:
    """The values of an export, once all of its files were verified."""
    found = open_to(session, chosen, unsealing_of_extra().EXPORT)
    return show_verified(session, found, ("tenant", "export_id", "types", "purpose", "begun"))


def open_to(session: Session, chosen: argparse.Namespace, papers: tuple[str, str]) -> Any:
    """Writes what the files hold to `--out`, once all of it was verified, and says what that was."""
    unsealing = unsealing_of_extra()
    refuse_folder("--out", chosen.out)
    private, vault_key = keys_of(session, chosen)
    whole = chosen.out.with_name(f"{chosen.out.name}.part")
    if chosen.out.exists():
        raise UsageError("--out: there is a file of this name already")
    with told(), contextlib.ExitStack() as stack:
        sources = [stack.enter_context(session.reading(path, "FILE")) for path in chosen.inputs]
        file = stack.enter_context(_taken_back(whole, "--out"))
        found = unsealing.open_files(
            sources, private, vault_key, lambda entry: file.write(entry.encode() + b"\n"), papers
        )
        _flush(file)
        os.replace(whole, chosen.out)
    return found


def keys_of(session: Session, chosen: argparse.Namespace) -> tuple[Any, bytes]:
    """The recipient's private key, and the vault's public one as it stands in its file."""
    content = content_of(session, chosen.key, "--key")
    private = unsealing_of_extra().read_private(content, _passphrase(session, chosen))
    return private, content_of(session, chosen.public_key, "--public-key")


def show_verified(session: Session, found: Any, names: Sequence[str]) -> Exit:
    """What was verified, with what the opening says under these names."""
    told = {name: found.opening.get(name) for name in names}
    told |= {"finished": found.finished, **({} if found.parts == 1 else {"parts": found.parts})}
    counts = {"tokens": found.tokens, "failed": found.failed}
    shown = {**told, "types": ", ".join(found.opening["types"]), **counts}
    plain = [f"{name + ':':11} {text}" for name, text in shown.items()]
    session.result({"opened": {**told, **counts}}, "verified\n" + "\n".join(plain))
    return Exit.SOME_FAILED if found.failed else Exit.OK


def _passphrase(session: Session, chosen: argparse.Namespace) -> bytes | None:
    if chosen.passphrase_file is None:
        return None
    return content_of(session, chosen.passphrase_file, "--passphrase-file").rstrip(b"\r\n")


def unsealing_of_extra() -> Any:
    """What opens files, from an extra. Raises `UsageError` where that is not installed."""
    try:
        from tokenvault_client.export import unsealing  # noqa: PLC0415  # needs an extra that others do not
    except ImportError as missing:
        raise UsageError(str(missing)) from None
    return unsealing


def _flush(file: Any) -> None:
    """Has all of a file on the disk. Raises `OSError`."""
    file.flush()
    os.fsync(file.fileno())


@contextlib.contextmanager
def _new_file(path: Path, option: str, mode: int) -> Iterator[Any]:
    """A new file. Raises `UsageError` if there is one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise UsageError(f"{option}: {path.name}: {error.strerror or 'it cannot be made'}") from None
    with open(descriptor, "wb") as file:
        yield file


@contextlib.contextmanager
def _taken_back(path: Path, option: str, mode: int = 0o600) -> Iterator[Any]:
    """A new file of which nothing stays if what is written to it does not end well, and no value.

    It is its user's alone, but for a `mode` that says otherwise.
    """
    with _new_file(path, option, mode) as file:
        try:
            yield file
        except BaseException:
            path.unlink(missing_ok=True)
            raise
