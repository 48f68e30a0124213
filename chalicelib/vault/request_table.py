"""The idempotency table: one item for each request that carries a key, in one Region, for a day."""

from typing import Any

from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item, primary_key
from chalicelib.vault.dynamodb import DynamoDbClient, ItemExists, put_new
from chalicelib.vault.requests import KEPT_SECONDS, StoredRequest


class RequestTable:
    """The idempotency table, as a `RequestStore`."""

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def get_or_create(self, request: StoredRequest) -> StoredRequest:
        """One conditional write; see `RequestStore.get_or_create`."""
        try:
            put_new(self._client, self._table, _request_item(request), _if_new_or_older(request.created))
        except ItemExists as other:
            return _parse_request(other.existing)
        return request


def _if_new_or_older(now: int) -> dict[str, Any]:
    """DynamoDB removes an item some days after its time; until then it must not count."""
    return {
        "ConditionExpression": "attribute_not_exists(pk) OR created <= :oldest",
        "ExpressionAttributeValues": {":oldest": {"N": str(now - KEPT_SECONDS)}},
    }


def _request_item(request: StoredRequest) -> Item:
    """The item that holds a request."""
    return {
        **primary_key(request.key_hash, "request"),
        "body_mac": {"B": request.body_mac},
        "seed": {"B": request.seed},
        "created": {"N": str(request.created)},
        "ttl": {"N": str(request.created + KEPT_SECONDS)},
    }


def _parse_request(item: Item) -> StoredRequest:
    """The request that an item holds. Raises `RecordCorrupt` if it holds none."""
    try:
        return StoredRequest(
            item["pk"]["S"],
            bytes(item["body_mac"]["B"]),
            bytes(item["seed"]["B"]),
            int(item["created"]["N"]),
        )
    except (KeyError, TypeError, ValueError):
        raise RecordCorrupt("a stored request does not parse") from None
