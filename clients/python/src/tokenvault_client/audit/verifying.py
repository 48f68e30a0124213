"""The check of a whole audit trail: all chains, and the checkpoints between them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tokenvault_client.audit.chains import NO_MAC, ChainCheck, Note, cut_off
from tokenvault_client.audit.checkpoints import Coverage, checkpoint_of
from tokenvault_client.audit.events import Event, Item, NotAnEvent, stamp, time_of
from tokenvault_client.audit.keys import Unwrap
from tokenvault_client.audit.notes import Notes
from tokenvault_client.audit.reading import Unreadable, read_table
from tokenvault_client.audit.report import Container, Finding, Progress, Report
from tokenvault_client.audit.sorting import SortedLines

CHECKPOINT_EXPECTED: Final = timedelta(minutes=16)
"""How long behind the time that a checkpoint covers the next one is made, where nothing is late."""

CHECKPOINT_DUE: Final = timedelta(minutes=75)
"""A healthy trail's last checkpoint reaches to within this time of now: there are four an hour, each
covers everything up to a minute before itself, and the rest is for runs that are late."""

KEPT_FINDINGS: Final = 1000
PROGRESS_STEP: Final = 10_000


def verify(
    items: Iterable[Item | Unreadable],
    *,
    vault_id: str,
    unwrap: Unwrap,
    expected: Mapping[str, int] | None = None,
    before: str | None = None,
    until: datetime | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    on_finding: Callable[[Finding], None] = lambda _: None,
    on_event: Callable[[Event], None] = lambda _: None,
    keep: int = KEPT_FINDINGS,
    folder: Path | None = None,
) -> Report:
    """Checks every event of an audit trail, in any order, in bounded memory.

    `items` have to be of the whole table: a container's chain runs through the partitions of all tenants.
    They are sorted in a file below `folder` (by default the system's for temporary files) of about the
    input's size. `expected` says of chains which last event is known from elsewhere. Events from the time
    `before` on are left out. `on_finding` is told of every finding, also of those that the report no longer
    keeps. `on_event` is told of every event before it is checked: believe none unless the report is `ok`.

    `until` is the end of the audited time, up to which checkpoints have to vouch for the ends of chains; a
    time without a zone is in UTC. The default is now, less the 75 minutes within which the next checkpoint
    of a running service is due. A trail whose end was cut off, its checkpoints with it, is found by this.

    Raises what `unwrap` raises, except `KeyRefused`.
    """
    report, required = Report(), stamp(until or datetime.now(UTC) - CHECKPOINT_DUE)

    def found(finding: Finding) -> None:
        report.add(finding, keep)
        on_finding(finding)

    with TemporaryDirectory(dir=folder) as made, closing(Notes(Path(made) / "notes")) as notes:
        events = SortedLines(Path(made) / "events")
        checkpoints = SortedLines(Path(made) / "checkpoints")
        for finding in _read(items, events, checkpoints, before, progress):
            found(finding)
        coverage = _trusted(checkpoints, notes, vault_id, unwrap, report)
        report.covered_since, report.covered_until = coverage.since, coverage.until
        for name, number in (expected or {}).items():
            notes.add(name, Note(number, NO_MAC, "elsewhere"))
        told = partial(_counted, report=report, progress=progress, on_event=on_event)
        for finding in _check(events, notes, report, vault_id=vault_id, unwrap=unwrap, told=told):
            found(finding)
        progress(Progress("checking", events.added, events.added))
        for name, note in notes.unseen():
            found(cut_off(Container(name), 0, note, None))
        for finding in chain(coverage.holes(), coverage.uncovered(required)):
            found(finding)
    return report


def verify_table(client: Any, table: str, **options: Any) -> Report:
    """Checks the table itself; options as `verify` has them.

    It is written to while it is read. What is recorded from now on is left out, or a checkpoint that came
    in meanwhile would vouch for events in a part that was read before they were there.
    """
    return verify(read_table(client, table), before=stamp(datetime.now(UTC)), **options)


def _read(
    items: Iterable[Item | Unreadable],
    events: SortedLines,
    checkpoints: SortedLines,
    before: str | None,
    progress: Callable[[Progress], None],
) -> Iterator[Finding]:
    done = 0
    for done, item in enumerate(items, 1):
        if done % PROGRESS_STEP == 0:
            progress(Progress("reading", done))
        if isinstance(item, Unreadable):
            yield Finding("unreadable", f"line {item.line} of {item.source} is no item")
            continue
        try:
            event = Event.of(item)
        except NotAnEvent:
            detail = "an item that is in no chain, or lacks what ties it to one"
            yield Finding("unchained", detail, since=time_of(item))
            continue
        if before is None or event.at < before:
            events.add(event.line)
            if event.action == "checkpoint":
                checkpoints.add(event.line)
    progress(Progress("reading", done, done))


def _trusted(
    checkpoints: SortedLines, notes: Notes, vault_id: str, unwrap: Unwrap, report: Report
) -> Coverage:
    """Takes in what those checkpoints say that were made by the maintenance function and hold.

    What is wrong with the others is found when all chains are checked.
    """
    coverage = Coverage()

    def take(event: Event, container: Container) -> None:
        checkpoint = checkpoint_of(event) if container.function == "maintain" else None
        if checkpoint is not None:
            report.checkpoints += 1
            coverage.add(checkpoint)
            for noted, note in checkpoint.notes:
                notes.add(noted, note)

    for name, its_events in _by_chain(map(Event.from_line, checkpoints)):
        for _ in ChainCheck(vault_id, unwrap, Container(name), sound=take).findings(its_events):
            pass
    return coverage


def _check(
    events: SortedLines,
    notes: Notes,
    report: Report,
    *,
    vault_id: str,
    unwrap: Unwrap,
    told: Callable[[SortedLines], Iterator[Event]],
) -> Iterator[Finding]:
    for name, its_events in _by_chain(told(events)):
        report.chains += 1
        check = ChainCheck(vault_id, unwrap, Container(name), notes.of(name))
        yield from check.findings(its_events)


def _counted(
    lines: SortedLines,
    *,
    report: Report,
    progress: Callable[[Progress], None],
    on_event: Callable[[Event], None],
) -> Iterator[Event]:
    for event in map(Event.from_line, lines):
        report.events += 1
        if report.covered_until is None or event.at >= report.covered_until:
            report.events_after += 1
            report.reveals_after += event.revealed()
        if report.events % PROGRESS_STEP == 0:
            progress(Progress("checking", report.events, lines.added))
        on_event(event)
        yield event


def _by_chain(events: Iterable[Event]) -> Iterator[tuple[str, Iterator[Event]]]:
    return groupby(events, key=lambda event: event.chain)
