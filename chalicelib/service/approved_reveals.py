"""Whether a reveal or an export has the approval that it names, and that each approval is used once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.actors import Actor
from chalicelib.audit.events import AuditEvent
from chalicelib.caller import Caller
from chalicelib.errors import ApprovalNotUsable
from chalicelib.model import RevealMode
from chalicelib.service.signed_approvals import SignedApprovals
from chalicelib.sources import Clock, RandomBytes
from chalicelib.vault.approvals import Decision, ExportTerms, StoredApproval, digest

_ATTEMPT_BYTES: Final = 16


@dataclass(frozen=True)
class Approved:
    """An approval that a reveal or an export may use up, and the decision that it rests on."""

    approval: StoredApproval
    decision: Decision


class ApprovedReveals:
    """Checks approvals for reveals and exports, and uses them up."""

    def __init__(self, approvals: SignedApprovals, clock: Clock, random_bytes: RandomBytes) -> None:
        self._approvals, self._clock, self._random_bytes = approvals, clock, random_bytes

    def check(
        self,
        caller: Caller,
        approval_id: str | None,
        tokens: Sequence[object],
        *,
        purpose: str | None,
        mode: RevealMode,
    ) -> Approved | None:
        """The approval of exactly this reveal, which is a full one; None if none is named.

        Raises `ApprovalNotUsable`, `RecordCorrupt` if it is not what was signed, `KeyUnavailable` or
        `StoreUnavailable`.
        """
        if approval_id is None:
            return None
        approved = self._approved(caller, approval_id)
        found, texts = approved.approval, [token for token in tokens if isinstance(token, str)]
        same = len(texts) == len(tokens) and digest(texts) == found.request.tokens_sha256
        if not same or purpose != found.request.purpose or mode != "full" or found.request.export is not None:
            why = "it is for a full reveal, of other tokens or for another purpose than these"
            raise _not_usable(found, "other_request", why)
        return approved

    def check_export(self, caller: Caller, approval_id: str, terms: ExportTerms, purpose: str) -> Approved:
        """The approval of exactly this export. Raises as `check` does."""
        approved = self._approved(caller, approval_id)
        request = approved.approval.request
        if request.export != terms or request.purpose != purpose:
            why = "it is not for an export of these types, to this recipient and for this purpose"
            raise _not_usable(approved.approval, "other_request", why)
        return approved

    def _approved(self, caller: Caller, approval_id: str) -> Approved:
        """The caller's approval of this id that a second person gave, whatever it is for."""
        found = self._approvals.find(caller.tenant, approval_id)
        if found is None:
            raise ApprovalNotUsable("approval_unknown", "there is no such approval of this caller's")
        _require_usable(found, caller, self._clock())
        if found.decision is None:
            raise AssertionError("an approval that nobody decided on was taken for usable")
        return Approved(found, found.decision)

    def use_up(self, approved: Approved) -> None:
        """Uses the approval up, before anything is answered.

        A request that is sent again later finds it used, also if its first answer was lost: the trail could
        not tell a lost answer from a second look. Raises `ApprovalNotUsable` or `StoreUnavailable`.
        """
        attempt, now = self._random_bytes(_ATTEMPT_BYTES).hex(), int(self._clock())
        if now >= approved.approval.request.expires_at:
            raise _late(approved.approval)
        if not self._approvals.use(approved.approval.request, attempt, now):
            raise _used(approved.approval)

    @staticmethod
    def on_record(event: AuditEvent, approved: Approved) -> AuditEvent:
        """The event of a reveal with the approval, and who gave it."""
        by = approved.decision.decided_by
        return replace(
            event,
            approval=approved.approval.request.approval_id,
            approver=by.client,
            approver_sub=by.sub,
            approver_username=by.username,
        )


def _require_usable(found: StoredApproval, caller: Caller, now: float) -> None:
    if not Actor.of(caller).is_the_same_as(found.request.asked_by):
        raise _not_usable(found, "other_person", "there is no such approval of this caller's")
    match found.state(now):
        case "used":
            raise _used(found)
        case "refused":
            raise _not_usable(found, "refused", "it was refused")
        case "expired":
            raise _late(found)
        case "pending":
            raise _not_usable(found, "undecided", "nobody has decided on it yet")


def _used(found: StoredApproval) -> ApprovalNotUsable:
    return _not_usable(found, "used", "it is used up: ask for another one, also to see the same again")


def _late(found: StoredApproval) -> ApprovalNotUsable:
    return _not_usable(found, "late", "its time is up: ask for another one")


def _not_usable(found: StoredApproval, reason: str, why: str) -> ApprovalNotUsable:
    return ApprovalNotUsable(f"approval_{reason}", why, found.request.approval_id)
