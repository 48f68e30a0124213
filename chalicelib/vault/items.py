"""Token records as DynamoDB items, before sealing and after opening. Pure.

A token has at most two items under its partition key: `record`, written once, and `erased`, a
marker that is written once and wins over any record. Erasing leaves a *stub* in the record's place, so
that the place stays taken: no other value is ever given the token of an erased one.
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

FINGERPRINT: Final = "fingerprint"
ORIGIN: Final = "origin"
SUBJECT: Final = "subject"
"""Tenant and person, as the index by person has it: a hash key of one attribute."""
SECRET_ID: Final = "subject_secret"  # noqa: S105  # the name of an attribute

REMOVAL_DELAY_SECONDS: Final = 7 * 24 * 3600
"""How long after `expires_at` DynamoDB may remove an item. Readers honour `expires_at` at once; the
week gives an operator who shortened a limit by mistake time to notice. What lives shorter than that
waits no longer than it lived: a card verification code shall not lie about for a week."""


@dataclass(frozen=True)
class TokenKey:
    """Where a token lies: a tenant never reaches another tenant's partition."""

    tenant: str
    token: str

    @classmethod
    def at(cls, partition: str) -> "TokenKey":
        """The token of a partition."""
        tenant, _, token = partition.partition("#")
        return cls(tenant, token)

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
        delay = min(REMOVAL_DELAY_SECONDS, record.expires_at - record.created)
        item["ttl"] = {"N": str(record.expires_at + delay)}
    if record.fingerprint is not None:
        item[FINGERPRINT] = {"B": record.fingerprint}
    if record.origin is not None:
        item[ORIGIN] = {"B": record.origin}
    if record.metadata:
        item["metadata"] = {"M": {name: {"S": text} for name, text in record.metadata.items()}}
    if record.belongs_to is not None:
        item[SUBJECT] = {"S": subject_partition(record.tenant, record.belongs_to.subject)}
        item[SECRET_ID] = {"S": record.belongs_to.secret_id}
    return item


def subject_partition(tenant: str, subject: str) -> str:
    """Where a person's items lie, and what the records of that person are found by."""
    return f"{tenant}#{subject}"


def stub(key: TokenKey, erased_at: int, origin: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What stands in the place of an erased record. It keeps the mark of the request that made it."""
    kept = {ORIGIN: origin} if origin else {}
    return {**key.item_key(RECORD), ERASED: {"N": str(erased_at)}, **kept}


def erased_items(key: TokenKey, record: Mapping[str, Any] | None, now: int) -> list[dict[str, Any]]:
    """What is written to erase a token: the stub keeps the mark of the request that made the record."""
    return [stub(key, now, (record or {}).get(ORIGIN)), marker(key, now)]


def marker(key: TokenKey, erased_at: int) -> dict[str, Any]:
    """The marker that says for good that a token was erased."""
    return {**key.item_key(ERASED), "at": {"N": str(erased_at)}}


def is_stub(stored: Mapping[str, Any]) -> bool:
    """Whether an erased record stood there."""
    return ERASED in stored


def secret_reference(stored: Mapping[str, Any]) -> tuple[str, str] | None:
    """The person and the secret that a stored record names, before it is verified."""
    if SECRET_ID not in stored:
        return None
    try:
        return str(stored[SUBJECT]["S"]).partition("#")[2], str(stored[SECRET_ID]["S"])
    except (KeyError, TypeError):
        raise RecordCorrupt("a record's attributes do not parse") from None


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
            metadata={name: text["S"] for name, text in verified.get("metadata", {"M": {}})["M"].items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RecordCorrupt("a record's attributes do not parse") from None


def value(opened: Mapping[str, Any]) -> Sensitive[str]:
    """The value of an opened item."""
    return Sensitive(opened["value"]["S"])
