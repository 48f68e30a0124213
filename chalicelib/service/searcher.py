"""The use case of searching: the token of a known value, where it has one."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.audit import AuditEvent, AuditOutcome, AuditTrail
from chalicelib.auth.permissions import require_action
from chalicelib.auth.policy import Policy
from chalicelib.cache import Clock
from chalicelib.errors import InvalidValue, TokenNotFound, TokenvaultError
from chalicelib.model import Caller, TokenFacts
from chalicelib.service.accepting import Accepted, ValueItem, accept, permitted_type
from chalicelib.service.attempts import Result, attempt
from chalicelib.service.budgets import Budgets
from chalicelib.service.deriving import DerivedDraft, DerivedTokens, Deriver
from chalicelib.service.persons import Persons
from chalicelib.service.refusing import refusals_on_record


class Searcher:
    """Finds tokens by value, for deterministic types only, each time on record. Creates nothing."""

    def __init__(
        self,
        *,
        policy: Policy,
        persons: Persons,
        deriver: Deriver,
        derived: DerivedTokens,
        budgets: Budgets,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._policy, self._persons, self._deriver, self._derived = policy, persons, deriver, derived
        self._budgets, self._audit, self._clock = budgets, audit, clock

    def search(self, caller: Caller, items: Sequence[ValueItem], request_id: str) -> list[Result]:
        """The token of each value, or the error of that item, in order.

        Nothing is returned before the audit trail has acknowledged the event. Raises `NotPermitted` or
        `BudgetExceeded` (on record too), `KeyUnavailable` or `StoreUnavailable`.
        """
        event = AuditEvent(caller.tenant, caller.client, "search", request_id)
        with refusals_on_record(self._audit, event):
            require_action(caller, "search")
            self._budgets.spend(caller, "searches", len(items))
        accepted = [attempt(lambda item=item: self._accept(caller, item)) for item in items]  # type: ignore[misc]
        wanted = {i: one for i, one in enumerate(accepted) if isinstance(one, Accepted)}
        derived = self._deriver.derive(caller.tenant, list(wanted.values()))
        drafts = [DerivedDraft(o.record, o.space, d) for o, d in zip(wanted.values(), derived, strict=True)]
        found = dict(zip(wanted, self._derived.find(drafts), strict=True))
        # An erased person's tokens are closed already, though the clean-up has not come to them.
        erased = self._persons.erased(caller.tenant, {one.subject for one in wanted.values()} - {""})
        found |= {i: TokenNotFound("erased") for i, one in wanted.items() if one.subject in erased}
        results = [found[i] if isinstance(one, Accepted) else one for i, one in enumerate(accepted)]
        outcomes = tuple(_outcome(*each) for each in zip(accepted, results, strict=True))
        self._audit.record(replace(event, outcomes=outcomes))
        return results

    def _accept(self, caller: Caller, item: ValueItem) -> Accepted:
        info_type = permitted_type(caller, self._policy, item.type)
        if info_type.mode != "deterministic":
            raise InvalidValue("type: only values of a deterministic type can be searched for")
        return accept(caller.tenant, info_type, item, int(self._clock()))


def _outcome(one: Accepted | TokenvaultError, result: Result) -> AuditOutcome:
    """What the audit trail says of one item: never the value, and the type only if the policy has it."""
    type_name = one.type.name if isinstance(one, Accepted) else None
    if isinstance(result, TokenFacts):
        return AuditOutcome("found", result.token, type_name)
    return AuditOutcome(result.reason if isinstance(result, TokenNotFound) else result.code, type=type_name)
