"""An audit trail whose failures are counted: nothing is revealed while it fails, so somebody has to know."""

from collections.abc import Callable

from chalicelib.audit import AuditEvent, AuditTrail, Checkpoint
from chalicelib.errors import TokenvaultError


class WatchedTrail:
    """Says of each event that could not be stored that it could not."""

    def __init__(self, trail: AuditTrail, *, failed: Callable[[], None]) -> None:
        self._trail, self._failed = trail, failed

    def record(self, *events: AuditEvent | Checkpoint) -> None:
        """As `AuditTrail.record`."""
        try:
            self._trail.record(*events)
        except TokenvaultError:
            self._failed()
            raise
