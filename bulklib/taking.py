"""The step that takes a part in: fetched, sent, written beside the others. It alone knows the vault."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from tokenvault_client.bulk.mapping import ImportMap
from tokenvault_client.bulk.opening import open_source
from tokenvault_client.bulk.rows import Position, Source
from tokenvault_client.bulk.sending import Tokenizing

from bulklib import manifest
from bulklib.files import Files
from bulklib.job import Job
from bulklib.objects import Objects, Version
from bulklib.parts import Counts, Limits, take_in
from bulklib.planning import Part, request_key

_JSON_LINES, _BYTES = "application/jsonl", "application/octet-stream"

Vault = Callable[[ImportMap], Tokenizing]
"""What takes batches in, for a map that makes tokens or one whose values have them."""


class PartTaker:
    """The step of the function `part`."""

    def __init__(
        self, objects: Objects, files: Files, vault: Vault, *, parallel: int, patience: float
    ) -> None:
        self._objects, self._files, self._vault = objects, files, vault
        self._parallel, self._patience = parallel, patience

    def take(self, job: Job, part: Part) -> Counts | None:
        """Takes a part in; gives its counts, None if an earlier try or execution did all of it.

        Raises `NotImportable`, `TooManyErrors` and the errors of the vault. Until it is whole, nothing of the
        part is there; tried again, its values have the same tokens.
        """
        if manifest.counts_of(part, self._objects.find(manifest.part_key(job, part))) is not None:
            return None
        mapped = self._files.mapped(job)
        with tempfile.TemporaryDirectory() as folder, self._source(job, part, mapped, Path(folder)) as source:
            return self._taken(job, part, mapped, source, Path(folder))

    def _taken(self, job: Job, part: Part, mapped: ImportMap, source: Source, folder: Path) -> Counts:
        made, errors = folder / "out", folder / "errors"
        with made.open("wb") as out, errors.open("wb") as bad_rows:
            # Of the file, not of the part: a line feed or a mark that the part begins with is none of it.
            out.write(source.head[: job.start])
            counts = take_in(
                source,
                Position(part.row if job.format == "parquet" else job.lead, part.row),
                part,
                client=self._vault(mapped),
                key=lambda chunk: request_key(job.identity, part, chunk),
                limits=Limits(self._parallel, job.max_errors, self._patience),
                out=out,
                bad_rows=bad_rows,
            )
        if counts.bad_cells:
            self._put(manifest.errors_key(job, part), errors, {}, _JSON_LINES)
        # The part last: it says that all of it was taken in.
        self._put(manifest.part_key(job, part), source.finished(made), manifest.metadata(part, counts))
        return counts

    @contextmanager
    def _source(self, job: Job, part: Part, mapped: ImportMap, folder: Path) -> Iterator[Source]:
        """The part's rows: of bytes, a file of what the file begins with and of them, cut like the whole."""
        if job.format == "parquet":
            from tokenvault_client.bulk.parquet import ParquetFile  # noqa: PLC0415  # needs a layer

            version = Version(job.key, job.version_id, job.etag, job.size)
            with self._objects.seekable(version) as file:
                yield ParquetFile(file, mapped, range(part.start, part.end))
            return
        path = folder / f"in{job.suffix}"
        with path.open("wb") as file:
            file.write(self._objects.read(job.key, job.version_id, 0, job.lead))
            self._fetch(job, part, file)
        yield open_source(path, mapped)

    def _fetch(self, job: Job, part: Part, file: BinaryIO) -> None:
        with closing(self._objects.stream(job.key, job.version_id, part.start, part.end)) as stream:
            copyfileobj(stream, file, 1024 * 1024)

    def _put(self, key: str, path: Path, about: dict[str, str], kind: str = _BYTES) -> None:
        with path.open("rb") as file:
            self._objects.put(key, file, about, kind)
