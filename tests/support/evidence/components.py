"""The components of the package that runs in Lambda, as CycloneDX by `cyclonedx-py`."""

import json
from pathlib import Path
from typing import Any, Final

from tests.support.evidence.part import CannotHaveError, Part, Table
from tests.support.evidence.versions import Run

NAME: Final = "components.cdx"
TITLE: Final = "Components (CycloneDX)"


def components(run: Run, tool: Path, lock: Path) -> Part:
    """The part: what the tool makes of the lock, as it made it. Raises `CannotHaveError` without the tool."""
    if not tool.exists():
        raise CannotHaveError("cyclonedx-py is not installed; `make evidence` installs it")
    options = ["requirements", "--output-reproducible", "--output-format", "JSON", str(lock)]
    try:
        document = json.loads(run([str(tool), *options]))
    except ValueError:
        raise CannotHaveError("cyclonedx-py printed no JSON") from None
    return _part(document)


def _part(document: dict[str, Any]) -> Part:
    found = sorted(document.get("components", []), key=lambda component: str(component["name"]))
    unhashed = [f"{TITLE}: {entry['name']} has no hash" for entry in found if not _hashes(entry)]
    if not found:
        raise CannotHaveError("cyclonedx-py found no component in the lock")
    rows = [[entry["name"], entry.get("version", ""), str(_hashes(entry))] for entry in found]
    return Part(
        NAME,
        TITLE,
        "incomplete" if unhashed else "recorded",
        f"{len(found)} libraries, as {document['bomFormat']} {document['specVersion']}",
        document,
        [Table("Libraries in the package", ["library", "version", "hashes of its files"], rows)],
        unhashed,
    )


def _hashes(component: dict[str, Any]) -> int:
    """How many files of a component the lock has hashes of; CycloneDX has them with its references."""
    references = component.get("externalReferences", [])
    return len(component.get("hashes", [])) + sum(len(found.get("hashes", [])) for found in references)
