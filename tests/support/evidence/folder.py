"""The folder that is filed: a JSON file a part, the page, and the digests of all of them."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.support.evidence import versions
from tests.support.evidence.html_page import page
from tests.support.evidence.part import STATES, Part


def write(root: Path, day: date, parts: Sequence[Part]) -> Path:
    """Writes `<root>/<day>` whole, in place of what an earlier run of that day wrote, and returns it."""
    folder, new = root / day.isoformat(), root / f".{day.isoformat()}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for part in parts:
        if part.data is not None:
            _write(new / f"{part.name}.json", json.dumps(part.data, indent=1, sort_keys=True) + "\n")
    _write(new / "index.html", page(f"tokenvault: evidence of {day.isoformat()}", _facts(day, parts), parts))
    _write(new / "manifest.json", json.dumps(_manifest(new, day, parts), indent=1) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    return folder


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def worst(parts: Sequence[Part]) -> str:
    """The state of the whole."""
    return min((part.state for part in parts), key=STATES.index)


def _facts(day: date, parts: Sequence[Part]) -> list[list[str]]:
    commits = [
        part.data["versions"].get("git commit") for part in parts if part.name == versions.NAME and part.data
    ]
    commit = next(filter(None, commits), "not known")
    return [["date", day.isoformat()], ["git commit", commit], ["state of the whole", worst(parts)]]


def _manifest(folder: Path, day: date, parts: Sequence[Part]) -> dict[str, object]:
    """What the folder has, so that a reader can tell whether a file was changed since, and what it lacks."""
    files = sorted(file for file in folder.iterdir())
    return {
        "date": day.isoformat(),
        "state": worst(parts),
        "parts": {part.name: {"state": part.state, "summary": part.summary} for part in parts},
        "missing": [line for part in parts for line in part.missing],
        "sha256": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
    }
