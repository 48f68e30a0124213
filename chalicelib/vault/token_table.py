"""The vault table: sealed items by token."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.crypto.record_cipher import SIGNATURE
from chalicelib.errors import StoreUnavailable
from chalicelib.vault.dynamodb import (
    AGAIN,
    CONDITION_FAILED,
    IF_NEW,
    RETURN_OLD,
    Backoff,
    DynamoDbClient,
    asking,
    error_code,
)
from chalicelib.vault.items import ERASED, RECORD, TokenKey
from chalicelib.vault.store import Found, Item, Put

A = TypeVar("A")
B = TypeVar("B")

BATCH_WRITE_ITEMS: Final = 25
BATCH_READ_KEYS: Final = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html (API limits)"""


class TokenTable:
    """The vault table, as a `TokenStore`."""

    def __init__(self, client: DynamoDbClient, table: str, pool: Executor, backoff: Backoff) -> None:
        self._client, self._table, self._pool, self._backoff = client, table, pool, backoff

    def add(self, items: Sequence[Item]) -> list[Put]:
        """Conditional writes side by side; see `TokenStore.add`."""
        return self._side_by_side(self._add_one, items)

    def _add_one(self, item: Item) -> Put:
        try:
            self._client.put_item(TableName=self._table, Item=item, **IF_NEW, **RETURN_OLD)
        except ClientError as error:
            if error_code(error) != CONDITION_FAILED:
                return Put.FAILED
            # botocore sends a write again whose answer was lost, and then meets its own item. The
            # signature tells: it covers a data key drawn for this very write.
            standing = error.response.get("Item", {})
            return Put.WRITTEN if standing.get(SIGNATURE) == item[SIGNATURE] else Put.TAKEN
        except BotoCoreError:
            return Put.FAILED
        return Put.WRITTEN

    def put_opaque(self, items: Sequence[Item]) -> list[Put]:
        """Batches of unconditional writes; see `TokenStore.put_opaque`."""
        done = self._side_by_side(self._put_batch, _parts(items, BATCH_WRITE_ITEMS))
        return [put for batch in done for put in batch]

    def _put_batch(self, items: Sequence[Item]) -> list[Put]:
        left = {item["pk"]["S"]: item for item in items}
        try:
            for _ in self._backoff.rounds():
                requests = [{"PutRequest": {"Item": item}} for item in left.values()]
                answer = self._client.batch_write_item(RequestItems={self._table: requests})
                undone = answer.get("UnprocessedItems", {}).get(self._table, [])
                left = {r["PutRequest"]["Item"]["pk"]["S"]: r["PutRequest"]["Item"] for r in undone}
                if not left:
                    break
        except (ClientError, BotoCoreError):
            pass  # What is still in `left` is reported as failed, item by item.
        return [Put.FAILED if item["pk"]["S"] in left else Put.WRITTEN for item in items]

    def find(self, keys: Sequence[TokenKey]) -> list[Found]:
        """Strongly consistent reads of record and marker; see `TokenStore.find`."""
        distinct = list(dict.fromkeys(keys))
        items = self._query(distinct[0]) if len(distinct) == 1 else self._batch_get(distinct)
        by_key = {(item["pk"]["S"], item["sk"]["S"]): item for item in items}
        return [
            Found(by_key.get((key.partition, RECORD)), erased=(key.partition, ERASED) in by_key)
            for key in keys
        ]

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

    def _batch_get(self, keys: Sequence[TokenKey]) -> list[Item]:
        wanted = [key.item_key(sort) for key in keys for sort in (RECORD, ERASED)]
        done = self._side_by_side(self._get_batch, _parts(wanted, BATCH_READ_KEYS))
        return [item for part in done for item in part]

    def _get_batch(self, wanted: Sequence[Item]) -> list[Item]:
        left: list[Item] = list(wanted)
        items: list[Item] = []
        for _ in self._backoff.rounds():
            request = {self._table: {"Keys": left, "ConsistentRead": True}}
            answer = asking(lambda request=request: self._client.batch_get_item(RequestItems=request))  # type: ignore[misc]
            items += answer["Responses"].get(self._table, [])
            left = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            if not left:
                return items
        raise StoreUnavailable(f"DynamoDB is throttling reads; {AGAIN}")

    def _side_by_side(self, work: Callable[[A], B], parts: Sequence[A]) -> list[B]:
        """One part is not worth a thread."""
        return [work(parts[0])] if len(parts) == 1 else list(self._pool.map(work, parts))


def _parts(whole: Sequence[A], size: int) -> list[Sequence[A]]:
    return [whole[start : start + size] for start in range(0, len(whole), size)]
