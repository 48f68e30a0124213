"""An export on its way: what was received so far, beside the output, so that the next run goes on.

The part has the lines of the file to be and, between them, lines of its own: first what was asked for, then
the cursor behind each page. A page and its cursor are written together and are on the disk before the next
page is asked for. What a sudden end left behind the last cursor is cut off. No value in it is not sealed.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from tokenvault_client.errors import VerificationError
from tokenvault_client.export import chain
from tokenvault_client.exports import BegunExport, ExportPage
from tokenvault_client.locking import locked

_OF_THE_FILE = ("tokenvault_export", "chunk", "receipt")


class OtherExport(Exception):  # an outcome: the user is told what to do
    """The part at this place is of something else than what is asked for now."""


@dataclass
class Part:
    """A part that this process holds alone. `asked` is what it was begun for.

    `opening` is None until the export was begun, `cursor` until then and again at the end. `receipt` is there
    once all of it is. `tokens`, `failed` and `walked` are of the last page.
    """

    path: Path
    file: BinaryIO = field(repr=False)
    asked: Mapping[str, Any]
    opening: str | None = field(default=None, repr=False)
    cursor: str | None = field(default=None, repr=False)
    receipt: str | None = field(default=None, repr=False)
    digest: bytes = b""
    number: int = 0
    tokens: int = 0
    failed: int = 0
    walked: float = 0.0

    def begin(self, begun: BegunExport) -> None:
        """Notes the opening, and where the first page begins."""
        self.opening, self.cursor, self.digest = (
            begun.opening,
            begun.cursor,
            chain.first_digest(begun.opening),
        )
        self._append(chain.first_line(begun.opening) + _own({"cursor": begun.cursor}))

    def take(self, page: ExportPage) -> None:
        """Puts a page behind the others. Raises `VerificationError` for one that is not the next."""
        if page.number != self.number + 1 or (page.cursor is None) == (page.receipt is None):
            raise VerificationError("the service answered another page than the next one")
        line = chain.chunk_line(page.number, page.sealed, last=page.receipt is not None)
        counts = {"tokens": page.tokens, "failed": page.failed, "walked": page.walked}
        behind = _own({"cursor": page.cursor, **counts})
        self._append(line + (chain.receipt_line(page.receipt) if page.receipt else behind))
        self.digest, self.number = chain.next_digest(self.digest, page.sealed), page.number
        self.cursor, self.receipt = page.cursor, page.receipt
        self.tokens, self.failed, self.walked = page.tokens, page.failed, page.walked

    def finish(self, out: Path) -> Mapping[str, Any]:
        """Gives the file its name, once the receipt counts what is in it; what the receipt says.

        Done again after a sudden end, it does the same. Raises `VerificationError` or `OSError`.
        """
        says = chain.claims(str(self.receipt))
        if (says.get("sha256"), says.get("chunks")) != (self.digest.hex(), self.number):
            raise VerificationError(
                "the receipt is not of what lies in the part: it was changed on this disk"
            )
        whole = out.with_name(f"{out.name}.whole")
        with self.path.open("rb") as part, whole.open("wb") as file:
            for raw in part:
                if any(name in chain.read_line(raw) for name in _OF_THE_FILE):
                    file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.replace(whole, out)
        _sync_folder(out.parent)
        self.path.unlink()
        return says

    def is_finished_at(self, out: Path) -> bool:
        """Whether a run that ended suddenly gave the file its name already."""
        if self.receipt is None or not out.exists():
            return False
        end = chain.receipt_line(self.receipt)
        with out.open("rb") as file:
            file.seek(max(0, out.stat().st_size - len(end)))
            return file.read() == end

    def remove(self) -> None:
        """Nothing is left to go on with."""
        with suppress(FileNotFoundError):
            self.path.unlink()

    def _append(self, lines: bytes) -> None:
        rest = memoryview(lines)
        while rest:  # the file has no buffer, and a disk that is nearly full takes a part
            rest = rest[self.file.write(rest) :]
        os.fsync(self.file.fileno())


@contextmanager
def opened(path: Path, asked: Mapping[str, Any]) -> Iterator[Part]:
    """The part at a path, begun or gone on with, locked against every other process.

    Raises `OtherExport` if it was begun for something else, or is none, `Busy` if another run is at work, and
    `OSError`.
    """
    with locked(path) as file:
        part, whole = _read(path, file)
        file.truncate(whole)
        file.seek(whole)
        if part is None:
            part = Part(path, file, asked)
            part._append(_own({"asked": asked}))
        elif part.asked != asked:
            raise OtherExport(f"{path.name} is of another export; finish that, or remove it to begin anew")
        yield part


def _read(path: Path, file: BinaryIO) -> tuple[Part | None, int]:
    """What the part holds up to its last whole step, and where that ends. Raises `OtherExport`."""
    part: Part | None = None
    whole, at, pending = 0, 0, None
    with path.open("rb") as source:
        for raw in source:
            at += len(raw)
            try:
                line = chain.read_line(raw)
            except ValueError:
                break
            if part is None:
                if "asked" not in line:
                    raise OtherExport(f"{path.name} is no part of an export")
                part, whole = Part(path, file, line["asked"]), at
            elif "cursor" in line or "receipt" in line:
                _step(part, pending, line)
                whole, pending = at, None
            else:
                pending = line
    return part, whole


def _step(part: Part, pending: Mapping[str, Any] | None, line: Mapping[str, Any]) -> None:
    """Takes a line and its cursor, or the receipt, as they were noted."""
    if pending is not None and "opening" in pending:
        part.opening = pending["opening"]
        part.digest = chain.first_digest(pending["opening"])
    elif pending is not None:
        part.digest, part.number = chain.next_digest(part.digest, chain.sealed_of(pending)), pending["chunk"]
    part.cursor, part.receipt = line.get("cursor"), line.get("receipt")
    part.tokens, part.failed = line.get("tokens", part.tokens), line.get("failed", part.failed)
    part.walked = line.get("walked", part.walked)


def _own(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def _sync_folder(folder: Path) -> None:
    """The new name is on the disk as well; Windows does not open folders, and needs no such call."""
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
