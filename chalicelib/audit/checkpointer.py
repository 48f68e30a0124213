"""The use case of the maintenance function for the audit trail: to note how far each chain has come.

A chain shows by itself what was taken out of its middle, but not that its end was cut off, or all of it
taken away. So each run reads what was recorded since the last one and records the last event of every
chain, in a chain of its own, the one before among them.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Final

from chalicelib.audit.events import NOBODY, AuditTrail, Checkpoint, Tail, partition, timestamp
from chalicelib.audit.store import AuditReader
from chalicelib.items import parts
from chalicelib.sources import Clock

SETTLED_SECONDS: Final = 60
"""An event is stored within this time of its own: a function lives 29 seconds. One that comes later is
below the next event of its chain, which a later checkpoint sees."""

LOOK_BACK_SECONDS: Final = 24 * 3600
"""How far back a run looks for the run before. After a longer pause, a gap between checkpoints says so."""

TAILS_AT_A_TIME: Final = 1000
"""About 100 bytes each: a checkpoint stays far under the 400 KB of an item."""


class Checkpointer:
    """Keeps the ends of chains."""

    def __init__(self, *, store: AuditReader, audit: AuditTrail, clock: Clock) -> None:
        self._store, self._audit, self._clock = store, audit, clock

    def check(self, tenants: Sequence[str]) -> int:
        """Records the tails of all chains since the last checkpoint, and says how many there were.

        Raises `StoreUnavailable` or `KeyUnavailable`; the next run takes up what this one did not do.
        """
        now = self._clock()
        until = timestamp(now - SETTLED_SECONDS)
        since = self._last_until(timestamp(now - LOOK_BACK_SECONDS), timestamp(now), until)
        tails: dict[str, Tail] = {}
        for tail in self._tails((NOBODY, *tenants), since, until):
            tails[tail.chain] = max(tail, tails.get(tail.chain, tail), key=attrgetter("sequence"))
        ordered = [tails[chain] for chain in sorted(tails)]
        for checkpoint in _checkpoints(since, until, ordered):
            self._audit.record(checkpoint)
        return len(ordered)

    def _last_until(self, earliest: str, now: str, until: str) -> str:
        """Until when the last checkpoint reached. A checkpoint forged into the future counts for nothing."""
        reached = (
            self._store.covered_until(partition(NOBODY, day), earliest, now) for day in _days(earliest, now)
        )
        return min(max(earliest, *(covered or "" for covered in reached)), until)

    def _tails(self, tenants: Iterable[str], since: str, until: str) -> Iterator[Tail]:
        for tenant in tenants:
            for day in _days(since, until):
                yield from self._store.tails(partition(tenant, day), since, until)


def _checkpoints(since: str, until: str, tails: Sequence[Tail]) -> Iterator[Checkpoint]:
    """The tails in as many checkpoints as they need.

    Only the last one says that the span is covered: if it is not written, the next run notes all of the
    span again, so no chain is left to nobody.
    """
    *others, last = parts(tails, TAILS_AT_A_TIME) or [()]
    for part in others:
        yield Checkpoint(since, since, tuple(part))
    yield Checkpoint(since, until, tuple(last))


def _days(since: str, until: str) -> list[str]:
    """The days from one time to another, both included."""
    first, last = (datetime.fromisoformat(text[:10]).replace(tzinfo=UTC) for text in (since, until))
    return [timestamp((first + timedelta(n)).timestamp()) for n in range((last - first).days + 1)]
