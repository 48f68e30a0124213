"""Batches of DynamoDB requests: cut to size, side by side, and asked again for what was left undone."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Final, TypeVar

from chalicelib.aws.errors import RETRY_HINT
from chalicelib.errors import StoreUnavailable
from chalicelib.items import Item, parts, place
from chalicelib.vault.dynamodb import Backoff, DynamoDbClient, translate_errors

A = TypeVar("A")
B = TypeVar("B")

BATCH_WRITE_ITEMS: Final = 25
BATCH_READ_KEYS: Final = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html (API limits)"""


class Batches:
    """One client with its pool of threads and its patience."""

    def __init__(self, client: DynamoDbClient, pool: Executor, backoff: Backoff) -> None:
        self._client, self._pool, self._backoff = client, pool, backoff

    def get(self, table: str, keys: Sequence[Item]) -> list[Item]:
        """Strongly consistent reads of the items under the keys, in any order. Raises `StoreUnavailable`."""
        done = self.side_by_side(partial(self._get, table), parts(keys, BATCH_READ_KEYS))
        return [item for part in done for item in part]

    def put(self, table: str, items: Sequence[Item]) -> list[StoreUnavailable | None]:
        """Unconditional writes; why each was not done, in order. No two items may have the same key."""
        done = self.side_by_side(partial(self._put, table), parts(items, BATCH_WRITE_ITEMS))
        return [failure for part in done for failure in part]

    def side_by_side(self, work: Callable[[A], B], pieces: Sequence[A]) -> list[B]:
        """The results in order. A single piece is not worth a thread."""
        return [work(piece) for piece in pieces] if len(pieces) < 2 else list(self._pool.map(work, pieces))

    def _get(self, table: str, wanted: Sequence[Item]) -> list[Item]:
        left: list[Item] = list(wanted)
        items: list[Item] = []
        for _ in self._backoff.rounds():
            request = {table: {"Keys": left, "ConsistentRead": True}}
            answer = translate_errors(self._client.batch_get_item, RequestItems=request)
            items += answer["Responses"].get(table, [])
            left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
            if not left:
                return items
        raise StoreUnavailable(f"DynamoDB is throttling reads; {RETRY_HINT}")

    def _put(self, table: str, items: Sequence[Item]) -> list[StoreUnavailable | None]:
        left = {place(item): item for item in items}
        failure = StoreUnavailable(f"DynamoDB is throttling writes; {RETRY_HINT}")
        try:
            for _ in self._backoff.rounds():
                request = {table: [{"PutRequest": {"Item": item}} for item in left.values()]}
                answer = translate_errors(self._client.batch_write_item, RequestItems=request)
                undone = answer.get("UnprocessedItems", {}).get(table, [])
                left = {place(item): item for item in (each["PutRequest"]["Item"] for each in undone)}
                if not left:
                    break
        except StoreUnavailable as error:
            failure = error.with_traceback(None)  # Its frames hold the items.
        return [failure if place(item) in left else None for item in items]
