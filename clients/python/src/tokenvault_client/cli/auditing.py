"""The command that checks an audit trail, from files or from the table itself."""

import argparse
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tokenvault_client import audit
from tokenvault_client.audit.events import stamp
from tokenvault_client.audit.verifying import CHECKPOINT_DUE, CHECKPOINT_EXPECTED
from tokenvault_client.cli.aws import aws
from tokenvault_client.cli.exits import Exit, UsageError
from tokenvault_client.cli.session import Session

_SAY_EVERY: Final = 100_000
"""Events between two lines of progress."""

_TRAILS: Final = (".gz", ".ndjson")
"""Files of an export, and of the archive; other files of a folder are no events, manifests for one."""


def verify(session: Session, chosen: argparse.Namespace) -> Exit:
    """Whether nothing was taken out of the trail, changed, exchanged, cut off or made up."""
    return Exit.OK if checked(session, chosen).ok else Exit.NOT_VERIFIED


def checked(
    session: Session, chosen: argparse.Namespace, on_event: Callable[[audit.Event], None] = lambda _: None
) -> audit.Report:
    """Checks the trail that was chosen and tells what was found; `on_event` as `audit.verify` has it."""

    def found(finding: audit.Finding) -> None:
        session.result({"finding": asdict(finding)}, str(finding))

    def progressed(progress: audit.Progress) -> None:
        if not session.as_json and progress.done and progress.done % _SAY_EVERY == 0:
            session.say(f"{progress.stage}: {progress.done} events")

    region = chosen.kms_key.split(":")[3]
    with aws() as boto3, _readable():
        options: dict[str, Any] = {
            "vault_id": chosen.vault_id,
            "unwrap": audit.KmsKeys(boto3.client("kms", region), chosen.kms_key),
            "progress": progressed,
            "on_finding": found,
            "on_event": on_event,
            "keep": 0,
            "folder": chosen.folder,
            "until": chosen.until,
        }
        if chosen.table:
            report = audit.verify_table(boto3.client("dynamodb", region), chosen.table, **options)
        else:
            report = audit.verify(_items(session, chosen.files), **options)
    _tell(session, report)
    return report


def _items(session: Session, paths: list[Path]) -> Iterator[Any]:
    """The events of files, of exports and archives below folders, or of stdin if none is named."""
    if not paths:
        with session.reading(None, "FILE") as lines:
            yield from audit.read_lines(lines, "stdin")
    for path in paths:
        yield from audit.read_files(_below(path) if path.is_dir() else [path])


def _below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in _TRAILS)


def _tell(session: Session, report: audit.Report) -> None:
    next_due = _next_due(report)
    fields = {
        "ok": report.ok,
        "events": report.events,
        "chains": report.chains,
        "checkpoints": report.checkpoints,
        "covered_since": report.covered_since,
        "covered_until": report.covered_until,
        "events_after": report.events_after,
        "reveals_after": report.reveals_after,
        "next_checkpoint": next_due,
        "findings": dict(report.counts),
    }
    session.result({"report": fields}, _plain(report, next_due))


def _plain(report: audit.Report, next_due: Mapping[str, str] | None) -> str:
    sound = "all as they were written" if report.events else "nothing to verify"
    counts = ", ".join(f"{number} {kind}" for kind, number in sorted(report.counts.items()))
    covered = (
        f"{report.covered_since} to {report.covered_until}" if report.covered_until else "no time at all"
    )
    unvouched = _UNVOUCHED if report.events_after else ""
    due = _DUE.format_map(next_due) if next_due else ""
    return (
        f"{report.events} events in {report.chains} chains: {counts or sound}\n"
        f"{_checkpoints(report)} for the ends of chains, for {covered}{due}\n"
        f"after the last checkpoint: {report.events_after} events{_share(report)}, "
        f"{report.reveals_after} values revealed, in full or masked{unvouched}"
    )


def _checkpoints(report: audit.Report) -> str:
    return "1 checkpoint vouches" if report.checkpoints == 1 else f"{report.checkpoints} checkpoints vouch"


_DUE: Final = "; the next one comes at about {expected:.16}Z, and is overdue from {overdue:.16}Z on"


def _next_due(report: audit.Report) -> Mapping[str, str] | None:
    """When the next checkpoint is to come, and from when on it is late; None of a trail that ended long
    before."""
    if report.covered_until is None:
        return None
    covered = datetime.fromisoformat(report.covered_until)
    if covered + CHECKPOINT_DUE <= datetime.now(UTC):
        return None
    return {"expected": stamp(covered + CHECKPOINT_EXPECTED), "overdue": stamp(covered + CHECKPOINT_DUE)}


_UNVOUCHED: Final = "; if an end was cut off there, nothing here shows it (--require-covered-until)"


def _share(report: audit.Report) -> str:
    share = report.events_after / report.events if report.events else 0
    return f" ({share:.1%} of the trail)" if share else ""


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{error.filename or 'input'}: {error.strerror or 'cannot be read'}") from None
    except (EOFError, zlib.error):
        raise UsageError("input: a compressed file is broken") from None
    except audit.WrongEncoding as error:
        raise UsageError(str(error)) from None
