"""What an import writes: the output as far as it is whole, and the file of bad rows."""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import BinaryIO, Final

from tokenvault_client.bulk.errors import NotImportable, NotWritten
from tokenvault_client.bulk.journal import Commit, Journal
from tokenvault_client.bulk.rows import Bad, Chunk, Source, rendered
from tokenvault_client.durable import sync_folder
from tokenvault_client.results import TokenizeResult

_COMMIT_SECONDS: Final = 0.3
"""How much is sent anew, at most, after a sudden end."""


class Places:
    """Where an import's files lie: all beside the output."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.part, self.journal, self.bad_rows = (
            out.with_name(f"{out.name}.{name}") for name in ("part", "journal", "errors.jsonl")
        )


class Output:
    """Takes chunks in the order of the input. What was written behind the last commit is written anew."""

    def __init__(
        self, places: Places, journal: Journal, source: Source, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._places, self._journal, self._source, self._clock = places, journal, source, clock
        # A run that wrote no chunk left nothing behind but perhaps the head, which is written anew.
        self.state = journal.last if journal.last.chunks else Commit()
        self.last_bad: Bad | None = None
        # The first chunk is noted at once, so that each run gets a little further.
        self._committed_at = clock() - _COMMIT_SECONDS
        with _writing():
            self._part = _cut_back(places.part, self.state.output)
            self._bad_rows = _cut_back(places.bad_rows, self.state.bad_rows)
        if self.state.chunks == 0:
            self._begin()

    def write(self, chunk: Chunk, results: Sequence[TokenizeResult]) -> None:
        """The chunk's rows with their tokens. Raises `NotWritten`."""
        content, bad = rendered(chunk, results)
        listed = b"".join(json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n" for entry in bad)
        with _writing():
            self._part.write(content)
            self._bad_rows.write(listed)
        self.last_bad = bad[-1] if bad else self.last_bad
        place, before = chunk.place, self.state
        self.state = Commit(
            chunks=chunk.number + 1,
            row=place.row,
            input=place.at,
            output=before.output + len(content),
            bad_rows=before.bad_rows + len(listed),
            values=before.values + len(results),
            failed=before.failed + len(bad),
        )
        if self._clock() - self._committed_at >= _COMMIT_SECONDS:
            self.commit()

    def commit(self) -> None:
        """All that was written is on the disk, and noted. Raises `NotWritten`."""
        if self.state == self._journal.last:
            return
        with _writing():
            for file in (self._part, self._bad_rows):
                file.flush()
                os.fsync(file.fileno())
            self.state = replace(self.state, at=time.time())
            self._journal.commit(self.state)
        self._committed_at = self._clock()

    def finish(self) -> None:
        """The output takes its name, and the journal goes. Raises `NotWritten`."""
        self.state = replace(self.state, done=True)
        self.commit()
        self.close()
        with _writing():
            finish(self._places, self._journal, self._source)

    def close(self) -> None:
        """Closes the files; what is not committed is lost."""
        for file in (self._part, self._bad_rows):
            with contextlib.suppress(OSError):
                file.close()

    def _begin(self) -> None:
        with _writing():
            self._part.write(self._source.head)
        self.state = replace(self.state, output=len(self._source.head), input=self._source.start.at)


def finish(places: Places, journal: Journal, source: Source) -> None:
    """The last steps, which may have been done in part: each may be done again. Raises `OSError`."""
    if places.part.exists():
        made = source.finished(places.part)
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(made, places.out)
        places.part.unlink(missing_ok=True)
    if places.bad_rows.exists() and not places.bad_rows.stat().st_size:
        places.bad_rows.unlink()
    sync_folder(places.out.parent)
    journal.remove()


def _cut_back(path: Path, length: int) -> BinaryIO:
    """The file, cut to what is known to be whole. Raises `NotImportable` if not even that is there."""
    file = open(path, "ab")  # noqa: SIM115  # closed by the output that writes to it
    if file.tell() < length:
        file.close()
        raise NotImportable(f"{path.name} is shorter than its journal says; remove both to begin anew")
    file.truncate(length)
    return file


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotWritten(f"the output could not be written: {error.strerror or 'unknown reason'}") from None
