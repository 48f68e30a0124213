"""The bodies of exports: what is asked for, and the parts of a file that are given. Never a value."""

import base64
from typing import Annotated, Final

import msgspec

from chalicelib.api.bodies import timestamp
from chalicelib.api.body_fields import ApprovalName, Name, RecipientFingerprint, Timestamp
from chalicelib.service.export_parts import PARTS
from chalicelib.service.export_terms import ExportRequest, export_request
from chalicelib.service.exporter import VALID_SECONDS, BegunExport, ExportedChunk

MAX_TYPES: Final = 100
"""Most types that a request names. One export has about fifty at most, by what is signed of it."""

RecipientKey = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=1024,
        description="Whom the export is sealed to: a P-256 public key in PEM, as `openssl pkey -pubout` "
        "writes it. A private key never belongs here.",
    ),
]
ExportTypes = Annotated[
    list[Name],
    msgspec.Meta(
        min_length=1,
        max_length=MAX_TYPES,
        description="The information types whose tokens are exported; the client may use each. Left out or "
        "null, all that it may use. Types whose values may not be kept, such as card verification codes, are "
        "never exported.",
    ),
]
Opening = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=16384,
        description="What the file begins with: a JWS that says what is exported, to whom, for what, who "
        "asked and who approved.",
    ),
]
Cursor = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=16384,
        description="Where the export goes on. It is signed and good for this export alone; sent again, it "
        "gives the same part of the vault again.",
    ),
]
ApprovalOfExport = Annotated[
    ApprovalName,
    msgspec.Meta(
        description="The id of an approval of exactly this export. It is used up before the answer."
    ),
]
ExportParts = Annotated[
    int,
    msgspec.Meta(
        extra_json_schema={"enum": list(PARTS)},
        description="In how many parts the vault is exported: 1, 2, 4, 8 or 16. Each has pages and a file of "
        "its own, and they are asked for side by side, under one approval.",
    ),
]
Sealed = Annotated[
    str, msgspec.Meta(description="A line of the file, sealed to the recipient (docs/exports.md), in base64.")
]
ExportReceipt = Annotated[
    str,
    msgspec.Meta(
        description="What the file ends with: a JWS with the number of tokens and the digest of all that is "
        "before it."
    ),
]


class AskExportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/exports/approvals`: the export that is to be approved."""

    recipient: RecipientKey
    purpose: Name
    types: ExportTypes | None = None

    def __repr__(self) -> str:
        return "AskExportBody(***)"

    @property
    def asked(self) -> ExportRequest:
        """What is asked for. Raises `InvalidRequest` for what is no public key."""
        return export_request(self.recipient, self.types, self.purpose)


class ExportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/exports`."""

    recipient: RecipientKey
    purpose: Name
    types: ExportTypes | None = None
    approval: ApprovalOfExport | None = None
    parts: ExportParts = 1

    def __repr__(self) -> str:
        return "ExportBody(***)"

    @property
    def asked(self) -> ExportRequest:
        """What is asked for. Raises `InvalidRequest` for what is no public key, or no number of parts."""
        return export_request(self.recipient, self.types, self.purpose, self.approval, self.parts)


class BegunExportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An export that was begun. Its pages can be asked for until `expires_at`.

    `cursors` has one for each part, in order, and `cursor` is the first of them.
    """

    export_id: str
    opening: Opening
    cursor: Cursor
    cursors: list[Cursor]
    types: list[str]
    recipient_sha256: RecipientFingerprint
    begun_at: Timestamp
    expires_at: Timestamp

    def __repr__(self) -> str:
        return "BegunExportBody(***)"


class ExportPageBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /v1/exports/pages`: the next page of an export."""

    opening: Opening
    cursor: Cursor

    def __repr__(self) -> str:
        return "ExportPageBody(***)"


class ExportedPageBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of an export, sealed to the recipient; it may hold no token.

    `number` counts pages from 1, `tokens` and `failed` what is in the file with this page: values, and tokens
    whose record does not open. `walked` is how much of the vault was walked, from 0 to 1. The last page has a
    `receipt` and no `cursor`. Of an export in parts, all of these are of the page's part.
    """

    number: int
    sealed: Sealed
    tokens: int
    failed: int
    walked: float
    cursor: Cursor | None
    receipt: ExportReceipt | None

    def __repr__(self) -> str:
        return "ExportedPageBody(***)"


def begun_body(begun: BegunExport) -> BegunExportBody:
    """The answer to whoever began an export."""
    export = begun.export
    return BegunExportBody(
        export_id=export.export_id,
        opening=begun.opening,
        cursor=begun.cursors[0],
        cursors=list(begun.cursors),
        types=list(export.terms.types),
        recipient_sha256=export.terms.recipient,
        begun_at=str(timestamp(export.begun)),
        expires_at=str(timestamp(export.begun + VALID_SECONDS)),
    )


def exported_body(chunk: ExportedChunk) -> ExportedPageBody:
    """The answer with a page."""
    return ExportedPageBody(
        number=chunk.number,
        sealed=base64.b64encode(chunk.sealed).decode(),
        tokens=chunk.progress.tokens,
        failed=chunk.progress.failed,
        walked=chunk.walked,
        cursor=chunk.cursor,
        receipt=chunk.receipt,
    )
