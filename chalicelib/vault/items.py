"""Token records as DynamoDB items, before sealing and after opening. Pure.

A token has at most two items under its partition key: `record`, written once, and `erased`, a
marker that is written once and wins over any record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.errors import RecordCorrupt
from chalicelib.model import TokenFacts, TokenRecord
from chalicelib.sensitive import Sensitive

RECORD: Final = "record"
ERASED: Final = "erased"
SCHEMA_VERSION: Final = "1"

REMOVAL_DELAY_SECONDS: Final = 7 * 24 * 3600
"""How long after `expires_at` DynamoDB may remove an item. Readers honour `expires_at` at once; the
week gives an operator who shortened a limit by mistake time to notice."""


@dataclass(frozen=True)
class TokenKey:
    """Where a token lies: a tenant never reaches another tenant's partition."""

    tenant: str
    token: str

    @property
    def partition(self) -> str:
        """Tenant names hold no `#`, so the first one ends the tenant."""
        return f"{self.tenant}#{self.token}"

    def item_key(self, sort: str) -> dict[str, Any]:
        """The primary key of one of the token's items."""
        return {"pk": {"S": self.partition}, "sk": {"S": sort}}


def to_item(record: TokenRecord) -> dict[str, Any]:
    """The item of a record, its value still in plaintext: to be sealed, never to be stored as it is."""
    item = {
        **TokenKey(record.tenant, record.token).item_key(RECORD),
        "v": {"N": SCHEMA_VERSION},
        "type": {"S": record.type},
        "created": {"N": str(record.created)},
        "value": {"S": record.value.reveal()},
    }
    if record.expires_at is not None:
        item["expires_at"] = {"N": str(record.expires_at)}
        item["ttl"] = {"N": str(record.expires_at + REMOVAL_DELAY_SECONDS)}
    return item


def stored_type(stored: Mapping[str, Any]) -> str:
    """The information type that a stored item claims, before it is verified. Raises `RecordCorrupt`."""
    claimed = stored.get("type", {}).get("S")
    if not isinstance(claimed, str):
        raise RecordCorrupt("a record names no information type")
    return claimed


def facts(key: TokenKey, verified: Mapping[str, Any]) -> TokenFacts:
    """What a verified item says about its token. Raises `RecordCorrupt` where it says nonsense."""
    try:
        if verified["v"]["N"] != SCHEMA_VERSION:
            raise RecordCorrupt("a record has a version that this release does not know")
        expires_at = verified.get("expires_at")
        return TokenFacts(
            token=key.token,
            type=verified["type"]["S"],
            created=int(verified["created"]["N"]),
            expires_at=None if expires_at is None else int(expires_at["N"]),
        )
    except (KeyError, TypeError, ValueError):
        raise RecordCorrupt("a record's attributes do not parse") from None


def value(opened: Mapping[str, Any]) -> Sensitive[str]:
    """The value of an opened item."""
    return Sensitive(opened["value"]["S"])
