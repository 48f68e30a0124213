"""Deterministic tokens: finding the token of a value, and giving it one."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from chalicelib.crypto.prf import Derived
from chalicelib.errors import StoreUnavailable, TokenNotFound, TokenSpaceExhausted, TokenvaultError
from chalicelib.model import RecordDraft, TokenFacts, TokenRecord
from chalicelib.service.batch import Batch, BatchItem
from chalicelib.service.requests import IdempotentRequest
from chalicelib.service.results import MAX_PROBES, item_result, write_result
from chalicelib.sources import Clock
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.records import RecordSealer, verified_facts
from chalicelib.vault.tokens import (
    Put,
    StoredToken,
    TokenKey,
    TokenStore,
    Tombstone,
    Vacant,
    was_erased_unseen,
)

Derive = Callable[[str, Sequence[RecordDraft]], list[Derived]]
"""What follows from the values of a tenant, in order. Raises `KeyUnavailable`."""

_FIRST, _OTHERS = range(1), range(1, MAX_PROBES)


@dataclass
class _Walk:
    """A value and the few places where its token may stand, in the order in which they are taken.

    `places` holds what was last seen at each; a place that was not looked at yet counts as vacant. `origin`
    marks what a request under a key makes. `failure` is why a value of the batch was not written to the place
    that this one aims at too.
    """

    item: BatchItem
    fingerprint: bytes
    places: list[StoredToken]
    origin: bytes | None = None
    failure: StoreUnavailable | None = None

    @classmethod
    def of(cls, item: BatchItem, derived: Derived, request: IdempotentRequest | None) -> "_Walk":
        space, tenant = item.draft.space, item.draft.tenant
        tokens = [space.token_at(derived.point(number, space.size)) for number in range(MAX_PROBES)]
        draws = None if request is None else request.draws(item.position)
        places: list[StoredToken] = [Vacant(TokenKey(tenant, token)) for token in tokens]
        return cls(item, derived.fingerprint, places, draws.origin if draws else None)

    @property
    def own(self) -> StoredToken | None:
        """The record of the same value, as far as an unverified record tells."""
        records = (place for place in self.places if not isinstance(place, Vacant | Tombstone))
        return next((record for record in records if record.fingerprint == self.fingerprint), None)

    @property
    def free(self) -> int | None:
        """The number of the first place that nothing was seen at."""
        return next((n for n, place in enumerate(self.places) if isinstance(place, Vacant)), None)

    def record(self, number: int) -> TokenRecord:
        """The record to write at a place."""
        token = self.places[number].key.token
        return self.item.draft.with_token(token, fingerprint=self.fingerprint, origin=self.origin)

    def was_erased(self, since: int, until: float) -> bool:
        """Whether a record at one of the places was erased between these Unix times, both included."""
        return any(tombstone.was_erased(since, until) for tombstone in self._tombstones)

    @property
    def lost_its_own(self) -> bool:
        """Whether the token that an earlier try of this very request made is gone."""
        return self.origin is not None and any(each.origin == self.origin for each in self._tombstones)

    @property
    def _tombstones(self) -> list[Tombstone]:
        return [place for place in self.places if isinstance(place, Tombstone)]


class DeterministicWriter:
    """Finds the tokens of deterministic values, and gives one to each value that has none.

    A place is never freed: a tombstone stands where a record was erased or expired. So a writer that finds a
    place free knows that no earlier value ever stood there, and an erased value takes its next place. As a
    second defence all places are looked at before a free one is taken: even if a place fell free, the value
    keeps the token that it has.
    """

    def __init__(
        self,
        *,
        store: TokenStore,
        derive: Derive,
        keys: TokenizingKeyring,
        clock: Clock,
    ) -> None:
        self._store, self._derive, self._keys = store, derive, keys
        self._clock = clock

    def find(self, tenant: str, items: Batch) -> None:
        """Gives each item the facts of its token, or `TokenNotFound`; writes nothing.

        Raises `KeyUnavailable` or `StoreUnavailable`.
        """
        for walk in self._look_everywhere(tenant, items, None):
            walk.item.result = TokenNotFound("unknown")

    def write(self, sealer: RecordSealer, items: Batch, request: IdempotentRequest) -> None:
        """Gives each item the facts of its token, made if there was none, or its error.

        A request that is sent again does not undo an erasure: a value that was erased since its first try
        stays so, also by an eraser whose clock is ahead or, a little, behind. Raises `KeyUnavailable` or
        `StoreUnavailable`.
        """
        walks = self._look_everywhere(sealer.key.context.tenant, items, request)
        for walk in walks:
            if walk.lost_its_own or (request.is_replay and walk.was_erased(request.answered_since, math.inf)):
                walk.item.result = TokenNotFound("erased")
        for _ in range(MAX_PROBES):
            self._take(sealer, walks, request)
        for walk in _open(walks):
            walk.item.result = _unwritten(walk)

    def _look_everywhere(self, tenant: str, items: Batch, request: IdempotentRequest | None) -> list[_Walk]:
        """Finds the tokens that exist; returns the walks of the values that have none.

        Most known values stand at their first place, so the others are read only if it is not theirs.
        """
        derived = self._derive(tenant, [item.draft for item in items])
        walks = [_Walk.of(item, values, request) for item, values in zip(items, derived, strict=True)]
        for numbers in (_FIRST, _OTHERS):
            self._look((walk, number) for walk in _open(walks) for number in numbers)
            self._recognize(walks, request)
        return _open(walks)

    def _look(self, places: Iterable[tuple[_Walk, int]]) -> None:
        wanted = list(places)
        if wanted:
            found = self._store.find([walk.places[number].key for walk, number in wanted])
            for (walk, number), stored in zip(wanted, found, strict=True):
                walk.places[number] = stored

    def _recognize(self, walks: Sequence[_Walk], request: IdempotentRequest | None) -> None:
        """A record of the same value is its token."""
        for walk in _open(walks):
            if (own := walk.own) is not None:
                walk.item.result = item_result(self._existing, walk, own, request)

    def _take(self, sealer: RecordSealer, walks: Sequence[_Walk], request: IdempotentRequest) -> None:
        """Writes each value to its first free place, and looks again at the places that were lost to others.

        Of the values of a batch that meet at one place, the first one writes.
        """
        taking = [(walk, walk.free) for walk in _open(walks)]
        aims = [(walk, number) for walk, number in taking if number is not None]
        writers = {walk.places[number].key: (walk, number) for walk, number in reversed(aims)}
        records = [walk.record(number) for walk, number in writers.values()]
        if not records:
            return
        puts = self._store.add([sealer.seal(record) for record in records])
        failures: dict[TokenKey, StoreUnavailable] = {}
        for (key, (walk, _)), record, put in zip(writers.items(), records, puts, strict=True):
            if put is not Put.TAKEN:
                walk.item.result = write_result(record, put)
            if isinstance(put, StoreUnavailable):
                failures[key] = put
        lost = [(walk, number) for walk, number in aims if walk.item.result is None]
        for walk, number in lost:
            walk.failure = failures.get(walk.places[number].key)
        self._look(lost)
        self._recognize(walks, request)
        if request.seed is not None:
            self._close_erased(lost, request)

    def _close_erased(self, lost: Sequence[tuple[_Walk, int]], request: IdempotentRequest) -> None:
        """A slow first try does not bring back a value whose token a retry made, and somebody erased.

        A tombstone without a mark, of the time since the first try, is taken for that token too: nobody who
        erased it had seen the record.
        """
        for walk, number in lost:
            unseen = was_erased_unseen(walk.places[number], request.created)
            if walk.item.result is None and (walk.lost_its_own or unseen):
                walk.item.result = TokenNotFound("erased")

    def _existing(self, walk: _Walk, own: StoredToken, request: IdempotentRequest | None) -> TokenFacts:
        """The facts of the value's token.

        On a replay, a token that another request made after the value was erased is not the one that the
        first try answered: that one is gone. Marks tell what the request made itself, also within one second;
        times tell of what it had found.
        """
        facts = verified_facts(own, self._keys, self._clock())
        replayed = request is not None and request.is_replay and request.created < facts.created
        if request is not None and replayed and walk.was_erased(request.created, facts.created):
            raise TokenNotFound("erased")
        if walk.lost_its_own:
            raise TokenNotFound("erased")
        return facts


def _unwritten(walk: _Walk) -> TokenvaultError:
    """Why a value has no token: its places are taken, or those that tried for them could not write."""
    if walk.free is None:
        return TokenSpaceExhausted(f"none of the value's {MAX_PROBES} tokens is free")
    return walk.failure or StoreUnavailable("the same value in this request could not be written")


def _open(walks: Sequence[_Walk]) -> list[_Walk]:
    return [walk for walk in walks if walk.item.result is None]
