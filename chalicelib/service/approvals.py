"""The use cases of approvals: asking for one, looking at one, and deciding on one."""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.actors import Actor
from chalicelib.audit.events import AuditEvent, AuditOutcome, AuditTrail
from chalicelib.audit.refusals import refusals_on_record
from chalicelib.auth.permissions import (
    approval_rule,
    require_action,
    require_admitted,
    require_reveal,
    require_type,
)
from chalicelib.caller import Caller
from chalicelib.errors import ApprovalNotFound, ApprovalNotUsable, TokenvaultError
from chalicelib.model import ApprovalState, TokenFacts
from chalicelib.service.canaries import Canaries
from chalicelib.service.events import event_of
from chalicelib.service.results import item_result
from chalicelib.service.signed_approvals import SignedApprovals
from chalicelib.sources import Clock, RandomBytes
from chalicelib.vault.approvals import ApprovalRequest, Decision, StoredApproval, digest
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.records import named_subject, verified_facts
from chalicelib.vault.subjects import SubjectStore
from chalicelib.vault.tokens import StoredToken, TokenKey, TokenStore, Vacant

_ID_BYTES: Final = 16


@dataclass(frozen=True)
class ShownApproval:
    """An approval, and what has become of it by now."""

    request: ApprovalRequest
    decision: Decision | None
    state: ApprovalState


