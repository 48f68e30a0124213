"""What is exported: what an execution is asked for, and where all of it lies. Pure.

All of it stands in the history of executions, so none of it is a value, nor an opening or a cursor: names,
numbers, and a public key.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from tokenvault_client.export.recipients import read_recipient

from bulklib.errors import NotExportable

PARTS: Final = (1, 2, 4, 8, 16)
_REQUEST: Final = frozenset({"recipient", "purpose", "types", "approval", "parts"})


@dataclass(frozen=True)
class Request:
    """An execution's input, as the API names it. `recipient` is a public key in PEM."""

    recipient: str
    purpose: str
    types: list[str] | None = None
    approval: str | None = None
    parts: int = 16

    @classmethod
    def of(cls, document: object) -> "Request":
        """From JSON. Raises `NotExportable` or `ConfigurationError` with the field at fault."""
        if not isinstance(document, dict) or not set(document) <= _REQUEST:
            raise NotExportable(f"input: an object with no other fields than {', '.join(sorted(_REQUEST))}")
        for name in ("recipient", "purpose"):
            if not isinstance(document.get(name), str):
                raise NotExportable(f"input: {name}: a text is needed")
        if document.get("parts", 16) not in PARTS or type(document.get("parts", 16)) is not int:
            raise NotExportable(f"input: parts: one of {', '.join(map(str, PARTS))}")
        read_recipient(document["recipient"].encode(errors="replace"))
        return cls(**document)

    @property
    def fingerprint(self) -> str:
        """That of the recipient's key."""
        return read_recipient(self.recipient.encode()).fingerprint

    def terms(self) -> dict[str, Any]:
        """What the service is asked for."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return given if self.parts > 1 else {name: given[name] for name in given if name != "parts"}


@dataclass(frozen=True)
class ExportJob:
    """An export that was begun: `begun` is the key of its opening and first cursors, `under_way` the prefix
    of what was carried so far, `place` that of the results."""

    export_id: str
    parts: int
    begun: str
    under_way: str
    place: str

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "ExportJob":
        """From JSON that `document` made."""
        return cls(**document)

    @property
    def numbers(self) -> list[int]:
        """The numbers of the parts, from 1."""
        return list(range(1, self.parts + 1))

    @property
    def manifest(self) -> str:
        """The key of the manifest, written last."""
        return f"{self.place}manifest.json"

    def part_of(self, number: int) -> int | None:
        """The number as the format has it: None of an export in one piece."""
        return None if self.parts == 1 else number

    def file(self, number: int) -> str:
        """The key of a part's file."""
        name = "vault" if self.parts == 1 else f"vault-{number:02}-of-{self.parts:02}"
        return f"{self.place}{name}.export"

    def pieces(self, number: int) -> str:
        """The prefix of what was carried of a part."""
        return f"{self.under_way}{number:02}/"

    def piece(self, number: int, piece: int) -> str:
        """The key of a piece of a part, so that keys are in the order of pieces."""
        return f"{self.pieces(number)}{piece:06}"
