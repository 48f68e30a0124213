"""Short-lived secrets: what records of values that may not be kept are sealed with, besides all else. Pure.

A tenant's short-lived secrets lie in the subjects table, which has no backups, under an id that no subject
can have. The id of each says when its time passes: the end of a slice of time, when all records that name it
have expired. Destroying it then closes them in every copy, the backups of the vault included (ADR 9).
"""

from collections.abc import Sequence
from typing import Final

from chalicelib.crypto.context import frame
from chalicelib.crypto.keys import derive

SHORT_LIVED: Final = "~short-lived"
"""Under which a tenant's short-lived secrets lie. Ids of subjects begin with a letter or a digit."""

SLICE_SECONDS: Final = 300
"""How long a slice is: how much longer than its records, at most, a secret is needed."""

_DIGITS: Final = 10
"""Of a Unix time until the year 2286, so that ids sort by time."""


def passes_at(expires_at: int) -> int:
    """The end of the slice in which a record expires, as a Unix time: its own time if it is the very end."""
    return -(-expires_at // SLICE_SECONDS) * SLICE_SECONDS


def begins(passes: int) -> str:
    """What the ids of the secrets begin with that pass at this time. Ids sort by time."""
    return f"{passes:0{_DIGITS}}."


def short_lived_id(passes: int, name: str) -> str:
    """The id of a secret that passes at this Unix time; `name` tells it from those of other writers."""
    return begins(passes) + name


def passing(secret_id: str) -> int | None:
    """When a secret passes, by its id; None for an id that no writer of ours makes."""
    time, point, _ = secret_id.partition(".")
    return int(time) if point and len(time) == _DIGITS and time.isascii() and time.isdecimal() else None


def joined_id(ids: Sequence[str]) -> str:
    """What a record's context has for the ids of its secrets, the subject's first; empty for none."""
    return "/".join(ids)


def joined_secret(secrets: Sequence[bytes]) -> bytes:
    """One secret from all that a record is sealed with, 32 bytes each: without any of them there is none.

    A single one stands for itself, as it did before there were two.
    """
    if len(secrets) < 2:
        return b"".join(secrets)
    return derive(b"".join(secrets), frame("joined-secrets"))
