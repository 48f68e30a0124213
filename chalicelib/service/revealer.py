"""The use case of the revealing function: turn tokens back, and keep a record of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chalicelib.audit.events import AuditEvent, AuditOutcome, AuditTrail
from chalicelib.audit.refusals import refusals_on_record
from chalicelib.auth.permissions import require_reveal, require_type
from chalicelib.auth.policy import Policy
from chalicelib.errors import InvalidValue, RecordCorrupt, TokenNotFound, TokenvaultError
from chalicelib.formats.base import TokenFormat
from chalicelib.formats.shapes import HIDDEN
from chalicelib.model import Caller, InfoType, RevealMode, TokenFacts
from chalicelib.sensitive import Sensitive
from chalicelib.service.budgets import Budgets
from chalicelib.service.results import item_result
from chalicelib.sources import Clock
from chalicelib.vault.keyring import RevealingKeyring
from chalicelib.vault.records import Secrets, open_record
from chalicelib.vault.subjects import SubjectStore
from chalicelib.vault.tokens import StoredToken, TokenKey, TokenStore, UnverifiedRecord, Vacant


@dataclass(frozen=True)
class Revealed:
    """A token turned back: its value, or the mask of it."""

    token: str
    type: str
    value: Sensitive[object]


@dataclass(frozen=True)
class DetokenizeRequest:
    """What a caller asks to see, how, and what for. `request_id` is API Gateway's."""

    tokens: tuple[str, ...]
    mode: RevealMode
    purpose: str | None
    request_id: str


Result = Revealed | TokenvaultError


@dataclass(frozen=True)
class _Item:
    """One token of a request: what lies under it, and what became of it."""

    stored: StoredToken
    result: Result

    @property
    def outcome(self) -> AuditOutcome:
        """What the audit trail says. Text that is no token of ours is not repeated."""
        token = None if isinstance(self.stored, Vacant) else self.stored.key.token
        if isinstance(self.result, Revealed):
            return AuditOutcome("revealed", token, self.result.type)
        reason = self.result.reason if isinstance(self.result, TokenNotFound) else self.result.code
        return AuditOutcome(reason, token)


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
        audit: AuditTrail,
        alarm: Callable[[int], None],
        clock: Clock,
    ) -> None:
        """`alarm` is given the number of canaries that a request asks for."""
        self._policy, self._store, self._subjects, self._keys = policy, store, subjects, keys
        self._budgets, self._audit, self._alarm, self._clock = budgets, audit, alarm, clock

    def detokenize(self, caller: Caller, request: DetokenizeRequest) -> list[Result]:
        """The value or mask behind each token, or the error of that item, in order.

        Nothing is returned before the audit trail has acknowledged the event. Raises `NotPermitted`
        or `BudgetExceeded` (on record too), `KeyUnavailable` or `StoreUnavailable`.
        """
        event = _event(caller, request)
        canaries = self._canaries(event, request.tokens)
        with refusals_on_record(self._audit, event, *canaries):
            require_reveal(caller, request.mode, request.purpose)
            self._budgets.spend(caller, "reveals", len(request.tokens))
        stored = self._store.find([TokenKey(caller.tenant, token) for token in request.tokens])
        secrets = self._secrets(caller.tenant, stored)
        items = [
            _Item(each, item_result(self._reveal, caller, each, secrets, request.mode)) for each in stored
        ]
        self._audit.record(replace(event, outcomes=tuple(item.outcome for item in items)), *canaries)
        return [item.result for item in items]

    def _canaries(self, event: AuditEvent, tokens: Sequence[str]) -> tuple[AuditEvent, ...]:
        """An event of its own for the canaries among the tokens, if there are any.

        It is stored side by side with the request's, so that the answer takes no longer for it; nothing in
        the answer tells a canary from any other token. A refused request for a canary is reported too.
        """
        asked = [token for token in tokens if token in self._policy.canaries[event.tenant]]
        if not asked:
            return ()
        self._alarm(len(asked))
        outcomes = tuple(AuditOutcome("asked", token) for token in asked)
        return (replace(event, action="canary", outcomes=outcomes),)

    def _secrets(self, tenant: str, stored: Sequence[StoredToken]) -> Secrets:
        """The secrets of the subjects that the records belong to, read anew at each request."""
        named = {each.secret for each in stored if isinstance(each, UnverifiedRecord) and each.secret}
        return self._subjects.secrets(tenant, list(named)) if named else {}

    def _reveal(self, caller: Caller, stored: StoredToken, secrets: Secrets, mode: RevealMode) -> Revealed:
        facts, value = open_record(stored, secrets, self._keys, self._clock())
        require_type(caller, facts.type)
        shown = _masked if mode == "masked" else _presented
        return Revealed(facts.token, facts.type, Sensitive(shown(self._type(facts).format, value.reveal())))

    def _type(self, facts: TokenFacts) -> InfoType:
        info_type = self._policy.types.get(facts.type)
        if info_type is None:
            raise RecordCorrupt("a record is of an information type that the policy no longer has")
        return info_type


def _presented(token_format: TokenFormat, canonical: str) -> object:
    try:
        return token_format.present(canonical)
    except InvalidValue:
        raise RecordCorrupt(
            "a record's value is not one of its information type, as the policy has it"
        ) from None


def _masked(token_format: TokenFormat, canonical: str) -> str:
    """The mask of a value. If the policy has given the type another format since, nothing is shown: a mask
    that leaves four of nine digits leaves a name of four letters whole."""
    try:
        fits = token_format.canonicalize(token_format.present(canonical)) == canonical
    except InvalidValue:
        return HIDDEN
    return token_format.mask(canonical) if fits else HIDDEN


def _event(caller: Caller, request: DetokenizeRequest) -> AuditEvent:
    """The request as it goes on record, before there are outcomes."""
    return AuditEvent(
        tenant=caller.tenant,
        client=caller.client,
        action="detokenize" if request.mode == "full" else "detokenize.masked",
        request_id=request.request_id,
        purpose=request.purpose if request.purpose in caller.purposes else None,
    )
