"""The use case of asking a second person to approve an export. Deciding is as of a reveal (`approvals`)."""

from dataclasses import replace
from typing import Final

from chalicelib.actors import Actor
from chalicelib.audit.events import AuditOutcome, AuditTrail
from chalicelib.audit.refusals import refusals_on_record
from chalicelib.auth.permissions import approval_rule
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller
from chalicelib.service.approvals import ShownApproval
from chalicelib.service.budgets import Budgets
from chalicelib.service.events import event_of
from chalicelib.service.export_terms import ExportRequest, export_terms
from chalicelib.service.signed_approvals import SignedApprovals
from chalicelib.sources import Clock, RandomBytes
from chalicelib.vault.approvals import ApprovalRequest

_ID_BYTES: Final = 16


class ExportApprovals:
    """Asking, on record before it is stored. Opens no record."""

    def __init__(
        self,
        *,
        policy: Policy,
        approvals: SignedApprovals,
        budgets: Budgets,
        audit: AuditTrail,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._policy, self._approvals, self._budgets = policy, approvals, budgets
        self._audit, self._clock, self._random_bytes = audit, clock, random_bytes

    def ask(self, caller: Caller, asked: ExportRequest, request_id: str) -> ShownApproval:
        """Asks for the approval of exactly this export. Who approves sees its types, the recipient's
        fingerprint and the purpose.

        Raises `InvalidRequest`, `NotPermitted` or `BudgetExceeded` (on record), `KeyUnavailable` or
        `StoreUnavailable`.
        """
        event = replace(event_of(caller, "export.ask", request_id), recipient=asked.recipient.fingerprint)
        if self._policy.lists_purpose(caller.tenant, asked.purpose):
            event = replace(event, purpose=asked.purpose)
        with refusals_on_record(self._audit, event):
            terms = export_terms(caller, self._policy, self._budgets, asked)
            rule = approval_rule(caller)
        now = int(self._clock())
        request = ApprovalRequest(
            tenant=caller.tenant,
            approval_id=self._random_bytes(_ID_BYTES).hex(),
            asked_by=Actor.of(caller),
            purpose=asked.purpose,
            tokens_sha256="",
            types={},
            asked=now,
            expires_at=now + rule.valid_seconds,
            export=terms,
        )
        outcomes = tuple(AuditOutcome("asked", type=name) for name in terms.types)
        self._audit.record(replace(event, approval=request.approval_id, outcomes=outcomes))
        stored = self._approvals.ask(request)
        return ShownApproval(stored.request, stored.decision, stored.state(self._clock()))
