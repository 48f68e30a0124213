"""Walks over the tokens of a tenant, in the keys table."""

from collections.abc import Mapping
from typing import Any

from chalicelib.vault.dynamodb import IF_NEW, DynamoDbClient, put_stands, translate_errors
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
        return put_stands(self._client, self._table, item, _unless_changed(before))


def _unless_changed(before: TokenWalk | None) -> Mapping[str, Any]:
    if before is None:
        return IF_NEW
    return {
        "ConditionExpression": "walk_id = :walk AND revision = :revision",
        "ExpressionAttributeValues": {
            ":walk": {"S": before.walk_id},
            ":revision": {"N": str(before.revision)},
        },
    }
