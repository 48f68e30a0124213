"""Erasure receipts: what was erased and what remains, signed through KMS, so that anyone can check it."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from chalicelib.crypto.jws import Sign, signed_claims

VERSION: Final = 1
CLEANUP_DAYS: Final = 2
"""How long the clean-up of an erased subject's records may take. It takes about an hour. An alarm is raised
when an erasure has waited for a day, which leaves another one to act (terraform/modules/observability)."""

REMAINS: Final = (
    "records of the person in backups, which nothing opens any more",
    "fingerprints of deterministic values, what tokens keep of a value and what records tell of a card, "
    "in those backups",
    "tokens without any value, so that none of them is given out again",
)


@dataclass(frozen=True)
class Remains:
    """What is still there after an erasure, and the day on which the last copy in a backup goes."""

    what: tuple[str, ...]
    in_backups_until: date


@dataclass(frozen=True)
class Receipt:
    """What was erased, when, and how much of it. `tokens_closed` counts those indexed at that moment."""

    version: int
    vault_id: str
    tenant: str
    subject: str
    erased_at: datetime
    secrets_destroyed: int
    tokens_closed: int
    remains: Remains
    tokens_sha256: str | None = None
    """As `tokens_digest` gives it; None for a subject that an earlier release erased."""

    def claims(self) -> dict[str, Any]:
        """The receipt as JSON has it: times as RFC 3339 in UTC, days as ISO 8601."""
        written = asdict(self)
        if self.tokens_sha256 is None:
            del written["tokens_sha256"]
        written["erased_at"] = self.erased_at.isoformat().replace("+00:00", "Z")
        written["remains"] = {
            "what": list(self.remains.what),
            "in_backups_until": self.remains.in_backups_until.isoformat(),
        }
        return written


def tokens_digest(tokens: Iterable[str]) -> str:
    """The digest of a subject's tokens, in hexadecimal: what `LC_ALL=C sort | sha256sum` says of a list.

    Code points sort as their UTF-8 does.
    """
    return hashlib.sha256("".join(f"{token}\n" for token in sorted(tokens)).encode()).hexdigest()


def remains(erased_at: datetime, backup_days: int) -> Remains:
    """What is left of a subject erased at this time, if backups are kept for so many days.

    The records stand until they are cleaned up, and the last backup with them begins then.
    """
    last_copy = erased_at.astimezone(UTC) + timedelta(days=CLEANUP_DAYS + backup_days)
    return Remains(REMAINS, last_copy.date())


def signed(receipt: Receipt, key_id: str, sign: Sign) -> str:
    """The receipt as a JWS. `key_id` tells the reader which public key verifies it."""
    return signed_claims("tokenvault-receipt+jws", receipt.claims(), key_id, sign)
