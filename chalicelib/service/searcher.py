"""The use case of searching: the token of a known value, if there is one."""

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
from chalicelib.service.accepting import ValueItem, draft, permitted_type
from chalicelib.service.batch import Batch, BatchItem, accept, pending, subjects
from chalicelib.service.budgets import Budgets
from chalicelib.service.deterministic_writer import DeterministicWriter
from chalicelib.service.events import event_of
from chalicelib.service.results import Result, item_result
from chalicelib.service.subjects import Subjects
from chalicelib.sources import Clock
from chalicelib.vault.records import require_active_subject


class Searcher:
    """Finds tokens by value, for deterministic types only, each time on record. Creates nothing."""

    def __init__(
        self,
        *,
        policy: Policy,
        subjects: Subjects,
        deterministic_tokens: DeterministicWriter,
        budgets: Budgets,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._policy, self._subjects, self._deterministic_tokens = policy, subjects, deterministic_tokens
        self._budgets, self._audit, self._clock = budgets, audit, clock

    def search(
        self, caller: Caller, items: Sequence[ValueItem | InvalidValue], request_id: str
    ) -> list[Result]:
        """The token of each value, or the error of that item, in order.

        Nothing is returned before the audit trail has acknowledged the event. Raises `NotPermitted` or
        `BudgetExceeded` (on record too), `KeyUnavailable` or `StoreUnavailable`.
        """
        event = event_of(caller, "search", request_id)
        with refusals_on_record(self._audit, event):
            caller = require_action(caller, "search")
            types = [item.type if isinstance(item, ValueItem) else None for item in items]
            self._budgets.spend(caller, "searches", types)
        batch = accept(items, partial(self._draft, caller))
        accepted = pending(batch)
        self._deterministic_tokens.find(caller.tenant, accepted)
        self._close_erased(caller.tenant, accepted)
        self._audit.record(replace(event, outcomes=tuple(_outcome(item) for item in batch)))
        return [item.answer for item in batch]

    def _draft(self, caller: Caller, item: ValueItem) -> RecordDraft:
        info_type = permitted_type(caller, self._policy, item.type)
        if info_type.mode != "deterministic":
            raise InvalidValue("type: only values of a deterministic type can be searched for")
        return draft(caller.tenant, info_type, item, int(self._clock()))

    def _close_erased(self, tenant: str, found: Batch) -> None:
        """An erased subject's tokens are closed already, even if the clean-up has not come to them."""
        erased = self._subjects.erased(tenant, subjects(found))
        for item in found:
            closed = item_result(require_active_subject, item.draft.subject, erased)
            item.result = closed or item.result


def _outcome(item: BatchItem) -> AuditOutcome:
    """What the audit trail says of one item: never the value, and the type only if the policy has it."""
    type_name = item.accepted.type.name if isinstance(item.accepted, RecordDraft) else None
    result = item.answer
    if isinstance(result, TokenFacts):
        return AuditOutcome("found", result.token, type_name)
    return AuditOutcome.failed(result, type_name=type_name)
