"""The steps that are of an export as a whole: begun, and its manifest written."""

import json
from collections.abc import Mapping
from typing import Any, Final, Protocol

from tokenvault_client.export import chain
from tokenvault_client.exports import BegunExport

from bulklib.errors import NotExportable
from bulklib.export_job import ExportJob, Request
from bulklib.objects import Objects, Version

_COUNTED: Final = ("chunks", "tokens", "failed")
_LONGEST_RECEIPT: Final = 16 * 1024
_VERSION: Final = 1


class Exports(Protocol):
    """What begins exports."""

    def begin(self, terms: Mapping[str, Any]) -> BegunExport:
        """Begins an export, and uses its approval up. Raises `ProblemError`."""
        ...


class ExportFiles:
    """Begins exports and ends them. What is under way and what came of it have a prefix each."""

    def __init__(self, objects: Objects, exports: Exports, under_way: str, results: str) -> None:
        self._objects, self._exports = objects, exports
        self._under_way, self._results = under_way, results

    def begin(self, document: object, execution: str) -> ExportJob:
        """Begins the export of an execution, once: tried again, it is the one that was begun.

        If the vault's answer was lost on the way here, its approval is used up, and another one has to be
        asked for. Raises `NotExportable`, `ConfigurationError` and the errors of the vault.
        """
        request, key = Request.of(document), f"{self._under_way}begun/{execution}.json"
        if self._objects.find(key) is None:
            noted = _noted(self._exports.begin(request.terms()), request)
            self._objects.put_new(key, json.dumps(noted).encode(), {})
        begun = self._objects.document(key)
        export_id = begun["export_id"]
        return ExportJob(
            export_id=export_id,
            parts=len(begun["cursors"]),
            begun=key,
            under_way=f"{self._under_way}{export_id}/",
            place=f"{self._results}{export_id}/",
        )

    def finish(self, job: ExportJob) -> dict[str, Any]:
        """Writes the manifest; gives its key and the totals. Raises `NotExportable` unless all parts are
        there, each with its own receipt. Whether the vault signed it, the recipient verifies."""
        begun = self._objects.document(job.begun)
        entries = [self._entry(job, number, begun["opening"]) for number in job.numbers]
        totals = {name: sum(entry[name] for entry in entries) for name in ("tokens", "failed")}
        about = {name: begun[name] for name in ("export_id", "types", "recipient_sha256")}
        self._objects.put_document(job.manifest, {"version": _VERSION, **about, **totals, "parts": entries})
        return {"manifest": job.manifest, **totals}

    def _entry(self, job: ExportJob, number: int, opening: str) -> dict[str, Any]:
        found = self._objects.find(job.file(number))
        if found is None:
            raise NotExportable(f"part {number} of {job.parts} is missing; begin another export")
        counts = {name: int(found.metadata[name]) for name in _COUNTED}
        says = self._receipt(found)
        expected = {
            **counts,
            "export_id": job.export_id,
            "part": job.part_of(number),
            "sha256": found.metadata["sha256"],
            "opening_sha256": chain.first_digest(opening, job.part_of(number)).hex(),
        }
        if {name: says.get(name) for name in expected} != expected:
            raise NotExportable(f"part {number} of {job.parts} does not end with its own receipt")
        about = {"key": found.key, "version_id": found.version_id, "etag": found.etag, "size": found.size}
        return {**about, "part": number, **counts, "sha256": found.metadata["sha256"]}

    def _receipt(self, found: Version) -> Mapping[str, Any]:
        start = max(0, found.size - _LONGEST_RECEIPT)
        last = self._objects.read(found.key, found.version_id, start, found.size).splitlines(keepends=True)
        try:
            return chain.claims(str(chain.read_line(last[-1])["receipt"]))
        except (ValueError, KeyError, IndexError):
            raise NotExportable("a file of the export does not end with a receipt") from None


def _noted(begun: BegunExport, request: Request) -> dict[str, Any]:
    """What is kept of a beginning. Raises `NotExportable` for an export that is not what was asked for."""
    if begun.recipient_sha256 != request.fingerprint or len(begun.cursors) != request.parts:
        raise NotExportable("the vault began another export than the one that was asked for")
    return {
        "export_id": begun.export_id,
        "opening": begun.opening,
        "cursors": list(begun.cursors),
        "types": list(begun.types),
        "recipient_sha256": begun.recipient_sha256,
    }
