"""Random tokens: drawn, sealed, and written where the place is free."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.cache import Clock
from chalicelib.crypto.attribute_key import RandomBytes
from chalicelib.crypto.keyring import TokenizingKeyring
from chalicelib.crypto.keys import TokenizingKey
from chalicelib.drawing import RandBelow, draw
from chalicelib.errors import TokenSpaceExhausted, TokenvaultError
from chalicelib.formats.base import TokenSpace
from chalicelib.model import TokenFacts, TokenRecord
from chalicelib.service.attempts import MAX_PROBES, Result, attempt, told
from chalicelib.vault.items import ORIGIN, TokenKey
from chalicelib.vault.sealing import living, seal, verified_facts
from chalicelib.vault.store import Found, Item, Put, TokenStore


@dataclass(frozen=True)
class RandomDraft:
    """A record that waits for its token. `randbelow` draws it; a retry of the request draws the same."""

    record: TokenRecord
    space: TokenSpace
    randbelow: RandBelow


_EXHAUSTED: Final = f"no free token was found in {MAX_PROBES} attempts"


class RandomWriter:
    """Gives values tokens that say nothing of them."""

    def __init__(
        self,
        store: TokenStore,
        keys: TokenizingKeyring,
        own_slots: frozenset[int],
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._store, self._keys, self._own_slots = store, keys, own_slots
        self._clock, self._random_bytes = clock, random_bytes

    def write(self, key: TokenizingKey, drafts: Sequence[RandomDraft], *, again: bool) -> list[Result]:
        """A token for each draft, or the error of that item, in order.

        Opaque tokens never meet and need no condition, but in a request that was sent `again`: what it
        wrote the first time may have been erased since. What the store took is never reported as failed.
        """
        results: dict[int, Result] = {}
        freely = [i for i, draft in enumerate(drafts) if draft.space.opaque and not again]
        carefully = [i for i in range(len(drafts)) if i not in set(freely)]
        self._round(key, drafts, freely, results, self._store.put_opaque)
        for _ in range(MAX_PROBES):
            carefully = self._round(key, drafts, carefully, results, self._store.add)
        results.update(dict.fromkeys(carefully, TokenSpaceExhausted(_EXHAUSTED)))
        return [results[i] for i in range(len(drafts))]

    def _round(
        self,
        key: TokenizingKey,
        drafts: Sequence[RandomDraft],
        wanted: list[int],
        results: dict[int, Result],
        put: Callable[[Sequence[Item]], list[Put]],
    ) -> list[int]:
        """One attempt for each wanted draft; returns those whose drawn place was another's."""
        if not wanted:
            return []
        drawn = {i: attempt(lambda one=drafts[i]: self._drawn(one)) for i in wanted}  # type: ignore[misc]
        results.update({i: one for i, one in drawn.items() if isinstance(one, TokenvaultError)})
        records = {i: one for i, one in drawn.items() if isinstance(one, TokenRecord)}
        if not records:
            return []
        puts = put([seal(record, key, self._random_bytes) for record in records.values()])
        outcomes = dict(zip(records, puts, strict=True))
        results.update({i: told(records[i], put) for i, put in outcomes.items() if put is not Put.TAKEN})
        taken = {i: records[i] for i, put in outcomes.items() if put is Put.TAKEN}
        results.update(self._own(taken))
        return [i for i in taken if i not in results]

    def _drawn(self, draft: RandomDraft) -> TokenRecord:
        return replace(draft.record, token=draw(draft.space, self._own_slots, draft.randbelow))

    def _own(self, taken: dict[int, TokenRecord]) -> dict[int, Result]:
        """Of the places that were taken, those that an earlier try of this very request took."""
        marked = {i: record for i, record in taken.items() if record.origin is not None}
        if not marked:
            return {}
        keys = [TokenKey(record.tenant, record.token) for record in marked.values()]
        standing = dict(zip(marked, zip(keys, self._store.find(keys), strict=True), strict=True))
        return {
            i: attempt(lambda at=standing[i]: self._standing(*at))  # type: ignore[misc]
            for i, record in marked.items()
            if _origin(standing[i][1]) == record.origin
        }

    def _standing(self, key: TokenKey, found: Found) -> TokenFacts:
        return verified_facts(key, living(found), self._keys, self._clock())


def _origin(found: Found) -> bytes | None:
    """The mark of the request that took a place."""
    marked = (found.record or {}).get(ORIGIN)
    return bytes(marked["B"]) if marked else None
