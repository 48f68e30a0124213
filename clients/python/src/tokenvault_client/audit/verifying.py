"""The check of a whole audit trail: all chains, and the checkpoints between them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tokenvault_client.audit.chains import NO_MAC, ChainCheck, Note, cut_off
from tokenvault_client.audit.checkpoints import Coverage, checkpoint_of
from tokenvault_client.audit.events import Event, Item, NotAnEvent
from tokenvault_client.audit.keys import Unwrap
from tokenvault_client.audit.reading import Unreadable, read_table
from tokenvault_client.audit.report import Container, Finding, Progress, Report
from tokenvault_client.audit.sorting import SortedEvents

KEPT_FINDINGS: Final = 1000
PROGRESS_STEP: Final = 10_000


def verify(
    items: Iterable[Item | Unreadable],
    *,
    vault_id: str,
    unwrap: Unwrap,
    expected: Mapping[str, int] | None = None,
    before: str | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    on_finding: Callable[[Finding], None] = lambda _: None,
    keep: int = KEPT_FINDINGS,
    folder: Path | None = None,
) -> Report:
    """Checks every event of an audit trail, in any order, in bounded memory.

    `items` have to be of the whole table: a container's chain runs through the partitions of all tenants.
    They are sorted in a file below `folder` (by default the system's for temporary files) of about the
    input's size. `expected` says of chains which last event is known from elsewhere. Events from the time
    `before` on are left out. `on_finding` is told of every finding, also of those that the report no longer
    keeps. Raises what `unwrap` raises, but `KeyRefused`.
    """
    report = Report()

    def found(finding: Finding) -> None:
        report.add(finding, keep)
        on_finding(finding)

    with TemporaryDirectory(dir=folder) as made, closing(SortedEvents(Path(made) / "events")) as events:
        for finding in _read(items, events, before, progress):
            found(finding)
        report.events = len(events)
        coverage = _trusted_checkpoints(events, vault_id, unwrap, report)
        for chain, number in (expected or {}).items():
            events.add_note(chain, Note(number, NO_MAC, "elsewhere"))
        for finding in _check(events, vault_id, unwrap, report, progress):
            found(finding)
        for chain, note in events.unseen_notes():
            found(cut_off(Container(chain), 0, note, None))
        for finding in coverage.holes():
            found(finding)
    report.covered_since, report.covered_until = coverage.since, coverage.until
    return report


def verify_table(client: Any, table: str, **options: Any) -> Report:
    """Checks the table itself; options as `verify` has them.

    It is written to while it is read. What is recorded from now on is left out, or a checkpoint that came
    in meanwhile would vouch for events in a part that was read before they were there.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return verify(read_table(client, table), before=now, **options)


def _read(
    items: Iterable[Item | Unreadable],
    events: SortedEvents,
    before: str | None,
    progress: Callable[[Progress], None],
) -> Iterator[Finding]:
    done = 0
    for done, item in enumerate(items, 1):
        if isinstance(item, Unreadable):
            yield Finding("unreadable", f"line {item.line} of {item.source} is no item")
            continue
        try:
            event = Event.of(item)
        except NotAnEvent:
            yield Finding("unchained", "an item that is in no chain, or lacks what ties it to one")
            continue
        if before is None or event.at < before:
            events.add(event)
        if done % PROGRESS_STEP == 0:
            progress(Progress("reading", done))
    progress(Progress("reading", done, done))


def _trusted_checkpoints(events: SortedEvents, vault_id: str, unwrap: Unwrap, report: Report) -> Coverage:
    """Takes in what those checkpoints say that were made by the maintenance function and hold."""
    coverage = Coverage()
    for chain, its_events in events.checkpoint_chains():
        check = ChainCheck(vault_id, unwrap, Container(chain))

        def take(event: Event, check: ChainCheck = check) -> None:
            checkpoint = checkpoint_of(event) if check.container.function == "maintain" else None
            if checkpoint is not None:
                report.checkpoints += 1
                coverage.add(checkpoint)
                for noted, note in checkpoint.notes:
                    events.add_note(noted, note)

        check.sound = take
        for _ in check.findings(its_events):
            pass  # Reported when all chains are checked.
    return coverage


def _check(
    events: SortedEvents,
    vault_id: str,
    unwrap: Unwrap,
    report: Report,
    progress: Callable[[Progress], None],
) -> Iterator[Finding]:
    done = 0

    def counted(some: Iterator[Event]) -> Iterator[Event]:
        nonlocal done
        for event in some:
            done += 1
            if done % PROGRESS_STEP == 0:
                progress(Progress("checking", done, report.events))
            yield event

    for chain, its_events in events.chains():
        report.chains += 1
        check = ChainCheck(vault_id, unwrap, Container(chain), events.notes(chain))
        yield from check.findings(counted(its_events))
    progress(Progress("checking", report.events, report.events))
