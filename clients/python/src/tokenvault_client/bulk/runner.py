"""An import from its first row to its last: read, sent, written in order, noted."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tokenvault_client.bulk.errors import NotImportable, TooManyErrors
from tokenvault_client.bulk.flights import in_order
from tokenvault_client.bulk.journal import Commit, Journal
from tokenvault_client.bulk.output import Output, Places, finish
from tokenvault_client.bulk.pace import Pace, Stopped
from tokenvault_client.bulk.progress import Progress, Reached
from tokenvault_client.bulk.rows import Chunk, Position, Source, cut
from tokenvault_client.bulk.sending import Sending, Tokenizing
from tokenvault_client.results import TokenizeResult

_AHEAD: Final = 4
"""Chunks begun for each request that may be under way: a slow answer holds up no other for a while."""


@dataclass(frozen=True)
class Limits:
    """`parallel` requests at once at most; more than `errors` bad cells end the run.

    So does the service if it carries out nothing for `patience` seconds.
    """

    parallel: int = 8
    errors: int = 100
    patience: float = 600.0


class Import:
    """One run of an import. Ended in whatever way, the next run goes on where its journal says."""

    def __init__(
        self,
        path: Path,
        source: Source,
        *,
        places: Places,
        journal: Journal,
        client: Tokenizing,
        limits: Limits,
        progress: Callable[[Reached], Progress],
        pace: Pace | None = None,
    ) -> None:
        self._path, self._source, self._places, self._journal = path, source, places, journal
        self._limits, self._pace = limits, pace or Pace(limits.parallel)
        self._sending = Sending(client, self._pace, limits.patience)
        self._progress = progress(self._reached(journal.last))

    def run(self) -> Commit:
        """All that is left to do; gives what was done by all runs together.

        Raises `NotImportable`, `NotWritten`, `TooManyErrors` and the errors of the client.
        """
        last = self._journal.last
        if last.done:
            finish(self._places, self._journal, self._source)
            return last
        before = self._path.stat()
        output = Output(self._places, self._journal, self._source)
        try:
            self._go_through(output)
            after = self._path.stat()
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise NotImportable("the input was changed while it was read")
            output.finish()
        finally:
            self._pace.stop()
            self._progress.end()
            output.close()
        return output.state

    def _go_through(self, output: Output) -> None:
        state = output.state
        rows = self._source.rows(Position(state.input, state.row))
        chunks = cut(rows, state.chunks)
        answered = in_order(
            chunks,
            self._send,
            self._limits.parallel,
            lambda: self._progress.tell(self._reached(output.state)),
            ahead=_AHEAD * self._limits.parallel,
        )
        try:
            with closing(answered):
                self._check(output)
                for chunk, results in answered:
                    output.write(chunk, results)
                    self._check(output)
                    self._progress.tell(self._reached(output.state))
        except Stopped as stopped:
            raise self._sending.raised(stopped) from None
        finally:
            self._pace.stop()
            output.commit()

    def _send(self, chunk: Chunk) -> list[TokenizeResult]:
        return self._sending.send(chunk.items, self._journal.key(chunk.number))

    def _check(self, output: Output) -> None:
        if output.state.failed > self._limits.errors:
            last = f"; the last: {output.last_bad.sentence()}" if output.last_bad else ""
            named = f"each is named in {self._places.bad_rows.name}"
            raise TooManyErrors(f"more than {self._limits.errors} cells are bad, {named}{last}")

    def _reached(self, state: Commit) -> Reached:
        share = state.input / self._source.total if self._source.total else 1.0
        return Reached(state.row, state.failed, min(share, 1.0), int(self._pace.allowed))
