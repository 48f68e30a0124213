"""What is written for a job and under which key, and the manifest, which says that all is there. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tokenvault_client.bulk.errors import NotImportable

from bulklib.job import Job
from bulklib.objects import Version
from bulklib.parts import Counts
from bulklib.planning import Part

_COUNTED: Final = ("rows", "values", "bad_cells")
_VERSION: Final = 1


def segments_key(job: Job) -> str:
    """The list of segments."""
    return f"{job.place}plan/segments.json"


def segment_key(job: Job, number: int) -> str:
    """What was found in a segment."""
    return f"{job.place}plan/segments/{number:06}.json"


def parts_key(job: Job) -> str:
    """The list of parts."""
    return f"{job.place}plan/parts.json"


def part_key(job: Job, part: Part) -> str:
    """A part's rows with their tokens."""
    return f"{job.place}{part.name}{job.suffix}"


def errors_key(job: Job, part: Part) -> str:
    """A part's bad cells, a line each; there only if it has any."""
    return f"{job.place}errors/{part.name}.jsonl"


def manifest_key(job: Job) -> str:
    """The manifest, written last."""
    return f"{job.place}manifest.json"


def metadata(part: Part, counts: Counts) -> dict[str, str]:
    """What stands with a part's object: the range that it holds, and its counts."""
    return {"range": f"{part.start}-{part.end}", **{name: str(getattr(counts, name)) for name in _COUNTED}}


def counts_of(part: Part, version: Version | None) -> Counts | None:
    """The counts of a part that was written; None if that range was not."""
    if version is None or version.metadata.get("range") != f"{part.start}-{part.end}":
        return None
    return Counts(**{name: int(version.metadata[name]) for name in _COUNTED})


def manifest(job: Job, planned: Sequence[Part], found: Sequence[Version | None]) -> dict[str, Any]:
    """Input, map, client, totals, and each part. Raises `NotImportable` if a part is missing.

    Each part begins with the file's head of `head_bytes`: without it, the parts behind the first are the rest
    of the file that one machine would have made.
    """
    entries = [_entry(job, part, version) for part, version in zip(planned, found, strict=True)]
    return {
        "version": _VERSION,
        "input": {"key": job.key, "version_id": job.version_id, "etag": job.etag, "size": job.size},
        "map": {"key": job.map, "version_id": job.map_version_id, "sha256": job.map_digest},
        "client": job.client,
        "format": job.format,
        "head_bytes": job.start,
        **{name: sum(entry[name] for entry in entries) for name in _COUNTED},
        "parts": entries,
    }


def _entry(job: Job, part: Part, version: Version | None) -> Mapping[str, Any]:
    counts = counts_of(part, version)
    if version is None or counts is None:
        raise NotImportable(f"{part.name} is missing; start another execution with the same input")
    bad = {"errors": errors_key(job, part)} if counts.bad_cells else {}
    about = {"key": version.key, "version_id": version.version_id, "etag": version.etag, "size": version.size}
    return {**about, "first_row": part.row + 1, **vars(counts), **bad}
