"""Token records as DynamoDB items: before sealing, after opening, and what lies under a token. Pure.

A token has at most two items under its partition key: `record`, written once, and `erased`, a
marker that is written once and wins over any record. Erasing leaves a *tombstone* in the record's place, so
that the place stays taken: no other value is ever given the token of an erased one.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from chalicelib.crypto.record_cipher import parse_sealed
from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item
from chalicelib.model import CardFacts, TokenFacts, TokenRecord
from chalicelib.sensitive import Sensitive
from chalicelib.vault.short_lived import SHORT_LIVED
from chalicelib.vault.tokens import (
    SecretReference,
    StoredToken,
    TokenKey,
    Tombstone,
    UnreadableRecord,
    UnverifiedRecord,
    Vacant,
)

RECORD: Final = "record"
ERASED: Final = "erased"
AGAIN: Final = "again"
"""When it was erased the last time, if more than once."""
SCHEMA_VERSION: Final = "1"

CARD: Final = "card"
CREATED_BY: Final = "by"
"""The client that the record was made for. Its name is short since every record has it."""
FINGERPRINT: Final = "fingerprint"
IMPORTED: Final = "imported"
"""There, and true, where another system made the token. Signed, as all that a record says."""
ORIGIN: Final = "origin"
SUBJECT: Final = "subject"
"""Tenant and subject, as the index by subject has it: a hash key of one attribute."""
SECRET_ID: Final = "subject_secret"  # noqa: S105  # the name of an attribute
SHORT_LIVED_ID: Final = "short_lived_secret"
"""Not in the index by subject: all such records of a tenant would be one hot partition of it."""

REMOVAL_DELAY_SECONDS: Final = 7 * 24 * 3600
"""How long after `expires_at` a record may be removed. Readers honour `expires_at` at once; the
week gives an operator who shortened a limit by mistake time to notice. A record that lived shorter than
that waits no longer than it lived: a card verification code must not lie about for a week."""

EXPIRED: Final = "expired"
EXPIRY_QUEUE: Final = "expiry_queue"
REMOVE_AT: Final = "remove_at"
EXPIRY_QUEUES: Final = tuple(f"{number:02}" for number in range(16))
"""Partitions of the index of expiring records, so that none of them gets hot: DynamoDB takes 1,000 writes a
second for each. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"""


def to_item(record: TokenRecord) -> Item:
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
        item |= _removal(record, record.expires_at)
    if record.fingerprint is not None:
        item[FINGERPRINT] = {"B": record.fingerprint}
    if record.origin is not None:
        item[ORIGIN] = {"B": record.origin}
    if record.metadata:
        item["metadata"] = {"M": {name: {"S": text} for name, text in record.metadata.items()}}
    if card := record.card.known:
        item[CARD] = {"M": {name: {"S": text} for name, text in card.items()}}
    if record.created_by is not None:
        item[CREATED_BY] = {"S": record.created_by}
    if record.imported:
        item[IMPORTED] = {"BOOL": True}
    if record.secret is not None:
        item[SUBJECT] = {"S": subject_partition(record.tenant, record.secret.subject)}
        item[SECRET_ID] = {"S": record.secret.secret_id}
    if record.short_lived is not None:
        item[SHORT_LIVED_ID] = {"S": record.short_lived.secret_id}
    return item


def _removal(record: TokenRecord, expires_at: int) -> Item:
    """When an expired record is to go, and by whom.

    DynamoDB removes a record with an opaque token by itself (`ttl`): no other record is ever written to its
    place. The place of a formatted token must stay taken, or another value could get the token; so the
    maintenance function finds the record through an index and leaves a tombstone (ADR 3).
    """
    remove_at = {"N": str(expires_at + min(REMOVAL_DELAY_SECONDS, expires_at - record.created))}
    if record.is_opaque:
        return {"ttl": remove_at}
    return {EXPIRY_QUEUE: {"S": _expiry_queue(record.token)}, REMOVE_AT: remove_at}


def _expiry_queue(token: str) -> str:
    return EXPIRY_QUEUES[hashlib.sha256(token.encode()).digest()[0] % len(EXPIRY_QUEUES)]


def subject_partition(tenant: str, subject: str) -> str:
    """Where a subject's items lie, and what the records of that subject are found by."""
    return f"{tenant}#{subject}"


def parse_stored(items: Mapping[tuple[str, str], Item], key: TokenKey) -> StoredToken:
    """What lies under a token, among items by partition and sort key.

    A marker or a tombstone wins over a record: replication or a running job may have brought the record
    back after it.
    """
    item, marked = items.get((key.partition, RECORD)), items.get((key.partition, ERASED))
    if marked is not None or (item is not None and ERASED in item):
        since = number_of(marked or {}, "at") or number_of(item or {}, ERASED)
        again = number_of(marked or {}, AGAIN) or number_of(item or {}, AGAIN)
        return Tombstone(key, _binary(item or {}, ORIGIN), since=since, again=again)
    if item is None:
        return Vacant(key)
    return expired_tombstone(item) if EXPIRED in item else _parse_record(key, item)


