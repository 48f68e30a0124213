"""Random tokens: drawn, sealed, and written where the place is free."""

from collections.abc import Callable, Sequence
from typing import Final

from chalicelib.crypto.prf import Draws
from chalicelib.drawing import draw
from chalicelib.errors import TokenNotFound, TokenSpaceExhausted, TokenvaultError
from chalicelib.items import Item
from chalicelib.model import TokenFacts, TokenRecord
from chalicelib.service.batch import Batch, BatchItem
from chalicelib.service.requests import IdempotentRequest
from chalicelib.service.results import MAX_PROBES, item_result, write_result
from chalicelib.sources import Clock, RandBelow
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.records import RecordSealer, verified_facts
from chalicelib.vault.tokens import (
    Put,
    PutResult,
    StoredToken,
    TokenKey,
    TokenStore,
    Vacant,
    was_erased_unseen,
)


class _Drawing:
    """An item with the tokens drawn for it, one after the other: a retry of the request draws the same."""

    def __init__(
        self, item: BatchItem, draws: Draws | None, own_slots: frozenset[int], randbelow: RandBelow
    ) -> None:
        self.item, self.origin = item, draws.origin if draws else None
        self._randbelow = draws.randbelow if draws else randbelow
        self._own_slots, self._tokens = own_slots, list[str]()

    def token(self, number: int) -> str:
        """The token of this draw, counted from 0. Raises `TokenSpaceExhausted`."""
        while len(self._tokens) <= number:
            self._tokens.append(draw(self.item.draft.space, self._own_slots, self._randbelow))
        return self._tokens[number]

    def key(self, number: int) -> TokenKey:
        """Where the token of this draw lies."""
        return TokenKey(self.item.draft.tenant, self.token(number))

    def record(self, number: int) -> TokenRecord:
        """The record under the token of this draw."""
        return self.item.draft.with_token(self.token(number), origin=self.origin)


WriteItems = Callable[[Sequence[Item]], list[PutResult]]

_EXHAUSTED: Final = f"no free token was found in {MAX_PROBES} attempts"


class RandomWriter:
    """Gives values tokens that say nothing of them."""

    def __init__(
        self,
        *,
        store: TokenStore,
        keys: TokenizingKeyring,
        own_slots: frozenset[int],
        clock: Clock,
        randbelow: RandBelow,
    ) -> None:
        self._store, self._keys, self._own_slots = store, keys, own_slots
        self._clock, self._randbelow = clock, randbelow

    def write(self, sealer: RecordSealer, items: Batch, request: IdempotentRequest) -> None:
        """Gives each item the facts of its new token, or its error.

        Opaque tokens cannot collide, so writes are unconditional except under an idempotency key: a slow
        first try must not overwrite what a retry and an eraser did meanwhile. A replay looks at all its draws
        before it writes anything. What the store took is never reported as failed.
        """
        drawings = [self._drawing(item, request) for item in items]
        if request.is_replay:
            self._recognize_replayed(drawings, request)
        if request.seed is None:
            opaque = [drawing for drawing in drawings if drawing.item.draft.space.opaque]
            self._round(sealer, opaque, 0, self._store.put_opaque)
        for number in range(MAX_PROBES):
            if not (left := _pending(drawings)):
                return
            self._round(sealer, left, number, self._store.add)
            self._recognize_lost(left, number, request)
        for drawing in _pending(drawings):
            drawing.item.result = TokenSpaceExhausted(_EXHAUSTED)

    def _drawing(self, item: BatchItem, request: IdempotentRequest) -> _Drawing:
        return _Drawing(item, request.draws(item.position), self._own_slots, self._randbelow)

    def _round(
        self, sealer: RecordSealer, drawings: Sequence[_Drawing], number: int, write: WriteItems
    ) -> None:
        """One draw for each; those whose place was another value's are left without a result."""
        drawn = [(each, record) for each in drawings if (record := self._draw(each, number)) is not None]
        if not drawn:
            return
        puts = write([sealer.seal(record) for _, record in drawn])
        for (drawing, record), put in zip(drawn, puts, strict=True):
            if put is not Put.TAKEN:
                drawing.item.result = write_result(record, put)

    def _recognize_lost(self, drawings: Sequence[_Drawing], number: int, request: IdempotentRequest) -> None:
        """Of the places that were taken, finds those that another try of this request took meanwhile.

        That may have been erased since, too, so a slow first try ends there as a retry does.
        """
        lost = [(drawing, number) for drawing in _pending(drawings) if drawing.origin is not None]
        _close_erased_unseen(self._recognize(lost), request)

    def _draw(self, drawing: _Drawing, number: int) -> TokenRecord | None:
        """The record under a drawn token; None, and the item's error, if there is none to draw."""
        record = item_result(drawing.record, number)
        if isinstance(record, TokenvaultError):
            drawing.item.result = record
            return None
        return record

    def _recognize_replayed(self, drawings: Sequence[_Drawing], request: IdempotentRequest) -> None:
        """Finds what an earlier try of the request wrote: nearly always at the first draw.

        If that was erased before it had come to the eraser's Region, its tombstone has no mark. So of a value
        whose own record is nowhere, an unmarked tombstone from the time since the first try is taken for it;
        of an opaque token, which nobody could name before it was drawn, one of any time.
        """
        seen = self._recognize([(drawing, 0) for drawing in drawings if self._draw(drawing, 0)])
        others = [(d, number) for d in _pending(drawings) for number in range(1, MAX_PROBES)]
        seen += self._recognize([(d, number) for d, number in others if self._draw(d, number)])
        _close_erased_unseen(seen, request)

    def _recognize(self, places: Sequence[tuple[_Drawing, int]]) -> list[tuple[_Drawing, StoredToken]]:
        """Of these places, finds those that an earlier try of this request took. Returns what is there."""
        if not places:
            return []
        found = self._store.find([drawing.key(number) for drawing, number in places])
        seen = [(drawing, stored) for (drawing, _), stored in zip(places, found, strict=True)]
        for drawing, stored in seen:
            if not isinstance(stored, Vacant) and stored.origin == drawing.origin:
                drawing.item.result = item_result(self._existing, stored)
        return seen

    def _existing(self, stored: StoredToken) -> TokenFacts:
        return verified_facts(stored, self._keys, self._clock())


def _close_erased_unseen(seen: Sequence[tuple[_Drawing, StoredToken]], request: IdempotentRequest) -> None:
    for drawing, stored in seen:
        since = 0 if drawing.item.draft.space.opaque else request.answered_since
        if drawing.item.result is None and was_erased_unseen(stored, since):
            drawing.item.result = TokenNotFound("erased")


def _pending(drawings: Sequence[_Drawing]) -> list[_Drawing]:
    return [drawing for drawing in drawings if drawing.item.result is None]
