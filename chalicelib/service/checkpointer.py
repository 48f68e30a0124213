"""The use case of the maintenance function for the audit trail: to note how far each chain has come.

A chain shows by itself what was taken out of its middle, but not that its end was cut off, or all of it
taken away. So each run reads what was recorded since the last one and records the last event of every
chain, in a chain of its own, the one before among them.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from chalicelib.audit import NOBODY, AuditTrail, Checkpoint, Item, Tail, partition, timestamp
from chalicelib.cache import Clock

SETTLED_SECONDS: Final = 60
"""An event is stored within this time of its own: a function lives 29 seconds. One that comes later is
below the next event of its chain, which a later checkpoint sees."""

LOOK_BACK_SECONDS: Final = 24 * 3600
"""How far back a run looks for the one before. After a longer pause, a hole between checkpoints says so."""

TAILS_AT_A_TIME: Final = 1000
"""About 100 bytes each: a checkpoint stays far under the 400 KB of an item."""


class AuditReader(Protocol):
    """Stored events. Both methods raise `StoreUnavailable`."""

    def tails(self, partition: str, since: str, until: str) -> Iterator[Tail]:
        """Where in its chain each event of a partition stands that is of these times, until excluded."""
        ...

    def last(self, partition: str, since: str, until: str) -> Item | None:
        """The last event of a partition that is of these times."""
        ...


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
            tails[tail.chain] = max(tail, tails.get(tail.chain, tail), key=lambda one: one.sequence)
        ordered = tuple(tails[chain] for chain in sorted(tails))
        for start in range(0, max(1, len(ordered)), TAILS_AT_A_TIME):
            self._audit.record(Checkpoint(since, until, ordered[start : start + TAILS_AT_A_TIME]))
        return len(ordered)

    def _last_until(self, earliest: str, now: str, until: str) -> str:
        """Until when the last checkpoint reached. One that was forged into the future counts for nothing."""
        found = (self._store.last(partition(NOBODY, d), earliest, now) for d in _days(earliest, now))
        return min(max(earliest, *(_until(item) for item in found)), until)

    def _tails(self, tenants: Iterable[str], since: str, until: str) -> Iterator[Tail]:
        for tenant in tenants:
            for day in _days(since, until):
                yield from self._store.tails(partition(tenant, day), since, until)


def _until(item: Item | None) -> str:
    """What a checkpoint says that it covers; whatever else somebody put there covers nothing."""
    try:
        return timestamp(datetime.fromisoformat(item["until"]["S"]).timestamp()) if item else ""
    except (KeyError, TypeError, ValueError, OverflowError):
        return ""


def _days(since: str, until: str) -> list[str]:
    """The days from one time to another, both included."""
    first, last = (datetime.fromisoformat(text[:10]).replace(tzinfo=UTC) for text in (since, until))
    return [timestamp((first + timedelta(n)).timestamp()) for n in range((last - first).days + 1)]
