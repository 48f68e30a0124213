"""The use case of removing expired records whose places must stay taken."""

from itertools import islice
from typing import Final

from chalicelib.sources import Clock
from chalicelib.vault.tokens import TokenStore

_BATCH: Final = 500


class Expirer:
    """Replaces expired records by tombstones. Resumable: the index is what is left to do."""

    def __init__(self, *, store: TokenStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def expire(self, seconds: float) -> int:
        """Works for at most about so many seconds, and says how many records went.

        Raises `StoreUnavailable`; what was done stays done.
        """
        until = self._clock() + seconds
        removed, tombstones = 0, self._store.expired(int(self._clock()))
        while (batch := list(islice(tombstones, _BATCH))) and self._clock() < until:
            self._store.expire(batch, int(self._clock()))
            removed += len(batch)
        return removed
