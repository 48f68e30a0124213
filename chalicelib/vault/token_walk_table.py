"""Walks over the tokens of a tenant, in the keys table."""

from typing import Any

from chalicelib.vault.dynamodb import IF_NEW, DynamoDbClient, ItemExists, put_new, translate_errors
from chalicelib.vault.token_walk_items import parse_token_walk, token_walk_item, token_walk_key
from chalicelib.vault.token_walks import TokenWalk


class TokenWalkTable:
    """The keys table of a Region, as a `TokenWalkStore`."""

    def __init__(self, client: DynamoDbClient, table: str, region: str) -> None:
        self._client, self._table, self._region = client, table, region

    def find(self, tenant: str, type_name: str) -> TokenWalk | None:
        """Strongly consistent; see `TokenWalkStore.find`."""
        key = token_walk_key(tenant, type_name, self._region)
        answer = translate_errors(self._client.get_item, TableName=self._table, Key=key, ConsistentRead=True)
        return parse_token_walk(answer["Item"]) if "Item" in answer else None

    def save(self, walk: TokenWalk, before: TokenWalk | None) -> bool:
        """A write on the condition that nobody else took a step; see `TokenWalkStore.save`."""
        item = token_walk_item(walk, self._region)
        try:
            put_new(self._client, self._table, item, _unless_changed(before))
        except ItemExists as other:
            # A write whose answer was lost is sent again by botocore, and meets its own item.
            return other.existing == item
        return True


def _unless_changed(before: TokenWalk | None) -> dict[str, Any]:
    if before is None:
        return dict(IF_NEW)
    return {
        "ConditionExpression": "walk_id = :walk AND revision = :revision",
        "ExpressionAttributeValues": {
            ":walk": {"S": before.walk_id},
            ":revision": {"N": str(before.revision)},
        },
    }
