"""Random tokens: drawn, sealed, and written where the place is free."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.crypto.keys import TokenizingKey
from chalicelib.crypto.prf import Draws
from chalicelib.drawing import draw
from chalicelib.errors import TokenSpaceExhausted, TokenvaultError
from chalicelib.items import Item
from chalicelib.model import TokenFacts, TokenRecord
from chalicelib.service.batch import Batch, BatchItem
from chalicelib.service.requests import IdempotentRequest
from chalicelib.service.results import MAX_PROBES, item_result, write_result
from chalicelib.sources import Clock, RandBelow, RandomBytes
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.records import seal, verified_facts
from chalicelib.vault.tokens import Put, StoredToken, TokenKey, TokenStore


@dataclass(frozen=True)
class _Drawing:
    """An item with what its token is drawn by: a retry of the request draws the same again."""

    item: BatchItem
    randbelow: RandBelow
    origin: bytes | None

    @classmethod
    def of(cls, item: BatchItem, draws: Draws | None, randbelow: RandBelow) -> "_Drawing":
        return cls(item, randbelow, None) if draws is None else cls(item, draws.randbelow, draws.origin)

    def record(self, own_slots: frozenset[int]) -> TokenRecord:
        """The record under a newly drawn token. Raises `TokenSpaceExhausted`."""
        token = draw(self.item.draft.space, own_slots, self.randbelow)
        return self.item.draft.with_token(token, origin=self.origin)


WriteItems = Callable[[Sequence[Item]], list[Put]]

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
        random_bytes: RandomBytes,
        randbelow: RandBelow,
    ) -> None:
        self._store, self._keys, self._own_slots = store, keys, own_slots
        self._clock, self._random_bytes, self._randbelow = clock, random_bytes, randbelow

    def write(self, key: TokenizingKey, items: Batch, request: IdempotentRequest) -> None:
        """Gives each item the facts of its new token, or its error.

        Opaque tokens cannot collide, so writes are unconditional except on replay: what the request wrote
        the first time may have been erased since. What the store took is never reported as failed.
        """
        drawings = [_Drawing.of(i, request.draws(i.position), self._randbelow) for i in items]
        unconditional = [d for d in drawings if d.item.draft.space.opaque and not request.is_replay]
        self._round(key, unconditional, self._store.put_opaque)
        for _ in range(MAX_PROBES):
            self._round(key, _pending(drawings), self._store.add)
        for drawing in _pending(drawings):
            drawing.item.result = TokenSpaceExhausted(_EXHAUSTED)

    def _round(self, key: TokenizingKey, drawings: Sequence[_Drawing], write: WriteItems) -> None:
        """One probe for each drawing; those whose place was another value's are left without a result."""
        drawn = [(drawing, record) for drawing in drawings if (record := self._draw(drawing)) is not None]
        if not drawn:
            return
        puts = write([seal(record, key, self._random_bytes) for _, record in drawn])
        taken = []
        for (drawing, record), put in zip(drawn, puts, strict=True):
            if put is Put.TAKEN:
                taken.append((drawing, record))
            else:
                drawing.item.result = write_result(record, put)
        self._recognize([(drawing, record) for drawing, record in taken if drawing.origin is not None])

    def _draw(self, drawing: _Drawing) -> TokenRecord | None:
        """The record under a drawn token; None, and the item's error, if there is none to draw."""
        record = item_result(drawing.record, self._own_slots)
        if isinstance(record, TokenvaultError):
            drawing.item.result = record
            return None
        return record

    def _recognize(self, taken: Sequence[tuple[_Drawing, TokenRecord]]) -> None:
        """Of the places that were taken, finds those that an earlier try of this very request took."""
        if not taken:
            return
        found = self._store.find([TokenKey(record.tenant, record.token) for _, record in taken])
        for (drawing, _), stored in zip(taken, found, strict=True):
            if stored.origin == drawing.origin:
                drawing.item.result = item_result(self._existing, stored)

    def _existing(self, stored: StoredToken) -> TokenFacts:
        return verified_facts(stored, self._keys, self._clock())


def _pending(drawings: Sequence[_Drawing]) -> list[_Drawing]:
    return [drawing for drawing in drawings if drawing.item.result is None]
