"""The use cases of the tokenizing function: take values in, tell facts about tokens.

Nothing here, and nothing it is given, can open a record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from chalicelib.audit.events import AuditTrail
from chalicelib.audit.refusals import refusals_on_record
from chalicelib.auth.permissions import require_action, require_type
from chalicelib.auth.policy import Policy
from chalicelib.errors import InvalidValue, StoreUnavailable, TokenNotFound, TokenvaultError, error_of_all
from chalicelib.model import Caller, Mode, RecordDraft, TokenFacts
from chalicelib.service.accepting import TokenizeItem, checked_metadata, draft, expiry, permitted_type
from chalicelib.service.batch import Batch, BatchItem, accept, pending, subjects
from chalicelib.service.budgets import Budgets
from chalicelib.service.card_fingerprints import CardFingerprints
from chalicelib.service.deterministic_writer import DeterministicWriter
from chalicelib.service.events import event_of
from chalicelib.service.random_writer import RandomWriter
from chalicelib.service.requests import IdempotentRequest, RequestKey, Requests
from chalicelib.service.results import Result
from chalicelib.service.short_lived import ShortLivedSecrets
from chalicelib.service.subject_ids import new_subject
from chalicelib.service.subjects import Subjects
from chalicelib.sources import Clock
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.records import OpenSealer, named_subject, verified_facts
from chalicelib.vault.tokens import TokenKey, TokenStore


class Tokenizer:
    """Turns values into tokens."""

    def __init__(
        self,
        *,
        policy: Policy,
        store: TokenStore,
        keys: TokenizingKeyring,
        open_sealer: OpenSealer,
        requests: Requests,
        subjects: Subjects,
        short_lived: ShortLivedSecrets,
        card_fingerprints: CardFingerprints,
        deterministic_writer: DeterministicWriter,
        random_writer: RandomWriter,
        budgets: Budgets,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._policy, self._store, self._keys, self._clock = policy, store, keys, clock
        self._open_sealer, self._requests = open_sealer, requests
        self._subjects, self._short_lived = subjects, short_lived
        self._card_fingerprints = card_fingerprints
        self._deterministic_writer, self._random_writer = deterministic_writer, random_writer
        self._budgets, self._audit = budgets, audit

    def tokenize(
        self,
        caller: Caller,
        items: Sequence[TokenizeItem | InvalidValue],
        request_id: str,
        request_key: RequestKey | None = None,
    ) -> list[Result]:
        """A token for each value, or the error of that item, in order.

        Raises `NotPermitted`, `BudgetExceeded` (on record), `IdempotencyConflict`, `KeyUnavailable` or
        `StoreUnavailable`. Then an item that has a token of its own each time may have been stored with
        nobody told its token; sent again under an idempotency key, it is found.
        """
        caller = require_action(caller, "tokenize")
        request = self._requests.open(caller, request_key)
        batch = accept(items, partial(self._draft, caller, request))
        self._spend(caller, batch, request_id)
        if accepted := pending(batch):
            self._write(caller.tenant, accepted, request)
        return [_answer(item) for item in batch]

    def facts(self, caller: Caller, token: str) -> TokenFacts:
        """What may be told about a token. Raises `TokenNotFound`, `NotPermitted` or `RecordCorrupt`."""
        caller = require_action(caller, "read")
        [stored] = self._store.find([TokenKey(caller.tenant, token)])
        erased = self._subjects.erased(caller.tenant, named_subject(stored))
        facts = verified_facts(stored, self._keys, self._clock(), erased)
        require_type(caller, facts.type)
        return facts

    def _draft(self, caller: Caller, request: IdempotentRequest, item: TokenizeItem) -> RecordDraft:
        info_type = permitted_type(caller, self._policy, item.type)
        expires_at = expiry(info_type, item.ttl_seconds, request.created)
        metadata = checked_metadata(item.metadata)
        drafted = draft(
            caller.tenant,
            info_type,
            item,
            request.created,
            expires_at=expires_at,
            metadata=metadata,
            read_subject=new_subject,
            created_by=caller.client,
        )
        if expires_at is not None and expires_at <= self._clock():
            # A late retry: had the first try succeeded, its token would be gone by now.
            raise TokenNotFound("expired")
        return drafted

    def _spend(self, caller: Caller, batch: Batch, request_id: str) -> None:
        """A deterministic value, or a fingerprint, confirms a right guess, so guesses may be limited."""
        guesses = sum(item.draft.type.confirms_guesses for item in pending(batch))
        if not guesses:
            return
        event = event_of(caller, "tokenize", request_id)
        with refusals_on_record(self._audit, event):
            self._budgets.spend(caller, "deterministic_tokens", guesses)

    def _write(self, tenant: str, accepted: Batch, request: IdempotentRequest) -> None:
        """Seals and stores, deterministic values first: what follows them loses nothing by failing."""
        key = self._keys.writing_key(tenant)
        self._bind_secrets(tenant, accepted)
        self._short_lived.bind(tenant, pending(accepted))
        self._card_fingerprints.bind(tenant, pending(accepted))
        open_items = pending(accepted)
        with self._open_sealer(key) as sealer:
            if deterministic := _of_mode(open_items, "deterministic"):
                self._deterministic_writer.write(sealer, deterministic, request)
            if random := _of_mode(open_items, "random"):
                self._random_writer.write(sealer, random, request)
        self._close_erased_meanwhile(tenant, open_items)
        failures = [item.result for item in accepted if isinstance(item.result, StoreUnavailable)]
        if len(failures) == len(accepted):
            raise error_of_all(failures)

    def _bind_secrets(self, tenant: str, accepted: Batch) -> None:
        """Binds each value of a subject to the subject's secret; values of a subject that has none fail."""
        secrets = self._subjects.secrets(tenant, subjects(accepted))
        for item in accepted:
            if item.draft.subject is None:
                continue
            secret = secrets[item.draft.subject]
            if isinstance(secret, TokenvaultError):
                item.result = secret
            else:
                item.bind(secret)

    def _close_erased_meanwhile(self, tenant: str, written: Batch) -> None:
        """Fails items whose subject was erased while they were written: their tokens are dead already."""
        names = subjects(written)
        if not names:
            return
        try:
            erased: Mapping[str, TokenvaultError] = self._subjects.erased(tenant, names)
        except StoreUnavailable as error:
            erased = dict.fromkeys(names, error)
        for item in written:
            item.result = erased.get(item.draft.subject or "", item.result)


def _answer(item: BatchItem) -> Result:
    """The item's result, with what the policy tells of its card now: an older record may not hold it."""
    result = item.answer
    if isinstance(result, TokenFacts) and result.card != item.draft.card:
        return replace(result, card=item.draft.card)
    return result


def _of_mode(items: Batch, mode: Mode) -> list[BatchItem]:
    return [item for item in items if item.draft.type.mode == mode]
