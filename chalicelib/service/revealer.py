"""The use case of the revealing function: turn tokens back, and keep a record of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from chalicelib.audit.events import AuditAction, AuditEvent, AuditOutcome, AuditTrail
from chalicelib.audit.refusals import refusals_on_record
from chalicelib.auth.permissions import (
    require_admitted,
    require_fields,
    require_no_approval,
    require_on_behalf_of,
    require_reveal,
    require_type,
    wrong_type,
)
from chalicelib.auth.policy import Policy
from chalicelib.caller import AssertedUser, Caller
from chalicelib.crypto.request_secret import OpenedSecrets
from chalicelib.errors import (
    ApprovalRequired,
    BudgetExceeded,
    InvalidValue,
    NotPermitted,
    RecordCorrupt,
    SecretNotArrived,
    TokenvaultError,
)
from chalicelib.formats.base import Field, TokenFormat
from chalicelib.formats.shapes import HIDDEN
from chalicelib.model import InfoType, RevealMode, TokenFacts
from chalicelib.sensitive import Sensitive
from chalicelib.service.approved_reveals import ApprovedReveals
from chalicelib.service.asserted_users import asserted_user
from chalicelib.service.budgets import Budgets
from chalicelib.service.canaries import Canaries
from chalicelib.service.events import event_of
from chalicelib.service.presenting import in_full
from chalicelib.service.recognizing import certain_tokens
from chalicelib.service.results import item_result
from chalicelib.sources import Clock
from chalicelib.vault.budgets import Spending
from chalicelib.vault.keyring import RevealingKeyring
from chalicelib.vault.records import Secrets, open_record, secrets_of
from chalicelib.vault.subjects import SubjectStore
from chalicelib.vault.tokens import StoredToken, TokenKey, TokenStore, UnverifiedRecord, Vacant


@dataclass(frozen=True)
class Revealed:
    """A token turned back: its value, or the mask of it.

    `fields` are those that the value shows in full; None of a mask, and of a value that has no fields.
    """

    token: str
    type: str
    value: Sensitive[object]
    fields: tuple[Field, ...] | None = None


@dataclass(frozen=True)
class DetokenizeRequest:
    """What a caller asks to see, how, and what for. `request_id` is API Gateway's.

    A caller may send a value in the place of a token, so `tokens` are not shown. An item that is no token at
    all comes as its error. `on_behalf_of` is whom the caller says that it asks for, `assertion` what its
    identity provider says of that, unverified yet. `approval` is the id of a second person's approval.
    `fields` are all that it asks for of each value, None for whole ones.
    """

    tokens: tuple[str | InvalidValue, ...] = field(repr=False)
    mode: RevealMode
    purpose: str | None
    request_id: str
    on_behalf_of: str | None = field(default=None, repr=False)
    approval: str | None = None
    fields: tuple[Field, ...] | None = None
    assertion: str | None = field(default=None, repr=False)


Result = Revealed | TokenvaultError


@dataclass
class _Item:
    """One token of a request, or what is wrong with it; then what lies under it, and what became of it."""

    token: str | InvalidValue = field(repr=False)
    stored: StoredToken | None = None
    result: Result | None = None

    @property
    def answer(self) -> Result:
        """What the caller is told. Raises `AssertionError` if nothing became of the item, which is a bug."""
        if self.result is None:
            raise AssertionError("an item of the batch was left without a result")
        return self.result

    @property
    def outcome(self) -> AuditOutcome:
        """What the audit trail says. Text that is no token of ours is not repeated."""
        known = None if self.stored is None or isinstance(self.stored, Vacant) else self.stored.key.token
        result = self.answer
        if isinstance(result, Revealed):
            return AuditOutcome("revealed", known, result.type, result.fields)
        return AuditOutcome.failed(result, known)


@dataclass(frozen=True)
class _Showing:
    """What the items of one request have in common: to whom, with which secrets, how, and whether nobody but
    the caller stands for it."""

    caller: Caller
    secrets: Secrets
    opened: OpenedSecrets
    mode: RevealMode
    unapproved: bool
    fields: tuple[Field, ...] | None


class Revealer:
    """Turns tokens back into values, each time on record."""

    def __init__(
        self,
        *,
        policy: Policy,
        store: TokenStore,
        subjects: SubjectStore,
        keys: RevealingKeyring,
        budgets: Budgets,
        approvals: ApprovedReveals,
        audit: AuditTrail,
        canaries: Canaries,
        clock: Clock,
    ) -> None:
        self._policy, self._store, self._subjects, self._keys = policy, store, subjects, keys
        self._budgets, self._approvals = budgets, approvals
        self._audit, self._canaries, self._clock = audit, canaries, clock

    def detokenize(self, caller: Caller, request: DetokenizeRequest) -> list[Result]:
        """The value or mask behind each token, or the error of that item, in order.

        Nothing is returned before the audit trail has acknowledged the event, and an approval is used up
        before that: values are shown under it once or not at all. Raises `NotPermitted`, `ApprovalRequired`,
        `ApprovalNotUsable`, `BudgetExceeded`, or `SecretNotArrived` if that became of every item (all on
        record too), `KeyUnavailable` or `StoreUnavailable`.
        """
        texts = [token for token in request.tokens if isinstance(token, str)]
        event = self._event(caller, request, self._canaries.asked_for(caller.tenant, texts))
        named = partial(certain_tokens, self._policy, self._store, caller.tenant, texts)
        with refusals_on_record(self._audit, event, named):
            require_admitted(caller)
            event = _for(event, asserted_user(caller, request.assertion, self._clock()))
        items = [_Item(token) for token in request.tokens]
        with refusals_on_record(self._audit, event, named):
            caller = require_reveal(caller, request.mode, request.purpose)
            require_fields(caller, request.mode, request.fields)
            require_on_behalf_of(caller, request.on_behalf_of)
            approved = self._approvals.check(
                caller, request.approval, request.tokens, purpose=request.purpose, mode=request.mode
            )
            unapproved = request.mode == "full" and approved is None
            spent = self._spend(caller, items, unapproved)
        self._open(caller, request, items, unapproved)
        results = [item.answer for item in items]
        if approved is not None:
            event = self._approvals.on_record(event, approved)
            if any(isinstance(result, Revealed) for result in results):
                with refusals_on_record(self._audit, event, named):
                    self._approvals.use_up(approved)
        self._audit.record(replace(event, outcomes=tuple(item.outcome for item in items)))
        if waiting := _waiting(results):
            # Sent again until the secret is there, or for ever if it is lost: that must not cost the hour.
            self._budgets.give_back(spent)
            raise waiting
        return results

    def _open(
        self, caller: Caller, request: DetokenizeRequest, items: Sequence[_Item], unapproved: bool
    ) -> None:
        """Says of each item what became of it."""
        self._find(caller.tenant, items)
        secrets = secrets_of(self._subjects, caller.tenant, [item.stored for item in items])
        shown = _Showing(caller, secrets, OpenedSecrets(), request.mode, unapproved, request.fields)
        for item in items:
            item.result = item_result(self._reveal, shown, item)

    def _event(self, caller: Caller, request: DetokenizeRequest, canaries: tuple[str, ...]) -> AuditEvent:
        """The request as it goes on record, before there are outcomes."""
        action: AuditAction = "detokenize" if request.mode == "full" else "detokenize.masked"
        known = self._policy.lists_purpose(caller.tenant, request.purpose)
        return replace(
            event_of(caller, action, request.request_id),
            purpose=request.purpose if known else None,
            canaries=canaries,
            on_behalf_of=request.on_behalf_of if caller.on_behalf_of else None,
            fields=request.fields,
        )

    def _types(self, caller: Caller, items: Sequence[_Item]) -> list[str | None]:
        """The type of each token, unverified and for budgets only; nothing is looked up where they need none.

        A record whose type somebody changed is not opened, so that it opens no other budget either.
        """
        if caller.has_limits_by_type("reveals"):
            self._find(caller.tenant, items)
        return [item.stored.type if isinstance(item.stored, UnverifiedRecord) else None for item in items]

    def _spend(self, caller: Caller, items: Sequence[_Item], unapproved: bool) -> list[Spending]:
        """A person's own budget first: whoever has used it up takes nothing of what others share."""
        types = self._types(caller, items)
        spent = list(self._budgets.spend(caller, "reveals", types))
        if not unapproved:
            return spent
        try:
            return spent + list(self._budgets.spend(caller, "unapproved_reveals", types))
        except BudgetExceeded:
            self._budgets.give_back(spent)
            raise self._approval_required(caller, items) from None

    def _approval_required(self, caller: Caller, items: Sequence[_Item]) -> NotPermitted:
        """What to say to more than there is without a second person. An approval would be refused for a type
        that the caller may not use, and the trail is to say that it was asked for: so that comes first.

        Types are unverified here, and either is a refusal.
        """
        self._find(caller.tenant, items)
        for index, item in enumerate(items):
            if isinstance(item.stored, UnverifiedRecord) and item.stored.type not in caller.types:
                return wrong_type(f"/items/{index}/token")
        most = self._budgets.most(caller, "unapproved_reveals", ())
        alone = f"this client may reveal {most or 'no'} values in an hour here without a second person"
        return ApprovalRequired(
            f"{alone}, and this is more than is left: ask for an approval at /v1/approvals"
        )

    def _find(self, tenant: str, items: Sequence[_Item]) -> None:
        """What lies under the tokens that were not looked up before."""
        unseen = (item for item in items if item.stored is None)
        sought = [(item, item.token) for item in unseen if isinstance(item.token, str)]
        found = self._store.find([TokenKey(tenant, token) for _, token in sought]) if sought else []
        for (item, _), stored in zip(sought, found, strict=True):
            item.stored = stored

    def _reveal(self, showing: _Showing, item: _Item) -> Revealed:
        if isinstance(item.token, InvalidValue):
            raise item.token
        stored = item.stored or Vacant(TokenKey(showing.caller.tenant, item.token))
        facts, value = open_record(stored, showing.secrets, self._keys, self._clock(), showing.opened)
        require_type(showing.caller, facts.type)
        if showing.unapproved:
            require_no_approval(showing.caller, facts.type)
        token_format, canonical = self._type(facts).format, value.reveal()
        if showing.mode == "masked":
            return Revealed(facts.token, facts.type, Sensitive(_masked(token_format, canonical)))
        return Revealed(facts.token, facts.type, *in_full(token_format, canonical, showing.fields))

    def _type(self, facts: TokenFacts) -> InfoType:
        info_type = self._policy.types.get(facts.type)
        if info_type is None:
            raise RecordCorrupt("a record is of an information type that the policy no longer has")
        return info_type


def _waiting(results: Sequence[Result]) -> SecretNotArrived | None:
    """The error of every item if they all wait for a secret: the request is to be sent again as it is."""
    waiting = [result for result in results if isinstance(result, SecretNotArrived)]
    return waiting[0] if waiting and len(waiting) == len(results) else None


def _masked(token_format: TokenFormat, canonical: str) -> object:
    """The mask of a value. If the policy has given the type another format since, nothing is shown: a mask
    that leaves four of nine digits leaves a name of four letters whole."""
    try:
        fits = token_format.canonicalize(token_format.present(canonical)) == canonical
    except InvalidValue:
        return HIDDEN
    return token_format.mask(canonical) if fits else HIDDEN


def _for(event: AuditEvent, user: AssertedUser | None) -> AuditEvent:
    return event if user is None else replace(event, asserted_by=user.issuer, asserted_sub=user.sub)
