"""The use cases of the tokenizing function: take values in, tell facts about tokens.

Nothing here, and nothing it is given, can open a record.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from chalicelib.audit import AuditEvent, AuditTrail
from chalicelib.auth.permissions import require_action, require_type
from chalicelib.auth.policy import Policy
from chalicelib.cache import Clock
from chalicelib.crypto.keyring import TokenizingKeyring
from chalicelib.crypto.keys import TokenizingKey
from chalicelib.drawing import RandBelow
from chalicelib.errors import StoreUnavailable, SubjectErased, TokenNotFound, TokenvaultError
from chalicelib.model import Caller, Mode, SubjectSecret, TokenFacts
from chalicelib.service.accepting import (
    Accepted,
    TokenizeItem,
    accept,
    checked_metadata,
    expiry,
    permitted_type,
)
from chalicelib.service.attempts import Result, attempt
from chalicelib.service.budgets import Budgets
from chalicelib.service.deriving import DerivedDraft, DerivedTokens, Deriver
from chalicelib.service.idempotency import IdempotentRequest, RequestKey, Requests
from chalicelib.service.persons import Persons
from chalicelib.service.random_writer import RandomDraft, RandomWriter
from chalicelib.service.refusing import refusals_on_record
from chalicelib.vault.items import TokenKey, secret_reference
from chalicelib.vault.sealing import living, verified_facts
from chalicelib.vault.store import TokenStore


class Tokenizer:
    """Turns values into tokens."""

    def __init__(
        self,
        *,
        policy: Policy,
        store: TokenStore,
        keys: TokenizingKeyring,
        requests: Requests,
        persons: Persons,
        deriver: Deriver,
        derived: DerivedTokens,
        drawn: RandomWriter,
        budgets: Budgets,
        audit: AuditTrail,
        clock: Clock,
        randbelow: RandBelow,
    ) -> None:
        self._policy, self._store, self._keys, self._clock = policy, store, keys, clock
        self._requests, self._persons, self._randbelow = requests, persons, randbelow
        self._deriver, self._derived, self._drawn = deriver, derived, drawn
        self._budgets, self._audit = budgets, audit

    def tokenize(
        self,
        caller: Caller,
        items: Sequence[TokenizeItem],
        request_id: str,
        request: RequestKey | None = None,
    ) -> list[Result]:
        """A token for each value, or the error of that item, in order.

        Raises `NotPermitted`, `BudgetExceeded` (on record), `IdempotencyConflict`, `KeyUnavailable` or
        `StoreUnavailable` where nothing was taken in, or nothing that the same request, sent again, does not
        find.
        """
        require_action(caller, "tokenize")
        opened = self._requests.open(caller, request)
        accepted = [attempt(lambda item=item: self._accept(caller, item, opened)) for item in items]  # type: ignore[misc]
        wanted = {i: one for i, one in enumerate(accepted) if isinstance(one, Accepted)}
        self._spend(caller, wanted.values(), request_id)
        results = self._write(caller.tenant, wanted, opened) if wanted else {}
        return [results[i] if isinstance(one, Accepted) else one for i, one in enumerate(accepted)]

    def facts(self, caller: Caller, token: str) -> TokenFacts:
        """What may be told about a token. Raises `TokenNotFound`, `NotPermitted` or `RecordCorrupt`."""
        require_action(caller, "read")
        key = TokenKey(caller.tenant, token)
        [found] = self._store.find([key])
        record = living(found)
        told = verified_facts(key, record, self._keys, self._clock())
        owner = secret_reference(record)
        if owner is not None and self._persons.erased(caller.tenant, owner[:1]):
            # Closed already, though the clean-up has not come to it, or a backup brought it back.
            raise TokenNotFound("erased")
        require_type(caller, told.type)
        return told

    def _accept(self, caller: Caller, item: TokenizeItem, opened: IdempotentRequest) -> Accepted:
        info_type = permitted_type(caller, self._policy, item.type)
        expires_at = expiry(info_type, item.ttl_seconds, opened.created)
        metadata = checked_metadata(item.metadata)
        one = accept(caller.tenant, info_type, item, opened.created, expires_at=expires_at, metadata=metadata)
        if expires_at is not None and expires_at <= self._clock():
            # A late retry: had the first try come through, its token would be gone by now.
            raise TokenNotFound("expired")
        return one

    def _spend(self, caller: Caller, wanted: Iterable[Accepted], request_id: str) -> None:
        """A deterministic value tells whoever guesses it that he was right, so guesses may be limited."""
        deterministic = sum(one.type.mode == "deterministic" for one in wanted)
        if not deterministic:
            return
        event = AuditEvent(caller.tenant, caller.client, "tokenize", request_id)
        with refusals_on_record(self._audit, event):
            self._budgets.spend(caller, "deterministic_tokens", deterministic)

    def _write(
        self, tenant: str, wanted: Mapping[int, Accepted], opened: IdempotentRequest
    ) -> dict[int, Result]:
        """Seals and stores, deterministic values first: what follows them loses nothing by failing."""
        key = self._keys.writing_key(tenant)
        people = self._persons.secrets(tenant, {one.subject for one in wanted.values()} - {""})
        able = {i: _owned(one, people) for i, one in wanted.items()}
        results: dict[int, Result] = {i: one for i, one in able.items() if isinstance(one, SubjectErased)}
        ready = {i: one for i, one in able.items() if isinstance(one, Accepted)}
        results |= self._write_derived(key, _of_mode(ready, "deterministic"))
        results |= self._write_drawn(key, _of_mode(ready, "random"), opened)
        results |= self._erased_meanwhile(tenant, ready)
        if all(isinstance(result, StoreUnavailable) for result in results.values()):
            raise StoreUnavailable("the store did not answer; the same request may be sent again")
        return results

    def _write_derived(self, key: TokenizingKey, ready: Mapping[int, Accepted]) -> dict[int, Result]:
        if not ready:
            return {}
        derived = self._deriver.derive(key.context.tenant, list(ready.values()))
        drafts = [DerivedDraft(o.record, o.space, d) for o, d in zip(ready.values(), derived, strict=True)]
        return dict(zip(ready, self._derived.write(key, drafts), strict=True))

    def _write_drawn(
        self, key: TokenizingKey, ready: Mapping[int, Accepted], opened: IdempotentRequest
    ) -> dict[int, Result]:
        if not ready:
            return {}
        drafts = [self._random_draft(one, i, opened) for i, one in ready.items()]
        return dict(zip(ready, self._drawn.write(key, drafts, again=opened.again), strict=True))

    def _random_draft(self, one: Accepted, item: int, opened: IdempotentRequest) -> RandomDraft:
        draws = opened.draws(item)
        if draws is None:
            return RandomDraft(one.record, one.space, self._randbelow)
        return RandomDraft(replace(one.record, origin=draws.origin), one.space, draws.randbelow)

    def _erased_meanwhile(self, tenant: str, ready: Mapping[int, Accepted]) -> dict[int, Result]:
        """Items whose person was erased while they were written: their tokens are dead already."""
        owned = {i: one.subject for i, one in ready.items() if one.subject}
        if not owned:
            return {}
        try:
            erased: Mapping[str, TokenvaultError] = self._persons.erased(tenant, owned.values())
        except StoreUnavailable as error:
            erased = dict.fromkeys(owned.values(), error)
        return {i: erased[subject] for i, subject in owned.items() if subject in erased}


def _of_mode(ready: Mapping[int, Accepted], mode: Mode) -> dict[int, Accepted]:
    return {i: one for i, one in ready.items() if one.type.mode == mode}


def _owned(one: Accepted, people: Mapping[str, SubjectSecret | SubjectErased]) -> Accepted | SubjectErased:
    """The value with the secret of the person whom it belongs to."""
    if not one.subject:
        return one
    secret = people.get(one.subject)
    if isinstance(secret, SubjectErased):
        return secret
    return replace(one, record=replace(one.record, belongs_to=secret))
