"""The vault table: sealed items by token."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from chalicelib.crypto.record_cipher import SIGNATURE
from chalicelib.errors import StoreUnavailable, error_of_all
from chalicelib.items import Item, place
from chalicelib.vault.batches import Batches
from chalicelib.vault.dynamodb import (
    IF_NEW,
    DynamoDbClient,
    ItemExists,
    put_new,
    query_all,
    translate_errors,
)
from chalicelib.vault.token_items import (
    ERASED,
    EXPIRY_QUEUE,
    EXPIRY_QUEUES,
    RECORD,
    REMOVE_AT,
    SUBJECT,
    erased_items,
    expired_item,
    expired_tombstone,
    parse_stored,
    subject_partition,
)
from chalicelib.vault.tokens import KeyPage, Put, PutResult, StoredToken, TokenKey, Tombstone

BY_SUBJECT: Final = "by_subject"
"""Index of the records of a subject: sparse, keys only."""

BY_EXPIRY: Final = "by_expiry"
"""Index of the records that the maintenance function removes, by the time to do so: sparse, keys and marks of
requests only."""


class TokenTable:
    """The vault table, as a `TokenStore`."""

    def __init__(self, client: DynamoDbClient, table: str, batches: Batches) -> None:
        self._client, self._table, self._batches = client, table, batches

    def add(self, items: Sequence[Item]) -> list[PutResult]:
        """Conditional writes side by side; see `TokenStore.add`."""
        return self._batches.side_by_side(self._add_one, items)

    def _add_one(self, item: Item) -> PutResult:
        return self._put(item, IF_NEW)

    def _put(self, item: Item, condition: Mapping[str, Any]) -> PutResult:
        try:
            put_new(self._client, self._table, item, condition)
        except ItemExists as other:
            # botocore sends a write again whose answer was lost, and then meets its own item. The
            # signature tells: it covers randomness drawn for this very write.
            return Put.WRITTEN if other.existing.get(SIGNATURE) == item[SIGNATURE] else Put.TAKEN
        except StoreUnavailable as error:
            return error.with_traceback(None)
        return Put.WRITTEN

    def put_opaque(self, items: Sequence[Item]) -> list[PutResult]:
        """Unconditional writes, in batches if there are several; see `TokenStore.put_opaque`."""
        if len(items) == 1:
            return [self._put_one(items[0])]
        return [failure or Put.WRITTEN for failure in self._batches.put(self._table, items)]

    def _put_one(self, item: Item) -> PutResult:
        """A single item needs no batch: a fifth less work for the client."""
        try:
            translate_errors(self._client.put_item, TableName=self._table, Item=item)
        except StoreUnavailable as error:
            return error.with_traceback(None)
        return Put.WRITTEN

    def replace(self, changes: Sequence[tuple[Item, Item]]) -> list[PutResult]:
        """Conditional writes side by side; see `RecordReplacer.replace`."""
        return self._batches.side_by_side(self._replace_one, changes)

    def _replace_one(self, change: tuple[Item, Item]) -> PutResult:
        old, new = change
        condition = {
            "ConditionExpression": "#signature = :signature",
            "ExpressionAttributeNames": {"#signature": SIGNATURE},
            "ExpressionAttributeValues": {":signature": old[SIGNATURE]},
        }
        return self._put(new, condition)

    def find(self, keys: Sequence[TokenKey]) -> list[StoredToken]:
        """Strongly consistent reads of record and marker; see `TokenStore.find`."""
        distinct = list(dict.fromkeys(keys))
        items = self._query(distinct[0]) if len(distinct) == 1 else self._get(distinct)
        by_place = {place(item): item for item in items}
        stored = {key: parse_stored(by_place, key) for key in distinct}
        return [stored[key] for key in keys]

    def erase(self, tokens: Sequence[StoredToken], now: int) -> None:
        """Unconditional writes: whatever stands there, the tombstone is to stand. The markers are there
        before the first tombstone is written; see `TokenStore.erase`."""
        for items in zip(*(erased_items(token, now) for token in tokens), strict=True):
            self._write(items)

    def expired(self, now: int) -> Iterator[Tombstone]:
        """From the index of expiring records, queue by queue; see `TokenStore.expired`."""
        for queue in EXPIRY_QUEUES:
            request = {
                "TableName": self._table,
                "IndexName": BY_EXPIRY,
                "KeyConditionExpression": f"{EXPIRY_QUEUE} = :queue AND {REMOVE_AT} <= :now",
                "ExpressionAttributeValues": {":queue": {"S": queue}, ":now": {"N": str(now)}},
            }
            yield from map(expired_tombstone, query_all(self._client, request))

    def expire(self, tombstones: Sequence[Tombstone], now: int) -> None:
        """Unconditional writes; see `TokenStore.expire`. If a token was erased meanwhile, its marker wins."""
        self._write([expired_item(each, now) for each in tombstones])

    def of_subject(self, tenant: str, subject: str) -> Iterator[TokenKey]:
        """From the index by subject; see `TokenStore.of_subject`."""
        request = self._of_subject(tenant, subject)
        return (TokenKey.at(item["pk"]["S"]) for item in query_all(self._client, request))

    def page_of_subject(self, tenant: str, subject: str, after: str | None, limit: int) -> KeyPage:
        """One query of the index by subject; see `TokenStore.page_of_subject`."""
        request = self._of_subject(tenant, subject) | {"Limit": limit}
        if after is not None:
            place_in_index = {SUBJECT: {"S": subject_partition(tenant, subject)}}
            request["ExclusiveStartKey"] = place_in_index | TokenKey(tenant, after).item_key(RECORD)
        answer = translate_errors(self._client.query, **request)
        keys = tuple(TokenKey.at(item["pk"]["S"]) for item in answer["Items"])
        last = answer.get("LastEvaluatedKey")
        return KeyPage(keys, TokenKey.at(last["pk"]["S"]).token if last else None)

    def _of_subject(self, tenant: str, subject: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "IndexName": BY_SUBJECT,
            "KeyConditionExpression": f"{SUBJECT} = :subject",
            "ExpressionAttributeValues": {":subject": {"S": subject_partition(tenant, subject)}},
        }

    def _write(self, items: Sequence[Item]) -> None:
        if failures := [failure for failure in self._batches.put(self._table, items) if failure is not None]:
            raise error_of_all(failures)

    def _query(self, key: TokenKey) -> list[Item]:
        """Both items of a token in one request."""
        answer = translate_errors(
            self._client.query,
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": key.partition}},
        )
        return list(answer["Items"])

    def _get(self, keys: Sequence[TokenKey]) -> list[Item]:
        return self._batches.get(
            self._table, [key.item_key(sort) for key in keys for sort in (RECORD, ERASED)]
        )
