"""The use case of importing: values that have a token from elsewhere are stored under it.

Of the tokenizing function, which cannot read back what it writes: nor what stands where it does not.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from chalicelib.audit.events import AuditOutcome, AuditTrail
from chalicelib.audit.refusals import refusals_on_record
from chalicelib.auth.permissions import require_action
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller
from chalicelib.errors import InvalidValue
from chalicelib.model import RecordDraft, TokenFacts
from chalicelib.service.accepting import ImportItem, new_draft
from chalicelib.service.batch import Batch, BatchItem, accept, pending
from chalicelib.service.events import event_of
from chalicelib.service.import_writer import ImportWriter
from chalicelib.service.importable import imported_token
from chalicelib.service.intake import Intake
from chalicelib.service.requests import IdempotentRequest, RequestKey, Requests
from chalicelib.service.results import Result
from chalicelib.sources import Clock


class Importer:
    """Stores values under the tokens that they have, each time on record.

    The audit event is written before anything is stored, so every imported token has one, whatever fails
    after it. It says what was asked for and what was found; the record in the vault says that it was done.
    """

    def __init__(
        self,
        *,
        policy: Policy,
        requests: Requests,
        intake: Intake,
        writer: ImportWriter,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._policy, self._requests, self._intake = policy, requests, intake
        self._writer, self._audit, self._clock = writer, audit, clock

    def take_in(
        self,
        caller: Caller,
        items: Sequence[ImportItem | InvalidValue],
        request_id: str,
        request_key: RequestKey | None = None,
    ) -> list[Result]:
        """The facts of each token, or the error of that item, in order.

        A request sent again under its key is answered as the first time; without one its tokens are taken.
        Raises `NotPermitted` or `BudgetExceeded` (on record too), `IdempotencyConflict`, `KeyUnavailable` or
        `StoreUnavailable`.
        """
        event = event_of(caller, "import", request_id)
        with refusals_on_record(self._audit, event):
            caller = require_action(caller, "import")
        request = self._requests.open(caller, request_key)
        batch = accept(items, partial(self._draft, caller, request))
        self._intake.spend(caller, batch, "import", request_id)
        self._recognize(caller.tenant, pending(batch), request)
        self._audit.record(replace(event, outcomes=tuple(_outcome(item) for item in batch)))
        if left := pending(batch):
            self._intake.write(caller.tenant, left, partial(self._writer.write, request=request))
        return [item.answer for item in batch]

    def _recognize(self, tenant: str, accepted: Batch, request: IdempotentRequest) -> None:
        """Looks whose the places are. What an earlier try wrote may be of a subject that was erased since."""
        self._writer.look(accepted, request)
        self._intake.close_erased(tenant, [item for item in accepted if isinstance(item.result, TokenFacts)])

    def _draft(self, caller: Caller, request: IdempotentRequest, item: ImportItem) -> RecordDraft:
        drafted = new_draft(caller, self._policy, item, request.created, self._clock())
        return replace(drafted, imported_token=imported_token(self._policy, drafted.type, item.token))


def _outcome(item: BatchItem) -> AuditOutcome:
    """What is about to become of one item. A token is named once it is known to be one: what was refused may
    be anything, and may be a value."""
    if not isinstance(item.accepted, RecordDraft):
        return AuditOutcome.failed(item.accepted)
    token, type_name = item.accepted.imported_token, item.accepted.type.name
    if item.result is None:
        return AuditOutcome("importing", token, type_name)
    if isinstance(item.result, TokenFacts):
        return AuditOutcome("imported", token, type_name)
    return AuditOutcome.failed(item.result, token, type_name)
