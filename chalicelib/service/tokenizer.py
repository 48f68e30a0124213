"""The use cases of the tokenizing function: take values in, tell facts about tokens.

Nothing here, and nothing it is given, can open a record.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from chalicelib.audit.events import AuditAction
from chalicelib.auth.permissions import require_action, require_type
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller
from chalicelib.errors import InvalidValue, TokenNotFound
from chalicelib.model import Mode, RecordDraft, TokenFacts
from chalicelib.service.accepting import TokenizeItem, new_draft
from chalicelib.service.batch import Batch, BatchItem, accept, pending
from chalicelib.service.deterministic_writer import DeterministicWriter
from chalicelib.service.intake import Intake
from chalicelib.service.random_writer import RandomWriter
from chalicelib.service.requests import IdempotentRequest, RequestKey, Requests
from chalicelib.service.results import Result
from chalicelib.service.subjects import Subjects
from chalicelib.sources import Clock
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.records import RecordSealer, named_subject, verified_facts
from chalicelib.vault.tokens import TokenKey, TokenStore

_GONE: Final = "no token of this Idempotency-Key is left: erased or expired; a new key takes the value in"
"""Which of the two it is nobody is told, here as elsewhere."""


class Tokenizer:
    """Turns values into tokens."""

    def __init__(
        self,
        *,
        policy: Policy,
        store: TokenStore,
        keys: TokenizingKeyring,
        requests: Requests,
        subjects: Subjects,
        intake: Intake,
        deterministic_writer: DeterministicWriter,
        random_writer: RandomWriter,
        clock: Clock,
    ) -> None:
        self._policy, self._store, self._keys, self._clock = policy, store, keys, clock
        self._requests, self._subjects, self._intake = requests, subjects, intake
        self._deterministic_writer, self._random_writer = deterministic_writer, random_writer

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
        batch = self.accept(caller, items, request)
        self.store(caller, batch, request, "tokenize", request_id)
        results = [answer(item) for item in batch]
        return results if request_key is None else [_of_key(result) for result in results]

    def accept(
        self, caller: Caller, items: Sequence[TokenizeItem | InvalidValue], request: IdempotentRequest
    ) -> list[BatchItem]:
        """The items as the vault takes them in for a caller that may, or refuses them. Raises nothing."""
        return accept(items, partial(self._draft, caller, request))

    def store(
        self, caller: Caller, batch: Batch, request: IdempotentRequest, action: AuditAction, request_id: str
    ) -> None:
        """Gives each accepted item of a batch its token or its error.

        Raises `BudgetExceeded` (on record, as `action`), `KeyUnavailable` or `StoreUnavailable`.
        """
        self._intake.spend(caller, batch, action, request_id)
        if accepted := pending(batch):
            self._intake.write(caller.tenant, accepted, partial(self._write, request=request))

    def facts(self, caller: Caller, token: str) -> TokenFacts:
        """What may be told about a token. Raises `TokenNotFound`, `NotPermitted` or `RecordCorrupt`."""
        caller = require_action(caller, "read")
        [stored] = self._store.find([TokenKey(caller.tenant, token)])
        erased = self._subjects.erased(caller.tenant, named_subject(stored))
        facts = verified_facts(stored, self._keys, self._clock(), erased)
        require_type(caller, facts.type)
        return facts

    def _draft(self, caller: Caller, request: IdempotentRequest, item: TokenizeItem) -> RecordDraft:
        return new_draft(caller, self._policy, item, request.created, self._clock())

    def _write(self, sealer: RecordSealer, items: Batch, request: IdempotentRequest) -> None:
        """Deterministic values first: what follows them loses nothing by failing."""
        if deterministic := _of_mode(items, "deterministic"):
            self._deterministic_writer.write(sealer, deterministic, request)
        if random := _of_mode(items, "random"):
            self._random_writer.write(sealer, random, request)


def answer(item: BatchItem) -> Result:
    """The item's result, with what the policy tells of its card now: an older record may not hold it."""
    result = item.answer
    if isinstance(result, TokenFacts) and result.card != item.draft.card:
        return replace(result, card=item.draft.card)
    return result


def _of_key(result: Result) -> Result:
    """The result of a request that had a key, which asked for no token: so it is told whose is gone."""
    return TokenNotFound(result.reason, _GONE) if isinstance(result, TokenNotFound) else result


def _of_mode(items: Batch, mode: Mode) -> list[BatchItem]:
    return [item for item in items if item.draft.type.mode == mode]
