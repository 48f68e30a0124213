"""Imported tokens: written under the very token that came along, where nothing stands and nothing stood."""

from chalicelib.errors import StoreUnavailable, TokenNotFound, TokenTaken, TokenvaultError
from chalicelib.model import TokenFacts, TokenRecord
from chalicelib.service.batch import Batch, BatchItem, pending
from chalicelib.service.requests import IdempotentRequest
from chalicelib.service.results import Result, item_result, write_result
from chalicelib.sources import Clock
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.records import RecordSealer, verified_facts
from chalicelib.vault.tokens import Put, StoredToken, TokenKey, TokenStore, Vacant, was_erased_unseen


class ImportWriter:
    """Never overwrites, whatever the token looks like: a write has the condition that its place is free."""

    def __init__(self, *, store: TokenStore, keys: TokenizingKeyring, clock: Clock) -> None:
        self._store, self._keys, self._clock = store, keys, clock

    def look(self, items: Batch, request: IdempotentRequest) -> None:
        """Gives a result to each item whose place is not free: the facts of what an earlier try of this very
        request wrote, or the error. Of items with one token, the first keeps it.

        A marker of an erasure may stand without a tombstone, where a write would go through and its record
        never open; so every place is looked at before. Raises `StoreUnavailable` or `KeyUnavailable`.
        """
        _part(items)
        self._recognize(pending(items), request)

    def write(self, sealer: RecordSealer, items: Batch, request: IdempotentRequest) -> None:
        """Gives each item the facts of its token, or its error.

        What took a place meanwhile is looked at once more: it may be another try of this request. Raises
        `KeyUnavailable`.
        """
        if not items:
            return
        records = [_record(item, request) for item in items]
        puts = self._store.add([sealer.seal(record) for record in records])
        for item, record, put in zip(items, records, puts, strict=True):
            if put is not Put.TAKEN:
                item.result = write_result(record, put)
        try:
            self._recognize(pending(items), request)
        except StoreUnavailable as error:
            _fail(pending(items), error)
        _fail(pending(items), TokenTaken())

    def _recognize(self, items: Batch, request: IdempotentRequest) -> None:
        if not items:
            return
        found = self._store.find([_key(item) for item in items])
        for item, stored in zip(items, found, strict=True):
            item.result = self._result(item, stored, request)

    def _result(self, item: BatchItem, stored: StoredToken, request: IdempotentRequest) -> Result | None:
        """None where nothing stands."""
        if isinstance(stored, Vacant):
            return None
        origin = _origin(item, request)
        if origin is not None and stored.origin == origin:
            return item_result(self._existing, stored)
        if request.is_replay and was_erased_unseen(stored, request.answered_since):
            # Erased before it had come to the eraser's Region: nobody there had seen the request's mark.
            return TokenNotFound("erased")
        return TokenTaken()

    def _existing(self, stored: StoredToken) -> TokenFacts:
        return verified_facts(stored, self._keys, self._clock())


def _fail(items: Batch, error: TokenvaultError) -> None:
    for item in items:
        item.result = error


def _part(items: Batch) -> None:
    seen = set[TokenKey]()
    for item in items:
        if _key(item) in seen:
            item.result = TokenTaken()
        seen.add(_key(item))


def _token(item: BatchItem) -> str:
    """Raises `AssertionError` (a bug) for a value that came without a token."""
    if item.draft.imported_token is None:
        raise AssertionError("a value to import has a token")
    return item.draft.imported_token


def _key(item: BatchItem) -> TokenKey:
    return TokenKey(item.draft.tenant, _token(item))


def _origin(item: BatchItem, request: IdempotentRequest) -> bytes | None:
    draws = request.draws(item.position)
    return draws.origin if draws else None


def _record(item: BatchItem, request: IdempotentRequest) -> TokenRecord:
    return item.draft.with_token(_token(item), origin=_origin(item, request))
