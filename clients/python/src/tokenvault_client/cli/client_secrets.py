"""The commands with which an operator replaces a client's secret while the client goes on working.

They name secrets by id and creation date. The one value there is, that of a secret just made, goes into a new
file that only its owner reads, or to stdout if that was asked for.
"""

import argparse
import contextlib
import os
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path

from tokenvault_client.cli import printing
from tokenvault_client.cli.app_clients import MOST, AppClient, ClientSecret, opened
from tokenvault_client.cli.exits import Exit, Interrupted, OutputFailed, UsageError
from tokenvault_client.cli.file_names import refuse_folder, unusable
from tokenvault_client.cli.session import Session
from tokenvault_client.sensitive import Sensitive


def add(session: Session, chosen: argparse.Namespace) -> Exit:
    """A second secret beside the one that is in use."""
    with opened(chosen.user_pool, chosen.client_id) as client:
        held = client.secrets()
        if len(held) >= MOST:
            raise UsageError(f"the client has {_listed(held)}; retire one of them first")
        try:
            if chosen.out is None:
                _print(session, *client.add())
            else:
                _write(session, client, chosen.out)
        except KeyboardInterrupt:
            raise Interrupted(
                "a secret may have been made; `client-secret list` shows it, "
                "and `client-secret retire --newer` takes it back"
            ) from None
    return Exit.OK


def show(session: Session, chosen: argparse.Namespace) -> Exit:
    """The secrets that the client has."""
    with opened(chosen.user_pool, chosen.client_id) as client:
        for secret in client.secrets():
            session.result(_fields(secret), str(secret))
    return Exit.OK


def retire(session: Session, chosen: argparse.Namespace) -> Exit:
    """One secret less: the older one, unless the addition of the newer is taken back."""
    with opened(chosen.user_pool, chosen.client_id) as client:
        unwanted, kept = _parted(client.secrets(), chosen.secret_id)
        _require_meant(unwanted, kept, newer=chosen.newer)
        if not chosen.yes:
            question = (
                f"Retire {unwanted}? What stays is {kept}; a client that has not changed over to that one "
                "gets no access token any more."
            )
            session.confirm(question, otherwise="nothing was retired", why="nothing brings a secret back")
        client.delete(unwanted)
    session.result({"retired": _fields(unwanted), "kept": _fields(kept)}, f"retired {unwanted}; kept {kept}")
    return Exit.OK


def _parted(held: Sequence[ClientSecret], secret_id: str) -> tuple[ClientSecret, ClientSecret]:
    """The secret of this id, and the one that stays. An id is not repeated: it may be a value, by mistake."""
    unwanted = [secret for secret in held if secret.id == secret_id]
    kept = [secret for secret in held if secret.id != secret_id]
    if not unwanted:
        raise UsageError(f"--secret-id: the client has no such secret; it has {_listed(held)}")
    if not kept:
        raise UsageError("--secret-id: that is the client's only secret; add another one first")
    return unwanted[0], kept[-1]


def _require_meant(unwanted: ClientSecret, kept: ClientSecret, *, newer: bool) -> None:
    """AWS does not say which secret a client uses; it is the newer one that clients change over to."""
    is_newer = unwanted.created >= kept.created
    if is_newer and not newer:
        raise UsageError("--secret-id: that is the newer of two; to take its addition back, say --newer")
    if newer and not is_newer:
        raise UsageError("--newer: that is the older of two")


def _print(session: Session, made: ClientSecret, value: Sensitive[str]) -> None:
    session.say(f"added {made}")  # first, so that the id is known should the value not get through
    session.result({**_fields(made), "client_secret": value.reveal()}, value.reveal())


def _write(session: Session, client: AppClient, path: Path) -> None:
    """The file is there before the secret is, since a secret that nobody has is one too many."""
    with _new_file(path) as file:
        made, value = client.add()
        try:
            _store(file, f"{value.reveal()}\n".encode())
        except OSError as error:
            raise OutputFailed(
                f"--out: {error.strerror or 'unknown reason'}; {made} was added and its value is lost: "
                "retire it with --newer"
            ) from None
    session.result({**_fields(made), "file": str(path)}, f"added {made}; its value is in {path}")


def _store(file: FileIO, content: bytes) -> None:
    """Closes the file with all of it on the disk. Raises `OSError`: some disks tell it on closing only."""
    with file:
        while content:
            content = content[file.write(content) :]
        os.fsync(file.fileno())


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[FileIO]:
    """A file of its owner's alone. It goes again if nothing was put into it. Raises `UsageError`.

    It has no buffer, which would be written once more on the way out and fail there with another error.
    """
    refuse_folder("--out", path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(unusable("--out", path, error)) from None
    try:
        with open(descriptor, "wb", buffering=0) as file:
            yield file
    except BaseException:
        with contextlib.suppress(OSError):  # what went wrong first is what has to be told
            path.unlink()
        raise


def _fields(secret: ClientSecret) -> dict[str, str | None]:
    return {"id": secret.id, "created": printing.time(secret.created)}


def _listed(held: Sequence[ClientSecret]) -> str:
    return " and ".join(str(secret) for secret in held) or "none"
