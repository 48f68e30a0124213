"""The vault table: sealed items by token."""

from collections.abc import Iterator, Sequence
from typing import Final

from chalicelib.crypto.record_cipher import SIGNATURE
from chalicelib.errors import StoreUnavailable
from chalicelib.vault.batches import Batches
from chalicelib.vault.dynamodb import AGAIN, DynamoDbClient, ItemExists, asking, put_new, query_all
from chalicelib.vault.items import ERASED, RECORD, TokenKey, erased_items, subject_partition
from chalicelib.vault.store import Found, Item, Put

BY_SUBJECT: Final = "by_subject"
"""Index of the records of a person: sparse, keys only."""


class TokenTable:
    """The vault table, as a `TokenStore`."""

    def __init__(self, client: DynamoDbClient, table: str, batches: Batches) -> None:
        self._client, self._table, self._batches = client, table, batches

    def add(self, items: Sequence[Item]) -> list[Put]:
        """Conditional writes side by side; see `TokenStore.add`."""
        return self._batches.side_by_side(self._add_one, items)

    def _add_one(self, item: Item) -> Put:
        try:
            put_new(self._client, self._table, item)
        except ItemExists as taken:
            # botocore sends a write again whose answer was lost, and then meets its own item. The
            # signature tells: it covers a data key drawn for this very write.
            return Put.WRITTEN if taken.standing.get(SIGNATURE) == item[SIGNATURE] else Put.TAKEN
        except StoreUnavailable:
            return Put.FAILED
        return Put.WRITTEN

    def put_opaque(self, items: Sequence[Item]) -> list[Put]:
        """Unconditional writes, in batches where there are many; see `TokenStore.put_opaque`."""
        if len(items) == 1:
            return [self._put_one(items[0])]
        return [Put.WRITTEN if done else Put.FAILED for done in self._batches.put(self._table, items)]

    def _put_one(self, item: Item) -> Put:
        """One item alone needs no batch: a fifth less work for the client."""
        try:
            asking(lambda: self._client.put_item(TableName=self._table, Item=item))
        except StoreUnavailable:
            return Put.FAILED
        return Put.WRITTEN

    def find(self, keys: Sequence[TokenKey]) -> list[Found]:
        """Strongly consistent reads of record and marker; see `TokenStore.find`."""
        distinct = list(dict.fromkeys(keys))
        items = self._query(distinct[0]) if len(distinct) == 1 else self._get(distinct)
        by_key = {(item["pk"]["S"], item["sk"]["S"]): item for item in items}
        return [Found.among(by_key, key) for key in keys]

    def erase(self, tokens: Sequence[tuple[TokenKey, Found]], now: int) -> None:
        """Unconditional writes: records never change but to stubs; see `TokenStore.erase`."""
        items = [item for key, found in tokens for item in erased_items(key, found.record, now)]
        if not all(self._batches.put(self._table, items)):
            raise StoreUnavailable(f"DynamoDB did not take all of it; {AGAIN}")

    def of_subject(self, tenant: str, subject: str) -> Iterator[TokenKey]:
        """From the index by person; see `TokenStore.of_subject`."""
        request = {
            "TableName": self._table,
            "IndexName": BY_SUBJECT,
            "KeyConditionExpression": "subject = :subject",
            "ExpressionAttributeValues": {":subject": {"S": subject_partition(tenant, subject)}},
        }
        return (TokenKey.at(item["pk"]["S"]) for item in query_all(self._client, request))

    def _query(self, key: TokenKey) -> list[Item]:
        """Both items of a token in one request."""
        answer = asking(
            lambda: self._client.query(
                TableName=self._table,
                ConsistentRead=True,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": key.partition}},
            )
        )
        return list(answer["Items"])

    def _get(self, keys: Sequence[TokenKey]) -> list[Item]:
        return self._batches.get(
            self._table, [key.item_key(sort) for key in keys for sort in (RECORD, ERASED)]
        )
