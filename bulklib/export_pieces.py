"""A part of an export on its way: carried in pieces of many pages, each an object that is there whole or not.

A piece holds lines of the file to be and, behind them, a line with what the next one goes on from: so whoever
died between two pieces left nothing but a page asked for in vain, and the last piece says where the part is.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tokenvault_client.export import chain
from tokenvault_client.export.part import Part
from tokenvault_client.exports import ExportPage

from bulklib.errors import Failed
from bulklib.export_job import ExportJob
from bulklib.objects import LEAST_PART, MOST_PARTS, Beginning, Objects

LENGTH: Final = "lines"
"""The metadata that say how many bytes of a piece are of the file to be."""

_NOTED: Final = ("cursor", "receipt", "number", "tokens", "failed", "walked")


@dataclass
class Carrying:
    """How far a part is. `lengths` are those of the pieces that are stored, `lines` what is not yet."""

    part: Part
    lengths: list[int] = field(default_factory=list)
    lines: bytearray = field(default_factory=bytearray, repr=False)

    def add(self, page: ExportPage) -> None:
        """Puts a page behind the others. Raises `VerificationError` for one that is not the next."""
        self.lines += self.part.of_the_file(page)
        self.part.take(page)

    def content(self) -> bytes:
        """The next piece."""
        noted = {name: getattr(self.part, name) for name in _NOTED}
        state = {**noted, "digest": self.part.digest.hex(), "lengths": [*self.lengths, len(self.lines)]}
        return bytes(self.lines) + json.dumps(state).encode() + b"\n"


class Pieces:
    """The pieces of a part in the bucket."""

    def __init__(self, objects: Objects, job: ExportJob, number: int) -> None:
        self._objects, self._job, self._number = objects, job, number

    def begun(self, opening: str, cursor: str) -> Carrying:
        """The part as far as its last piece has it; from its beginning, if there is none."""
        keys, part = self._objects.keys(self._job.pieces(self._number)), self._job.part_of(self._number)
        if keys:
            return self._noted(keys[-1], part)
        made = Part(part, cursor=cursor, digest=chain.first_digest(opening, part))
        return Carrying(made, lines=bytearray(chain.first_line(opening, part)))

    def store(self, carrying: Carrying) -> None:
        """Stores what is not yet, unless that is nothing. Raises `Failed` if another run was quicker."""
        if not carrying.part.number or not carrying.lines:
            return
        key = self._job.piece(self._number, len(carrying.lengths) + 1)
        if not self._objects.put_new(key, carrying.content(), {LENGTH: str(len(carrying.lines))}):
            raise Failed("another run carries this part, too; going on from what it stored")
        carrying.lengths.append(len(carrying.lines))
        carrying.lines.clear()

    def join(self, lengths: Sequence[int], metadata: dict[str, str]) -> None:
        """Makes the file of all pieces."""
        sources = [
            Beginning(self._job.piece(self._number, piece), length) for piece, length in enumerate(lengths, 1)
        ]
        self._objects.join(self._job.file(self._number), groups(sources), metadata)

    def _noted(self, key: str, part: int | None) -> Carrying:
        found = self._objects.pinned(key, None)
        tail = self._objects.read(key, found.version_id, int(found.metadata[LENGTH]), found.size)
        state: dict[str, Any] = json.loads(tail)
        noted = {name: state[name] for name in _NOTED}
        return Carrying(Part(part, digest=bytes.fromhex(state["digest"]), **noted), state["lengths"])


def groups(sources: Sequence[Beginning], least: int = LEAST_PART) -> list[list[Beginning]]:
    """The pieces in groups of at least so many bytes each, but for the last; large ones alone, if may be.

    There are never more groups than an upload has parts: runs that end early leave small pieces, of which
    there may be any number, and then the smallest go together.
    """
    made = _groups(sources, least)
    while len(made) > MOST_PARTS:
        least *= 2
        made = _groups(sources, least)
    return made


def _groups(sources: Sequence[Beginning], least: int) -> list[list[Beginning]]:
    made: list[list[Beginning]] = []
    for source in sources:
        if made and sum(each.length for each in made[-1]) < least:
            made[-1].append(source)
        else:
            made.append([source])
    return made