class Approvals:
    """Asking and deciding, each on record before it is stored. Opens no record, and no key that could.

    All methods raise `KeyUnavailable` or `StoreUnavailable`, and `RecordCorrupt` for what was changed.
    """

    def __init__(
        self,
        *,
        approvals: SignedApprovals,
        store: TokenStore,
        subjects: SubjectStore,
        keys: TokenizingKeyring,
        audit: AuditTrail,
        canaries: Canaries,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._approvals, self._store, self._subjects, self._keys = approvals, store, subjects, keys
        self._canaries, self._audit, self._clock, self._random_bytes = canaries, audit, clock, random_bytes

    def ask(
        self, caller: Caller, tokens: Sequence[str], purpose: str | None, request_id: str
    ) -> ShownApproval:
        """Asks for the approval of a full reveal of exactly these tokens, all of which have to be there.

        Asking for a canary raises the alarm, as asking to see one does: the way there begins here. Raises
        `NotPermitted`, or the error of the first token that cannot be revealed, on record too.
        """
        canaries = self._canaries.asked_for(caller.tenant, tokens)
        event = replace(event_of(caller, "approvals.ask", request_id), canaries=canaries)
        with refusals_on_record(self._audit, event):
            caller = require_reveal(caller, "full", purpose)
            rule = approval_rule(caller)
        event = replace(event, purpose=purpose)
        facts = self._facts_on_record(caller, tokens, event)
        now = int(self._clock())
        request = ApprovalRequest(
            tenant=caller.tenant,
            approval_id=self._random_bytes(_ID_BYTES).hex(),
            asked_by=Actor.of(caller),
            purpose=str(purpose),
            tokens_sha256=digest(tokens),
            types=Counter({fact.token: fact.type for fact in facts}.values()),
            asked=now,
            expires_at=now + rule.valid_seconds,
        )
        outcomes = tuple(AuditOutcome("asked", fact.token, fact.type) for fact in facts)
        self._audit.record(replace(event, approval=request.approval_id, outcomes=outcomes))
        return self._shown(self._approvals.ask(request))

    def look(self, caller: Caller, approval_id: str, request_id: str) -> ShownApproval:
        """An approval as it stands, for who asked for it and for who may decide on it.

        Raises `ApprovalNotFound` or `NotPermitted`, on record.
        """
        event = event_of(caller, "approvals.look", request_id)
        with refusals_on_record(self._audit, event):
            require_admitted(caller)
            found = self._found(caller, approval_id)
        with refusals_on_record(self._audit, _about(event, found.request)):
            if not Actor.of(caller).is_the_same_as(found.request.asked_by):
                _require_approver(caller, found)
        return self._shown(found)

    def decide(self, caller: Caller, approval_id: str, approves: bool, request_id: str) -> ShownApproval:
        """Approves or refuses, once and for all; who decides the same again is answered the same.

        Should two decide at once, both are on record, and who came second is so as refused, too. Raises
        `ApprovalNotFound`, `NotPermitted` or `ApprovalNotUsable`, on record.
        """
        event = event_of(caller, "approvals.approve" if approves else "approvals.refuse", request_id)
        decision = Decision(Actor.of(caller), approves, int(self._clock()))
        with refusals_on_record(self._audit, event):
            require_action(caller, "approve")
            found = self._found(caller, approval_id)
        event = _about(event, found.request)
        with refusals_on_record(self._audit, event):
            _require_approver(caller, found)
            _require_second_person(found, decision)
            _require_open(found, decision)
        became = AuditOutcome("deciding" if found.decision is None else "decided")
        self._audit.record(replace(event, outcomes=(became,)))
        with refusals_on_record(self._audit, event):
            return self._shown(self._decided(found, decision))

    def _shown(self, stored: StoredApproval) -> ShownApproval:
        return ShownApproval(stored.request, stored.decision, stored.state(self._clock()))

    def _decided(self, found: StoredApproval, decision: Decision) -> StoredApproval:
        """What stands in the end. Raises `ApprovalNotUsable` if somebody else decided first."""
        if found.decision is None:
            decided = self._approvals.decide(found.request, decision)
            if decided is not None:
                return decided
            request = found.request
            found = self._approvals.find(request.tenant, request.approval_id) or found
        _require_open(found, decision)
        return found

    def _found(self, caller: Caller, approval_id: str) -> StoredApproval:
        found = self._approvals.find(caller.tenant, approval_id)
        if found is None:
            raise ApprovalNotFound
        return found

    def _facts_on_record(self, caller: Caller, tokens: Sequence[str], event: AuditEvent) -> list[TokenFacts]:
        """The facts of every token. Raises the first error of one, and then all of them are on record."""
        stored = self._store.find([TokenKey(caller.tenant, token) for token in tokens])
        named = {subject for each in stored for subject in named_subject(each)}
        erased = self._subjects.erased(caller.tenant, sorted(named)) if named else set[str]()
        results = [item_result(self._facts, caller, each, erased) for each in stored]
        for index, result in enumerate(results):
            if isinstance(result, TokenvaultError):
                outcomes = tuple(map(_outcome, stored, results))
                self._audit.record(replace(event, outcomes=outcomes))
                result.pointer = f"/items/{index}/token"
                raise result
        return [result for result in results if isinstance(result, TokenFacts)]

    def _facts(self, caller: Caller, stored: StoredToken, erased: Container[str]) -> TokenFacts:
        facts = verified_facts(stored, self._keys, self._clock(), erased)
        require_type(caller, facts.type)
        return facts


def _outcome(stored: StoredToken, result: TokenFacts | TokenvaultError) -> AuditOutcome:
    """What became of a token that was asked for in vain. Text that is no token of ours is not repeated."""
    if isinstance(result, TokenFacts):
        return AuditOutcome("found", result.token, result.type)
    known = None if isinstance(stored, Vacant) else stored.key.token
    return AuditOutcome.failed(result, known)


def _about(event: AuditEvent, request: ApprovalRequest) -> AuditEvent:
    """The event, with the approval that it is about and whose request that was."""
    asked_by = request.asked_by
    return replace(
        event,
        approval=request.approval_id,
        purpose=request.purpose,
        asker=asked_by.client,
        asker_sub=asked_by.sub,
        asker_username=asked_by.username,
    )


def _require_approver(caller: Caller, found: StoredApproval) -> None:
    """Raises `NotPermitted` unless the caller may approve reveals and exports of all these types."""
    approver = require_action(caller, "approve")
    for type_name in found.request.type_names:
        require_type(approver, type_name)


def _require_second_person(found: StoredApproval, decision: Decision) -> None:
    if not decision.decided_by.is_second_to(found.request.asked_by):
        raise ApprovalNotUsable(
            "approval_own_request", "nobody decides on what they asked for: a second person has to"
        )


def _require_open(found: StoredApproval, decision: Decision) -> None:
    """Raises `ApprovalNotUsable` if its time is up, or another decision stands."""
    if found.decision is not None and not found.decision.is_the_same_as(decision):
        raise ApprovalNotUsable("approval_decided", "somebody has decided on it, and that stands")
    if found.decision is None and decision.at >= found.request.expires_at:
        raise ApprovalNotUsable("approval_late", "its time is up: it has to be asked for again")
