"""The steps that look at a file as a whole: laid out, scanned, planned, and its manifest written."""

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Final, TypeVar

from tokenvault_client.bulk.csv_cells import Cutter
from tokenvault_client.bulk.csv_files import CsvFile, csv_options
from tokenvault_client.bulk.errors import NotImportable
from tokenvault_client.bulk.json_lines import json_lines
from tokenvault_client.bulk.lines import MAX_ROW, lines
from tokenvault_client.bulk.mapping import ImportMap, read_map
from tokenvault_client.bulk.opening import format_of, open_source
from tokenvault_client.bulk.rows import Source

from bulklib import manifest
from bulklib.job import Job, Request, digest_of
from bulklib.objects import Objects, Version
from bulklib.planning import (
    PART_VALUES,
    SEGMENT_BYTES,
    Part,
    Segment,
    group_parts,
    part_rows,
    parts,
    segments,
)
from bulklib.scanning import Scanned, scan
from bulklib.segments import segment_lines

Item = TypeVar("Item")
Result = TypeVar("Result")

_LARGEST_MAP: Final = 1024 * 1024
_BEGINNING: Final = MAX_ROW + 1024 * 1024
"""Bytes of a file that are read to find its first record."""

_AT_ONCE: Final = 32
"""Small objects that are read at once."""


class Files:
    """The steps of the function `files`. `client` is the one that batches are taken in as."""

    def __init__(
        self,
        objects: Objects,
        client: str,
        input_prefix: str,
        output_prefix: str,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        part_values: int = PART_VALUES,
    ) -> None:
        self._objects, self._segment_bytes, self._part_values = objects, segment_bytes, part_values
        self._client, self._input_prefix, self._output_prefix = client, input_prefix, output_prefix

    def lay_out(self, document: object) -> dict[str, Any]:
        """Pins an execution's input, and cuts the file into segments; Parquet has parts at once.

        Gives the job, and how many segments are to be scanned. Raises `NotImportable`.
        """
        request = Request.of(document, self._input_prefix)
        map_version = self._objects.pinned(request.map, request.map_version_id)
        mapped, version = self._map(map_version), self._objects.pinned(request.key, request.version_id)
        kind = format_of(Path(request.key).suffix, mapped)
        job = Job(
            key=request.key,
            version_id=version.version_id,
            etag=version.etag,
            size=version.size,
            map=request.map,
            map_version_id=map_version.version_id,
            map_digest=mapped.digest,
            client=self._client,
            format=kind,
            place=self._place(request.key, version.version_id, mapped.digest),
            lead=0,
            start=0,
            max_errors=request.max_errors,
        )
        if kind == "parquet":
            return self._laid_out_groups(job, version, mapped)
        job = self._begun(job, mapped)
        found = segments(job.start, job.size, self._segment_bytes)
        self._objects.put_document(manifest.segments_key(job), [vars(segment) for segment in found])
        return _laid_out(job, len(found))

    def scan(self, job: Job, segment: Segment) -> None:
        """Finds the borders of a segment. Raises `NotImportable`."""
        mapped, is_csv = self.mapped(job), job.format == "csv"
        cutter = Cutter(csv_options(job.suffix, mapped)) if is_csv else None
        begin = max(0, segment.start - 1)
        with closing(self._objects.stream(job.key, job.version_id, begin)) as stream:
            read = segment_lines(stream, segment, job.start, lines if is_csv else json_lines)
            scanned = scan(read.lines, read.start, self._rows(mapped), cutter)
        self._objects.put_document(manifest.segment_key(job, segment.number), scanned.document())

    def plan(self, job: Job, segment_count: int) -> int:
        """Cuts the file into parts by what was found in all segments; gives how many there are.

        A plan that is there is gone on with, so that what was taken in stays so. Raises `NotImportable`.
        """
        if self._objects.find(manifest.parts_key(job)) is None:
            keys = [manifest.segment_key(job, number) for number in range(segment_count)]
            scanned = [Scanned.of(document) for document in side_by_side(self._objects.document, keys)]
            self._write_plan(job, parts(job.start, scanned))
        return len(self._parts(job))

    def finish(self, job: Job) -> dict[str, Any]:
        """Writes the manifest; gives its key and the totals. Raises `NotImportable` if a part is missing."""
        planned = self._parts(job)
        found = list(side_by_side(lambda part: self._objects.find(manifest.part_key(job, part)), planned))
        written = manifest.manifest(job, planned, found)
        self._objects.put_document(manifest.manifest_key(job), written)
        totals = {name: written[name] for name in ("rows", "values", "bad_cells")}
        return {"manifest": manifest.manifest_key(job), **totals}

    def mapped(self, job: Job) -> ImportMap:
        """The job's map."""
        return read_map(self._objects.read(job.map, job.map_version_id, 0, _LARGEST_MAP))

    def _place(self, key: str, version_id: str, map_digest: str) -> str:
        return f"{self._output_prefix}{key}/{digest_of(version_id, map_digest, self._client)}/"

    def _map(self, version: Version) -> ImportMap:
        if version.size > _LARGEST_MAP:
            raise NotImportable("map: too large")
        return read_map(self._objects.read(version.key, version.version_id, 0, version.size))

    def _begun(self, job: Job, mapped: ImportMap) -> Job:
        """The job with what the beginning of the file tells."""
        end = min(job.size, _BEGINNING)
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch, f"beginning{job.suffix}")
            path.write_bytes(self._objects.read(job.key, job.version_id, 0, end))
            source: Source = open_source(path, mapped)
        lead = source.first_end if isinstance(source, CsvFile) else source.start.at
        return Job.of({**job.document(), "lead": lead, "start": source.start.at})

    def _laid_out_groups(self, job: Job, version: Version, mapped: ImportMap) -> dict[str, Any]:
        from tokenvault_client.bulk.parquet import ParquetFile  # noqa: PLC0415  # needs a layer with pyarrow

        source = ParquetFile(self._objects.seekable(version), mapped)
        if self._objects.find(manifest.parts_key(job)) is None:
            self._write_plan(job, group_parts(source.group_rows, self._rows(mapped)))
        return _laid_out(job, 0)

    def _rows(self, mapped: ImportMap) -> int:
        return part_rows(self._part_values, len(mapped.columns))

    def _write_plan(self, job: Job, planned: Iterable[Part]) -> None:
        """Writes the plan, unless another execution was quicker: then its plan holds."""
        content = json.dumps([part.document() for part in planned]).encode()
        self._objects.put_new(manifest.parts_key(job), content, {})

    def _parts(self, job: Job) -> list[Part]:
        return [Part(**document) for document in self._objects.document(manifest.parts_key(job))]


def side_by_side(do: Callable[[Item], Result], items: Iterable[Item]) -> Iterable[Result]:
    """The results in order, several at work at once. Raises the first error."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(do, items)


def _laid_out(job: Job, segment_count: int) -> dict[str, Any]:
    keys: Mapping[str, str] = {"segments": manifest.segments_key(job), "parts": manifest.parts_key(job)}
    return {"job": job.document(), "keys": keys, "segments": segment_count}
