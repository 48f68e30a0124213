"""The idempotency table: one item a request that carries a key, in one Region, for a day."""

from typing import Any

from chalicelib.vault.dynamodb import DynamoDbClient, ItemExists, put_new
from chalicelib.vault.requests import LIFETIME_SECONDS, StoredRequest, parse_request, request_item


class RequestTable:
    """The idempotency table, as a `RequestStore`."""

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def first(self, request: StoredRequest) -> StoredRequest:
        """One conditional write; see `RequestStore.first`."""
        try:
            put_new(self._client, self._table, request_item(request), _if_new_or_older(request.created))
        except ItemExists as taken:
            return parse_request(taken.standing)
        return request


def _if_new_or_older(now: int) -> dict[str, Any]:
    """DynamoDB removes an item some days after its time; until then it must not count."""
    return {
        "ConditionExpression": "attribute_not_exists(pk) OR created <= :oldest",
        "ExpressionAttributeValues": {":oldest": {"N": str(now - LIFETIME_SECONDS)}},
    }
