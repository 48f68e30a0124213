"""The audit table: events are added and never changed; only the maintenance function reads some of them."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from chalicelib.audit.chain import MAC
from chalicelib.audit.events import Tail, timestamp
from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item
from chalicelib.vault.dynamodb import DynamoDbClient, ItemExists, put_new, query_all, translate_errors

_CHAIN_ID: Final = re.compile(r"[0-9a-f]{32}")
_MAC_BYTES: Final = 32
_TAIL_NAMES: Final = {"#chain": "chain", "#sequence": "sequence", "#mac": MAC}


class AuditTable:
    """The audit trail, as an `AuditStore` and an `AuditReader`."""

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def add(self, item: Item) -> None:
        """A conditional write. Raises as `AuditStore.add` does."""
        try:
            put_new(self._client, self._table, item)
        except ItemExists as other:
            # A write whose answer was lost meets its own item. The MAC covers all of it.
            if other.existing.get(MAC) != item[MAC]:
                raise RecordCorrupt("something else stands where an audit event belongs") from None

    def tails(self, partition: str, since: str, until: str) -> Iterator[Tail]:
        """See `AuditReader.tails`."""
        request = {
            **self._within(partition, since, until),
            "ProjectionExpression": ", ".join(_TAIL_NAMES),
            "ExpressionAttributeNames": _TAIL_NAMES,
        }
        found = (_tail(item) for item in query_all(self._client, request))
        return (tail for tail in found if tail is not None)

    def covered_until(self, partition: str, since: str, until: str) -> str | None:
        """See `AuditReader.covered_until`."""
        request = {**self._within(partition, since, until), "ScanIndexForward": False, "Limit": 1}
        items = translate_errors(self._client.query, **request)["Items"]
        return _until(items[0]) if items else None

    def _within(self, partition: str, since: str, until: str) -> dict[str, Any]:
        # A sort key is a time with something behind it, so an event of the very time `until` is not in it.
        return {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :since AND :until",
            "ExpressionAttributeValues": {
                ":pk": {"S": partition},
                ":since": {"S": since},
                ":until": {"S": until},
            },
        }


def _until(item: Item) -> str | None:
    """What a checkpoint says that it covers; an item that somebody else put there covers nothing."""
    try:
        return timestamp(datetime.fromisoformat(item["until"]["S"]).timestamp())
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _tail(item: Item) -> Tail | None:
    """Where in its chain an event stands. What is no event of ours must not stop the maintenance function."""
    try:
        tail = Tail(item["chain"]["S"], int(item["sequence"]["N"]), bytes(item[MAC]["B"]))
        return tail if _CHAIN_ID.fullmatch(tail.chain) and len(tail.mac) == _MAC_BYTES else None
    except (KeyError, TypeError, ValueError):
        return None
