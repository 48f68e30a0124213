"""The use case of cleaning up after erased subjects: their records go, long after they were closed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from chalicelib.service.subjects import erasure
from chalicelib.sources import Clock
from chalicelib.vault.subjects import Erasure, PendingErasure, SubjectStore
from chalicelib.vault.tokens import TokenStore, Tombstone

SETTLED_SECONDS: Final = 900
"""How long a subject stays on the list. A function that was writing a record when the subject was erased is
done by then (it lives 29 seconds), and the index, which follows within seconds, shows what was written."""

_BATCH: Final = 500


@dataclass(frozen=True)
class Cleaned:
    """What one run did. `oldest_pending` is since when, as a Unix time, a subject has been on the list that
    still is; None for an empty list."""

    records: int
    oldest_pending: int | None = None


class Cleaner:
    """Replaces the records of erased subjects by tombstones. Resumable: the list is what is left to do."""

    def __init__(self, *, store: TokenStore, subjects: SubjectStore, clock: Clock) -> None:
        self._store, self._subjects, self._clock = store, subjects, clock

    def clean(self, seconds: float) -> Cleaned:
        """Works for at most about so many seconds. Raises `StoreUnavailable`; what was done stays done."""
        until = self._clock() + seconds
        records = 0
        for noted in self._subjects.pending_erasures():
            pending = self._marked(noted)
            records += self._clean(pending, until) if pending else 0
        left = [pending.since for pending in self._subjects.pending_erasures()]
        return Cleaned(records, min(left, default=None))

    def _clean(self, pending: PendingErasure, until: float) -> int:
        # The eraser's Region may have been lost while what it wrote had come here and to no other.
        self._subjects.hand_on(pending, int(self._clock()))
        # Written by a function that had looked before the marker stood.
        self._subjects.destroy_secrets(pending.tenant, pending.subject)
        cleaned, records = 0, self._records(pending)
        while (left := list(islice(records, _BATCH))) and self._clock() < until:
            self._store.erase(left, int(self._clock()))
            cleaned += len(left)
        if not left and self._clock() - pending.since > SETTLED_SECONDS:
            self._subjects.finish(pending)
        return cleaned

    def _marked(self, pending: PendingErasure) -> PendingErasure | None:
        """The erasure once its marker stands, None while that is still to be waited for.

        If an eraser crashed before writing the marker, it is written on its behalf. Not while the eraser, or
        replication from another Region, may only be slow: there must be one marker, not two.
        """
        [stored] = self._subjects.find(pending.tenant, [pending.subject])
        if stored.erased:
            return pending
        if self._clock() - pending.since <= SETTLED_SECONDS:
            return None
        erased = erasure(self._store, pending.tenant, pending.subject, stored, int(self._clock()))
        marked = self._subjects.mark_erased(pending.tenant, pending.subject, erased)
        return replace(pending, since=marked.at) if isinstance(marked, Erasure) else pending

    def _records(self, pending: PendingErasure) -> Iterator[Tombstone]:
        return map(Tombstone, self._store.of_subject(pending.tenant, pending.subject))
