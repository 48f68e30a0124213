"""The command that takes a file in: the same file with tokens comes out."""

import argparse
import contextlib
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Final

from tokenvault_client import bulk
from tokenvault_client.cli.exits import Exit, OutputFailed, UsageError
from tokenvault_client.cli.file_names import refuse_folder
from tokenvault_client.cli.session import Session
from tokenvault_client.client import Client
from tokenvault_client.errors import ProblemError, Refused
from tokenvault_client.retries import Retries

_ONE_ATTEMPT: Final = Retries(attempts=1, attempt_seconds=29.0)
"""The import itself sends again: it knows how many requests are under way."""

_TYPES_SECONDS: Final = 10.0
"""Longest wait for the policy's types, without which a run can begin as well."""

_ONCE: Final = {
    "unknown_type": "once the policy has the type, ",
    "not_permitted": "once this client may, ",
}
"""What has to be mended before a refused run goes on."""

_KEYS_LAST_SECONDS: Final = 23 * 3600
"""The service knows an idempotency key for a day; less an hour, for clocks that differ."""


def import_file(session: Session, chosen: argparse.Namespace) -> Exit:
    """A file with values in, the file with tokens out."""
    with _told(), session.reading(chosen.map, "--map") as file:
        mapped = bulk.read_map(file.read(), chosen.token_column)
    if str(chosen.input) == "-":
        raise UsageError("FILE: stdin cannot be read again by the run that goes on; a file is needed")
    with _told(), session.reading(str(chosen.input), "FILE"):
        source = bulk.open_source(chosen.input, mapped)
    if chosen.dry_run:
        return _dry_run(session, source, chosen.max_errors)
    return _run(session, chosen, mapped, source)


def _dry_run(session: Session, source: bulk.Source, most: int) -> Exit:
    """Reads the whole file and tells each bad cell; nothing is sent, nothing written."""
    rows = values = failed = 0
    with _told():
        for row in source.rows(source.start):
            rows, values = rows + 1, values + len(row.cells)
            for bad in row.bad[: max(0, most - failed)]:
                session.result(asdict(bad), bad.sentence())
            failed += len(row.bad)
    counts = {"rows": rows, "values": values, "bad_cells": failed}
    plain = f"{rows:,} rows, {values:,} values, {failed:,} bad cells; nothing was sent"
    if failed > most:
        counts["listed"] = most
        plain = f"the first {most:,} of {failed:,} bad cells are listed; --max-errors N lists more\n{plain}"
    session.result({"dry_run": counts}, plain)
    return Exit.SOME_FAILED if failed else Exit.OK


def _run(session: Session, chosen: argparse.Namespace, mapped: bulk.ImportMap, source: bulk.Source) -> Exit:
    places = _places(chosen)
    limits = bulk.Limits(chosen.parallel, chosen.max_errors)
    identity = hashlib.sha256(json.dumps(session.caller()).encode()).hexdigest()
    progress = partial(bulk.Progress, session.stderr, terminal=session.stderr.isatty())
    with _told(), contextlib.ExitStack() as stack:
        client = stack.enter_context(session.client(_ONE_ATTEMPT))
        _refuse_unknown(client, mapped)
        opened = bulk.open_journal(places.journal, chosen.input, mapped.digest, identity)
        journal = stack.enter_context(opened)
        _refuse_existing(places, journal)
        if journal.resumed:
            _tell_resumed(session, journal.last, keeps_tokens=mapped.keeps_tokens)
        work = bulk.Import(
            chosen.input,
            source,
            places=places,
            journal=journal,
            client=bulk.Keeping(client) if mapped.keeps_tokens else client,
            limits=limits,
            progress=progress,
        )
        with _advised(session, journal, places):
            done = work.run()
    return _ended(session, done, places)


def _refuse_unknown(client: Client, mapped: bulk.ImportMap) -> None:
    """Asks once, before anything is sent. Where nobody answers, the first answer of the run tells it."""
    with contextlib.suppress(ProblemError):
        bulk.refuse_unknown(mapped.columns, client.types(timeout=_TYPES_SECONDS))


def _places(chosen: argparse.Namespace) -> bulk.Places:
    if chosen.out is None:
        raise UsageError("--out: the name of the file with tokens is needed, or --dry-run")
    refuse_folder("--out", chosen.out)
    if chosen.out.exists() and chosen.out.samefile(chosen.input):
        raise UsageError("--out: must be another file than the input")
    if not chosen.out.parent.is_dir():
        raise UsageError("--out: there is no such folder")
    return bulk.Places(chosen.out)


def _refuse_existing(places: bulk.Places, journal: bulk.Journal) -> None:
    """No file is written over, except by the last step of its own import."""
    if places.out.exists() and not journal.last.done:
        if not journal.resumed:
            journal.remove()
        raise UsageError("--out: there is a file of this name already")


def _tell_resumed(session: Session, last: bulk.Commit, *, keeps_tokens: bool) -> None:
    session.say(f"going on after row {last.row:,}")
    if time.time() - last.at > _KEYS_LAST_SECONDS:
        fate = "are refused as token_taken" if keeps_tokens else "get new tokens"
        session.say(
            "the last run ended more than 23 hours ago: values of random types that it had sent and not "
            f"written, some thousand at most, {fate}: the service no longer knows the requests"
        )


def _ended(session: Session, done: bulk.Commit, places: bulk.Places) -> Exit:
    counts = {"rows": done.row, "values": done.values, "bad_cells": done.failed}
    plain = f"{done.row:,} rows, {done.values:,} values, {done.failed:,} bad cells"
    plain += f", each named in {places.bad_rows.name}" if done.failed else ""
    session.result({"imported": counts}, plain)
    return Exit.SOME_FAILED if done.failed else Exit.OK


@contextlib.contextmanager
def _advised(session: Session, journal: bulk.Journal, places: bulk.Places) -> Iterator[None]:
    """Whatever ends a run, the next one goes on, and its user is told so, and what to mend first."""
    try:
        yield
    except bulk.NotImportable:
        raise  # The same command would be refused again.
    except BaseException as error:
        session.say(f"{journal.last.row:,} rows are done; {_advice(error, places)}")
        raise


def _advice(error: BaseException, places: bulk.Places) -> str:
    """How to go on. What a map is at fault for, the same command would meet again."""
    unless = "with a larger --max-errors " if isinstance(error, bulk.TooManyErrors) else ""
    if isinstance(error, Refused):
        unless = _ONCE.get(error.code, "")
    goes_on = f"{unless}the same command goes on after them"
    beside = ", ".join(path.name for path in (places.part, places.journal, places.bad_rows))
    anew = f"; to begin anew with another map, file or client, remove {beside}"
    return f"{goes_on}{anew}" if unless else goes_on


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except bulk.NotImportable as error:
        raise UsageError(str(error)) from None
    except bulk.NotWritten as error:
        raise OutputFailed(str(error)) from None
    except OSError as error:
        raise OutputFailed.of(error) from None
