"""The audit trail of one container: its events in one chain, each stored before anything is answered."""

import threading
from collections.abc import Callable

from chalicelib.audit.chain import Chain
from chalicelib.audit.events import AuditEvent, AuditTrail, Checkpoint
from chalicelib.audit.items import to_item
from chalicelib.audit.store import AuditStore
from chalicelib.errors import RecordCorrupt, TokenvaultError
from chalicelib.items import Item
from chalicelib.sources import Clock


class ChainedTrail:
    """Events of a container, as an `AuditTrail`.

    The chain begins with the first event, not with the container: a snapshot of an idle container that is
    started twice must not be two containers in one chain.

    A write that failed may have been done all the same, so its number cannot go to another event (the
    chain would fork) nor be passed over (a false gap). What was not acknowledged is therefore kept, and
    written again, the very same, before the next event is; while that fails, nothing else is recorded, and so
    nothing revealed. A container that dies first leaves a chain that ends an event earlier or later: both
    are whole. So the event of a request that failed may be on record; that of an answer always is.

    One lock covers number and write. A Lambda container serves one request at a time, so nobody waits.
    """

    def __init__(self, *, store: AuditStore, begin: Callable[[], Chain], clock: Clock) -> None:
        self._store, self._begin, self._clock = store, begin, clock
        self._lock = threading.Lock()
        self._chain: Chain | None = None
        self._unsettled: Item | None = None

    def record(self, event: AuditEvent | Checkpoint) -> None:
        """Links the event and stores it; see `AuditTrail.record`.

        One item at a time: of two that were written side by side, the second could be there without the
        first when a container dies, and its chain would look cut.
        """
        with self._lock:
            self._settle()
            if self._chain is None:
                self._chain = self._begin()
            self._unsettled = self._link(self._chain, event)
            self._settle()

    def _link(self, chain: Chain, event: AuditEvent | Checkpoint) -> Item:
        return chain.link(to_item(event, self._clock(), f"{chain.chain_id}#{chain.sequence}"))

    def _settle(self) -> None:
        try:
            if self._unsettled is not None:
                self._store.add(self._unsettled)
        except RecordCorrupt:
            # Somebody wrote where only we write. The chain stays as it is, for the auditor to see.
            self._chain, self._unsettled = None, None
            raise
        self._unsettled = None


class MonitoredTrail:
    """An audit trail whose failures are counted for an alarm: nothing is revealed while it fails."""

    def __init__(self, trail: AuditTrail, *, failed: Callable[[], None]) -> None:
        self._trail, self._failed = trail, failed

    def record(self, event: AuditEvent | Checkpoint) -> None:
        """As `AuditTrail.record`; counts what that raises, and raises it again."""
        try:
            self._trail.record(event)
        except TokenvaultError:
            self._failed()
            raise