def erased_items(token: StoredToken, now: int) -> tuple[Item, Item]:
    """What is written to erase a token: the marker, then the tombstone.

    In this order: a tombstone alone may lose against the record, which another Region seals again meanwhile.
    It keeps the mark of the request that made the record. Erased again, it keeps the time of the first
    erasure, and both items have that of the latest too: a replay tells by both what was made before and after
    them. And both are changed, so that they go to the other Regions once more: the first time, their Region
    may have been lost before they had come everywhere.
    """
    if not isinstance(token, Tombstone) or token.since is None:
        return marker(token.key, now), tombstone(token.key, now, token.origin)
    again = {AGAIN: {"N": str(later_than(token.again, now))}}
    return (
        {**marker(token.key, token.since), **again},
        {**tombstone(token.key, token.since, token.origin), **again},
    )


def later_than(last: int | None, now: int) -> int:
    """The time of an erasure that was asked for again: this one, or the next second if that is what stands.

    A write that changes nothing is in no stream, so it would not be replicated.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
    """
    return now + 1 if now == last else now


def tombstone(key: TokenKey, erased_at: int, origin: bytes | None = None) -> Item:
    """What stands in the place of an erased record."""
    return {**key.item_key(RECORD), ERASED: {"N": str(erased_at)}, **_marked(origin)}


def expired_item(token: Tombstone, expired_at: int) -> Item:
    """What stands in the place of an expired record.

    It keeps the mark of the request that made the record: sent again after the type's time limit changed, the
    request finds that its token is gone.
    """
    return {**token.key.item_key(RECORD), EXPIRED: {"N": str(expired_at)}, **_marked(token.origin)}


def expired_tombstone(item: Item) -> Tombstone:
    """The tombstone that an item is, or, for a record in the index of expiring ones, the one it gets."""
    return Tombstone(TokenKey.at(item["pk"]["S"]), _binary(item, ORIGIN), reason="expired")


def _marked(origin: bytes | None) -> Item:
    return {} if origin is None else {ORIGIN: {"B": origin}}


def marker(key: TokenKey, erased_at: int) -> Item:
    """The marker that says for good that a token was erased."""
    return {**key.item_key(ERASED), "at": {"N": str(erased_at)}}


def parse_facts(key: TokenKey, verified: Item) -> TokenFacts:
    """What a verified item says about its token. Raises `RecordCorrupt` if it does not parse."""
    try:
        if verified["v"]["N"] != SCHEMA_VERSION:
            raise RecordCorrupt("a record has a version that this release does not know")
        expires_at, created_by = verified.get("expires_at"), verified.get(CREATED_BY)
        return TokenFacts(
            token=key.token,
            type=verified["type"]["S"],
            created=int(verified["created"]["N"]),
            expires_at=None if expires_at is None else int(expires_at["N"]),
            metadata=_texts(verified, "metadata"),
            card=CardFacts(**_texts(verified, CARD)),
            created_by=None if created_by is None else str(created_by["S"]),
            imported=IMPORTED in verified and bool(verified[IMPORTED]["BOOL"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RecordCorrupt("a record's attributes do not parse") from None


def _texts(verified: Item, name: str) -> dict[str, str]:
    """A map of texts; empty where there is none. Raises what a malformed one raises."""
    return {entry: text["S"] for entry, text in verified.get(name, {"M": {}})["M"].items()}


def value(opened: Item) -> Sensitive[str]:
    """The value of an opened item."""
    return Sensitive(opened["value"]["S"])


def _parse_record(key: TokenKey, item: Item) -> UnverifiedRecord | UnreadableRecord:
    fingerprint, origin = _binary(item, FINGERPRINT), _binary(item, ORIGIN)
    try:
        secret, short_lived = _secret_reference(item), _short_lived_reference(item)
        return UnverifiedRecord(
            key, _type(item), parse_sealed(item), secret, fingerprint, origin, short_lived
        )
    except RecordCorrupt as error:
        return UnreadableRecord(key, error, fingerprint, origin)


def _type(item: Item) -> str:
    claimed = item.get("type", {}).get("S")
    if not isinstance(claimed, str):
        raise RecordCorrupt("a record names no information type")
    return claimed


def _secret_reference(item: Item) -> SecretReference | None:
    if SECRET_ID not in item:
        return None
    try:
        return SecretReference(str(item[SUBJECT]["S"]).partition("#")[2], str(item[SECRET_ID]["S"]))
    except (KeyError, TypeError):
        raise RecordCorrupt("a record's attributes do not parse") from None


def _short_lived_reference(item: Item) -> SecretReference | None:
    if SHORT_LIVED_ID not in item:
        return None
    try:
        return SecretReference(SHORT_LIVED, str(item[SHORT_LIVED_ID]["S"]))
    except (KeyError, TypeError):
        raise RecordCorrupt("a record's attributes do not parse") from None


def number_of(item: Mapping[str, Any], name: str) -> int | None:
    """An attribute's number; None for anything else, which no writer of ours makes."""
    try:
        return int(item[name]["N"])
    except (KeyError, TypeError, ValueError):
        return None


def _binary(item: Mapping[str, Any], name: str) -> bytes | None:
    """An attribute's bytes; None for another type of attribute, which no writer of ours makes."""
    attribute = item.get(name, {})
    return bytes(attribute["B"]) if "B" in attribute else None
