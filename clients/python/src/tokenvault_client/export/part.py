"""A file of an export as far as it was received: the whole of it, or one of its parts. No I/O."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tokenvault_client.errors import VerificationError
from tokenvault_client.export import chain
from tokenvault_client.exports import ExportPage


@dataclass
class Part:
    """`part` is its number from 1, None of an export in one piece.

    `cursor` is None until the export was begun, and again at the end. `receipt` is there once all of it is.
    `number` and `digest` are of its last page; so are `tokens`, `failed` and `walked`.
    """

    part: int | None = None
    cursor: str | None = field(default=None, repr=False)
    receipt: str | None = field(default=None, repr=False)
    digest: bytes = b""
    number: int = 0
    tokens: int = 0
    failed: int = 0
    walked: float = 0.0

    @property
    def is_begun(self) -> bool:
        """Whether it has a cursor or its end."""
        return self.cursor is not None or self.receipt is not None

    def begins(self, opening: str, cursor: str) -> bytes:
        """The lines that note the opening, and where the first page begins."""
        return self._step(chain.first_line(opening, self.part) + own({"cursor": cursor}))

    def follows(self, page: ExportPage) -> bytes:
        """The lines that note a page. Raises `VerificationError` for one that is not the next."""
        counts = {"tokens": page.tokens, "failed": page.failed, "walked": page.walked}
        behind = b"" if page.receipt else own({"cursor": page.cursor, **counts})
        return self._step(self.of_the_file(page) + behind)

    def of_the_file(self, page: ExportPage) -> bytes:
        """The lines of the file that a page is, its receipt among them. Raises as `follows` does."""
        if page.number != self.number + 1 or (page.cursor is None) == (page.receipt is None):
            raise VerificationError("the service answered another page than the next one")
        line = chain.chunk_line(page.number, page.sealed, last=page.receipt is not None)
        return line + (chain.receipt_line(page.receipt) if page.receipt else b"")

    def take(self, page: ExportPage) -> None:
        """The page is on the disk."""
        self.digest, self.number = chain.next_digest(self.digest, page.sealed), page.number
        self.cursor, self.receipt = page.cursor, page.receipt
        self.tokens, self.failed, self.walked = page.tokens, page.failed, page.walked

    def noted(self, pending: Mapping[str, Any] | None, line: Mapping[str, Any]) -> None:
        """Takes a line and its cursor, or the receipt, as they were noted."""
        if pending is not None and "opening" in pending:
            self.digest = chain.first_digest(pending["opening"], self.part)
        elif pending is not None:
            self.number, sealed = pending["chunk"], chain.sealed_of(pending)
            self.digest = chain.next_digest(self.digest, sealed)
        self.cursor, self.receipt = line.get("cursor"), line.get("receipt")
        self.tokens, self.failed = line.get("tokens", self.tokens), line.get("failed", self.failed)
        self.walked = line.get("walked", self.walked)

    def counted(self) -> Mapping[str, Any]:
        """What the receipt says. Raises `VerificationError` unless it counts what was received."""
        says = chain.claims(str(self.receipt))
        if (says.get("sha256"), says.get("chunks"), says.get("part")) != (
            self.digest.hex(),
            self.number,
            self.part,
        ):
            raise VerificationError(
                "the receipt is not of what lies in the part: it was changed on this disk"
            )
        return says

    def _step(self, lines: bytes) -> bytes:
        """The lines, behind one that says of which part they are, where there are several."""
        return lines if self.part is None else own({"part": self.part}) + lines


def own(fields: Mapping[str, Any]) -> bytes:
    """A line of our own, which does not go into the finished file."""
    return json.dumps(fields).encode() + b"\n"
