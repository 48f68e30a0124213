"""An export on its way: what was received so far, beside the output, so that the next run goes on.

It has the lines that the finished files will have and, between them, lines of its own: first what was asked
for, then the cursor after each page. A page and its cursor are written together, and are on the disk before
the next page of the same part is asked for. What a sudden end left after the last cursor is cut off. All
values in it are sealed.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Final

from tokenvault_client.durable import append, sync_folder
from tokenvault_client.export import chain
from tokenvault_client.export.part import Part, own
from tokenvault_client.exports import ExportPage
from tokenvault_client.locking import locked

_OF_THE_FILE: Final = ("tokenvault_export", "chunk", "receipt")


class OtherExport(Exception):  # an outcome: the user is told what to do
    """What lies at this place is of something else than what is asked for now."""


@dataclass
class UnderWay:
    """An export that this process holds alone. `asked` is what it was begun for, `opening` None until then.

    Its parts may be gone on with by several threads, each part by one.
    """

    path: Path
    file: BinaryIO = field(repr=False)
    asked: Mapping[str, Any]
    parts: Sequence[Part]
    opening: str | None = field(default=None, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def tokens(self) -> int:
        """Values that were received."""
        return sum(part.tokens for part in self.parts)

    @property
    def failed(self) -> int:
        """Tokens whose values do not open."""
        return sum(part.failed for part in self.parts)

    @property
    def walked(self) -> float:
        """How much of the vault was walked, from 0 to 1."""
        return sum(part.walked for part in self.parts) / len(self.parts)

    def begin(self, opening: str, cursors: Sequence[str]) -> None:
        """Notes the opening, and where the first page of each part begins."""
        pairs = list(zip(self.parts, cursors, strict=True))
        append(self.file, b"".join(part.begins(opening, cursor) for part, cursor in pairs))
        self.opening = opening
        for part, cursor in pairs:
            part.cursor, part.digest = cursor, chain.first_digest(opening, part.part)

    def take(self, part: Part, page: ExportPage) -> None:
        """Puts a page behind the others of its part. Raises `VerificationError` for one that is not next."""
        lines = part.follows(page)
        with self._lock:
            append(self.file, lines)
            part.take(page)

    def finish(self, outputs: Sequence[Path]) -> list[Mapping[str, Any]]:
        """Gives the files their names, once the receipts count what is in them; what the receipts say.

        After a sudden end it can be done again, with the same result. Raises `VerificationError` or
        `OSError`.
        """
        says = [part.counted() for part in self.parts]
        made = [out.with_name(f"{out.name}.whole") for out in outputs]
        with _taken_back(made):
            self._write_apart(made)
            for whole, out in zip(made, outputs, strict=True):
                os.replace(whole, out)
        sync_folder(outputs[0].parent)
        self.path.unlink()
        return says

    def is_finished_at(self, outputs: Sequence[Path]) -> bool:
        """Whether all files that are there got their names from this export, before it ended suddenly."""
        there = [pair for pair in zip(self.parts, outputs, strict=True) if pair[1].exists()]
        return all(part.receipt is not None and _ends_with(out, part.receipt) for part, out in there)

    def remove(self) -> None:
        """Nothing is left to go on with."""
        with suppress(FileNotFoundError):
            self.path.unlink()

    def _write_apart(self, places: Sequence[Path]) -> None:
        """The lines of each file to be, in a file of its own."""
        with self.path.open("rb") as noted, ExitStack() as stack:
            files = [stack.enter_context(place.open("wb")) for place in places]
            file = files[0]
            for raw in noted:
                line = chain.read_line(raw)
                if line.keys() == {"part"}:
                    file = files[line["part"] - 1]
                elif any(name in line for name in _OF_THE_FILE):
                    file.write(raw)
            for written in files:
                written.flush()
                os.fsync(written.fileno())


@contextmanager
def opened(path: Path, asked: Mapping[str, Any]) -> Iterator[UnderWay]:
    """The export at a path, begun or gone on with, locked against every other process.

    `asked` has how many `parts` there are, unless there is one. Raises `OtherExport` if it was begun for
    something else, or is none, `Busy` if another run is at work, and `OSError`.
    """
    with locked(path) as file:
        found, whole = _read(path, file)
        file.truncate(whole)
        file.seek(whole)
        if found is None:
            found = UnderWay(path, file, asked, _parts(asked))
            append(file, own({"asked": asked}))
            sync_folder(path.parent)  # what is lost once the export is begun takes another approval
        elif found.asked != asked:
            raise OtherExport(f"{path.name} is of another export; finish that, or remove it to begin anew")
        yield found


@contextmanager
def _taken_back(places: Sequence[Path]) -> Iterator[None]:
    """Files that do not get their names go again: the next try needs the room that they take."""
    try:
        yield
    except BaseException:
        for place in places:
            place.unlink(missing_ok=True)
        raise


def _parts(asked: Mapping[str, Any]) -> list[Part]:
    count = asked.get("parts", 1)
    return [Part()] if count == 1 else [Part(number) for number in range(1, count + 1)]


def _read(path: Path, file: BinaryIO) -> tuple[UnderWay | None, int]:
    """What was received up to the last whole step, and where that ends. Raises `OtherExport`."""
    found: UnderWay | None = None
    whole, at, part, pending = 0, 0, Part(), None
    for raw, line in _lines(path):
        at += len(raw)
        if found is None:
            if "asked" not in line:
                raise OtherExport(f"{path.name} is no part of an export")
            found, whole = UnderWay(path, file, line["asked"], _parts(line["asked"])), at
            part = found.parts[0]
        elif line.keys() == {"part"}:
            part = found.parts[line["part"] - 1]
        elif "cursor" in line or "receipt" in line:
            part.noted(pending, line)
            pending = None
            if all(each.is_begun for each in found.parts):  # of a beginning that was cut, nothing counts
                whole = at
        else:
            found.opening, pending = line.get("opening", found.opening), line
    if found is not None and not all(each.is_begun for each in found.parts):
        found.opening, found.parts = None, _parts(found.asked)
    return found, whole


def _lines(path: Path) -> Iterator[tuple[bytes, Mapping[str, Any]]]:
    """The whole lines of a file, up to the first that is cut or is none."""
    with path.open("rb") as source, suppress(ValueError):
        for raw in source:
            yield raw, chain.read_line(raw)


def _ends_with(out: Path, receipt: str) -> bool:
    end = chain.receipt_line(receipt)
    with out.open("rb") as file:
        file.seek(max(0, out.stat().st_size - len(end)))
        return file.read() == end
