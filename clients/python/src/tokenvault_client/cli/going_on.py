"""A file that is made in steps: whatever ends a run, the next one goes on, and says so."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tokenvault_client.cli.exits import OutputFailed, UsageError
from tokenvault_client.cli.file_names import refuse_folder
from tokenvault_client.cli.session import Session
from tokenvault_client.errors import InvalidRequest, Refused
from tokenvault_client.export.under_way import OtherExport, UnderWay
from tokenvault_client.locking import Busy


def refuse_nowhere(out: Path | None) -> None:
    """Raises `UsageError` for no name of a file, as a dry run has none, for a folder, or a file in none."""
    if out is None:
        raise UsageError("--out: the name of the file is needed, or --dry-run")
    refuse_folder("--out", out)
    if not out.parent.is_dir():
        raise UsageError("--out: there is no such folder")


def refuse_existing(outputs: Sequence[Path], under_way: UnderWay) -> None:
    """No file is written over, except by the last step of its own export."""
    if not under_way.is_finished_at(outputs):
        if under_way.opening is None:
            under_way.remove()
        raise UsageError("--out: there is a file of this name already")


@contextlib.contextmanager
def advised(session: Session, under_way: UnderWay, what: str) -> Iterator[None]:
    """Whatever ends a run, the next one goes on, and its user is told so; of one not begun, nothing stays."""
    try:
        yield
    except BaseException as error:
        if under_way.opening is None:
            under_way.remove()
        else:
            session.say(_advice(error, under_way, what))
        raise


def _advice(error: BaseException, under_way: UnderWay, what: str) -> str:
    name = under_way.path.name
    if isinstance(error, InvalidRequest) or (isinstance(error, Refused) and error.code == "invalid_request"):
        return f"this {what} cannot be gone on with; to begin anew, remove {name}"
    return f"{under_way.tokens:,} tokens are in {name}; the same command goes on after them"


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turns what the disk and other runs raise into errors of the tool."""
    try:
        yield
    except (OtherExport, Busy) as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise OutputFailed.of(error) from None
