"""The use case of the revealing function: turn tokens back, and keep a record of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.audit import AuditEvent, AuditOutcome, AuditTrail
from chalicelib.auth.permissions import require_reveal, require_type
from chalicelib.auth.policy import Policy
from chalicelib.cache import Clock
from chalicelib.crypto.keyring import RevealingKeyring
from chalicelib.errors import InvalidValue, RecordCorrupt, TokenNotFound, TokenvaultError
from chalicelib.formats.base import TokenFormat
from chalicelib.formats.shapes import HIDDEN
from chalicelib.model import Caller, InfoType, RevealMode, TokenFacts
from chalicelib.sensitive import Sensitive
from chalicelib.service.attempts import attempt
from chalicelib.service.budgets import Budgets
from chalicelib.service.refusing import refusals_on_record
from chalicelib.vault.items import TokenKey, secret_reference
from chalicelib.vault.sealing import living, opened
from chalicelib.vault.store import Found, TokenStore
from chalicelib.vault.subjects import Secrets, SubjectStore


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

_NOBODY: Final = ("", "")


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
        """`alarm` is told of canaries that somebody asks for, and how many."""
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
        keys = [TokenKey(caller.tenant, token) for token in request.tokens]
        found = self._store.find(keys)
        secrets = self._secrets(caller.tenant, found)
        results = [
            attempt(lambda key=key, one=one: self._reveal(caller, key, one, secrets, request.mode))  # type: ignore[misc]
            for key, one in zip(keys, found, strict=True)
        ]
        outcomes = tuple(_outcome(*each) for each in zip(request.tokens, found, results, strict=True))
        self._audit.record(replace(event, outcomes=outcomes), *canaries)
        return results

    def _canaries(self, event: AuditEvent, tokens: Sequence[str]) -> tuple[AuditEvent, ...]:
        """An event of its own for the canaries among the tokens, none where there are none.

        It is stored side by side with the request's, so that the answer takes no longer for it; nothing in
        the answer tells a canary from any other token. Who asks in vain is told on as well.
        """
        asked = [token for token in tokens if token in self._policy.canaries[event.tenant]]
        if not asked:
            return ()
        self._alarm(len(asked))
        outcomes = tuple(AuditOutcome("asked", token) for token in asked)
        return (replace(event, action="canary", outcomes=outcomes),)

    def _secrets(self, tenant: str, found: Sequence[Found]) -> Secrets:
        """The secrets of the persons whom the records belong to, read anew at each request."""
        named = [attempt(lambda one=one: secret_reference(one.record or {})) for one in found]  # type: ignore[misc]
        wanted = list({one for one in named if isinstance(one, tuple)})
        return self._subjects.secrets(tenant, wanted) if wanted else {}

    def _reveal(
        self, caller: Caller, key: TokenKey, found: Found, secrets: Secrets, mode: RevealMode
    ) -> Revealed:
        record = living(found)
        secret = secrets.get(secret_reference(record) or _NOBODY)
        told, value = opened(key, record, secret, self._keys, self._clock())
        require_type(caller, told.type)
        info_type = self._type(told)
        shown = _masked if mode == "masked" else _presented
        return Revealed(told.token, told.type, Sensitive(shown(info_type.format, value.reveal())))

    def _type(self, told: TokenFacts) -> InfoType:
        info_type = self._policy.types.get(told.type)
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
    """The mask of a value. Where the policy has given the type another format since, nothing is shown: a mask
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


def _outcome(token: str, found: Found, result: Result) -> AuditOutcome:
    """What the audit trail says of one item. Text that is no token of ours is not repeated."""
    known = token if found.record is not None or found.erased else None
    if isinstance(result, Revealed):
        return AuditOutcome("revealed", known, result.type)
    if isinstance(result, TokenNotFound):
        return AuditOutcome(result.reason, known)
    return AuditOutcome(result.code, known)
