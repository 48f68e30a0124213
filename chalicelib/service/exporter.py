"""The use case of taking all tokens of some types out, with their values, sealed to a recipient's key.

Begun once, then page by page: each request gives one chunk and says where the next one begins. The parts of
an export are gone through side by side. Nobody sees a value on the way, the client that carries the chunks no
more than anybody else.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from chalicelib.actors import Actor
from chalicelib.audit.events import AuditEvent, AuditOutcome, AuditTrail
from chalicelib.audit.refusals import refusals_on_record
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller
from chalicelib.crypto.exports import first_digest
from chalicelib.errors import ApprovalRequired, InvalidRequest
from chalicelib.service.approved_reveals import Approved, ApprovedReveals
from chalicelib.service.budgets import Budgets
from chalicelib.service.canaries import Canaries
from chalicelib.service.events import event_of
from chalicelib.service.export_chain import next_chunk
from chalicelib.service.export_cursors import ExportCursors, Progress
from chalicelib.service.export_pages import ExportPages
from chalicelib.service.export_papers import ExportSigner, read_opening
from chalicelib.service.export_parts import part_numbers, part_segments
from chalicelib.service.export_terms import Export, ExportRequest, export_terms, require_still
from chalicelib.sources import Clock, RandomBytes
from chalicelib.vault.tokens import StoredToken, UnverifiedRecord
from chalicelib.vault.walks import RecordScanner

PAGE: Final = 100
"""Most tokens of a page: as many as a batch holds, so that its audit event fits into an item too."""

SCANS: Final = 32
"""Most looks at the table for one page, of 50 to 100 items each: under a second, however few are of the
tenant."""

VALID_SECONDS: Final = 7 * 24 * 3600
"""How long an export may be gone on with after it was begun."""

FALLIBLE_SECONDS: Final = 300
"""How far the clocks of two machines may be apart. What was made later than that behind the beginning is not
in an export: a cursor that is sent again, days later, must not show what came in since."""

_ID_BYTES: Final = 16


@dataclass(frozen=True)
class BegunExport:
    """An export that was begun: its signed opening, and for each part the cursor of its first page."""

    export: Export
    opening: str = field(repr=False)
    cursors: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class ExportedChunk:
    """A page of an export, sealed. `cursor` says where the next one begins; the last has a `receipt` instead.

    It has so many `tokens` and `failed` ones; `progress` counts what was given out with it and before, and
    `walked` is how much of its part of the vault was walked, from 0 to 1.
    """

    number: int
    sealed: bytes = field(repr=False)
    tokens: int
    failed: int
    progress: Progress
    walked: float
    cursor: str | None = field(default=None, repr=False)
    receipt: str | None = field(default=None, repr=False)


class Exporter:
    """Gives out the vault of a tenant, sealed, each token on record."""

    def __init__(
        self,
        *,
        policy: Policy,
        records: RecordScanner,
        pages: ExportPages,
        cursors: ExportCursors,
        signer: ExportSigner,
        approvals: ApprovedReveals,
        budgets: Budgets,
        audit: AuditTrail,
        canaries: Canaries,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._policy, self._records, self._pages = policy, records, pages
        self._cursors, self._signer, self._approvals = cursors, signer, approvals
        self._budgets, self._audit, self._canaries = budgets, audit, canaries
        self._clock, self._random_bytes = clock, random_bytes

    def begin(self, caller: Caller, request: ExportRequest, request_id: str) -> BegunExport:
        """Begins an export, and uses up the approval that it needs. Gives no value.

        Raises `InvalidRequest`, or `NotPermitted`, `BudgetExceeded` (where no hour gives a token),
        `ApprovalRequired` and `ApprovalNotUsable`, on record;
        `KeyUnavailable` or `StoreUnavailable`.
        """
        event = event_of(caller, "export.begin", request_id)
        known = self._policy.lists_purpose(caller.tenant, request.purpose)
        event = replace(event, purpose=request.purpose if known else None)
        event = replace(event, recipient=request.recipient.fingerprint)
        with refusals_on_record(self._audit, event):
            export, approved = self._permitted(caller, request)
        event = replace(event, export=export.export_id)
        opening = self._signer.opening(export)
        cursors = tuple(self._first_cursor(export, opening, part) for part in part_numbers(export.parts))
        if approved is not None:
            event = self._approvals.on_record(event, approved)
            with refusals_on_record(self._audit, event):
                self._approvals.use_up(approved)
        outcomes = tuple(AuditOutcome("begun", type=name) for name in export.terms.types)
        self._audit.record(replace(event, outcomes=outcomes))
        return BegunExport(export, opening, cursors)

    def page(self, caller: Caller, opening: str, cursor: str, request_id: str) -> ExportedChunk:
        """The chunk that a cursor stands before. Asked again, the same part of the vault, without what came
        in since the export was begun.

        Nothing is returned before the audit trail has acknowledged the event. Raises `InvalidRequest`, or
        `NotPermitted` and `BudgetExceeded`, on record; `KeyUnavailable` or `StoreUnavailable`.
        """
        progress = self._cursors.read(caller.tenant, opening, cursor)
        export = read_opening(opening)
        if self._clock() >= export.begun + VALID_SECONDS:
            raise InvalidRequest("cursor: the export was begun too long ago; begin it anew", "/cursor")
        event = _on_record(event_of(caller, "export", request_id), export)
        with refusals_on_record(self._audit, event):
            caller = require_still(caller, self._policy, export)
        segments = part_segments(progress.part, export.parts)
        size = self._page_size(caller, export)
        tokens, progress = self._walked(export.tenant, progress, segments.stop, size)
        found = self._pages.find(export.tenant, tokens, export.terms.types)
        event = replace(
            event, canaries=self._canaries.asked_for(export.tenant, [each.key.token for each in found])
        )
        with refusals_on_record(self._audit, event):
            self._budgets.spend(caller, "reveals", [_type(each) for each in found])
        return self._given(export, opening, progress, found, event)

    def _first_cursor(self, export: Export, opening: str, part: int | None) -> str:
        begins = part_segments(part, export.parts).start
        progress = Progress(first_digest(opening, part), segment=begins, part=part)
        return self._cursors.write(export.tenant, opening, progress)

    def _given(
        self, export: Export, opening: str, progress: Progress, found: list[StoredToken], event: AuditEvent
    ) -> ExportedChunk:
        until = export.begun + FALLIBLE_SECONDS
        page = self._pages.read(export.tenant, found, until)
        segments = part_segments(progress.part, export.parts)
        last = progress.segment >= segments.stop
        sealed, after = next_chunk(
            export.recipient,
            page.plaintext,
            progress,
            tokens=page.tokens,
            failed=page.failed,
            last=last,
            random_bytes=self._random_bytes,
        )
        cursor = None if last else self._cursors.write(export.tenant, opening, after)
        receipt = self._signer.receipt(export, opening, after, int(self._clock())) if last else None
        self._audit.record(replace(event, outcomes=page.outcomes))
        walked = (after.segment - segments.start) / len(segments)
        return ExportedChunk(after.chunks, sealed, page.tokens, page.failed, after, walked, cursor, receipt)

    def _permitted(self, caller: Caller, request: ExportRequest) -> tuple[Export, Approved | None]:
        terms, approved = export_terms(caller, self._policy, self._budgets, request), None
        if request.approval is not None:
            approved = self._approvals.check_export(caller, request.approval, terms, request.purpose)
        elif caller.approval is not None:
            raise ApprovalRequired(
                "a second person has to approve exports of this client: ask at /v1/exports/approvals"
            )
        export = Export(
            export_id=self._random_bytes(_ID_BYTES).hex(),
            tenant=caller.tenant,
            asked_by=Actor.of(caller),
            terms=terms,
            recipient=request.recipient,
            purpose=request.purpose,
            begun=int(self._clock()),
            approval=request.approval,
            approved_by=None if approved is None else approved.decision.decided_by,
            parts=request.parts,
        )
        return export, approved

    def _page_size(self, caller: Caller, export: Export) -> int:
        """Most tokens of a page: one that is more than a whole hour's budget would never be given out."""
        most = self._budgets.most(caller, "reveals", export.terms.types)
        return PAGE if most is None else max(1, min(PAGE, most))

    def _walked(self, tenant: str, progress: Progress, end: int, size: int) -> tuple[list[str], Progress]:
        """The tokens of the next page, at most `size`, up to the segment `end`, and where the walk then
        stands. A page may be empty.

        A look asks for no more items than the page has room for, so that none is passed over; a page that is
        half full is enough, so that no look is for a few items alone.
        """
        tokens: list[str] = []
        for _ in range(SCANS):
            if progress.segment >= end or len(tokens) > size // 2:
                break
            room = size - len(tokens)
            found = self._records.scan(tenant, progress.segment, progress.position, room)
            tokens += [token for token, _ in found.records]
            ends = found.position is None
            progress = replace(progress, segment=progress.segment + ends, position=found.position)
        return tokens, progress


def _on_record(event: AuditEvent, export: Export) -> AuditEvent:
    """The event of a page, before there are outcomes."""
    by = export.approved_by or Actor("")
    return replace(
        event,
        export=export.export_id,
        recipient=export.terms.recipient,
        purpose=export.purpose,
        approval=export.approval,
        approver=by.client or None,
        approver_sub=by.sub,
        approver_username=by.username,
    )


def _type(stored: StoredToken) -> str | None:
    """The type of a record, unverified: a budget only."""
    return stored.type if isinstance(stored, UnverifiedRecord) else None
