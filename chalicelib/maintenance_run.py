"""What one run of the maintenance function tells of itself."""

from dataclasses import dataclass

from chalicelib.errors import TokenvaultError


@dataclass(frozen=True)
class MaintenanceRun:
    """What one run of the maintenance function did, by ids of keys and numbers of records, and what failed.

    `pending_erasure_seconds` is the age of the oldest erasure whose records are still to be cleaned up,
    `overdue_seconds` how long a short-lived secret stood, at most, after its time had passed.
    """

    keys_made: tuple[str, ...]
    keys_ready: tuple[str, ...]
    records_expired: int
    records_cleaned: int
    pending_erasure_seconds: int
    secrets_destroyed: int
    overdue_seconds: int
    errors: tuple[TokenvaultError, ...]
