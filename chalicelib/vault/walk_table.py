"""Walks in the keys table, over the records of the vault table."""

from collections.abc import Mapping
from typing import Any

from chalicelib.crypto.description import parse_description
from chalicelib.crypto.record_cipher import DESCRIPTION
from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item
from chalicelib.vault.dynamodb import IF_NEW, DynamoDbClient, put_stands, query_all, translate_errors
from chalicelib.vault.token_items import RECORD
from chalicelib.vault.tokens import TokenKey
from chalicelib.vault.walk_items import parse_walk, part_prefix, walk_item, walk_key, walk_partition
from chalicelib.vault.walks import SEGMENTS, ScannedPage, Walk


class WalkTable:
    """The keys table of a Region, as a `WalkStore`."""

    def __init__(self, client: DynamoDbClient, table: str, region: str) -> None:
        self._client, self._table, self._region = client, table, region

    def find(self, tenant: str, part: int | None = None) -> Walk | None:
        """See `WalkStore.find`."""
        key = walk_key(tenant, self._region, part)
        answer = translate_errors(self._client.get_item, TableName=self._table, Key=key, ConsistentRead=True)
        return parse_walk(answer["Item"]) if "Item" in answer else None

    def parts(self, tenant: str) -> list[Walk]:
        """Strongly consistent; see `WalkStore.parts`."""
        request = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :walks AND begins_with(sk, :parts)",
            "ExpressionAttributeValues": {
                ":walks": {"S": walk_partition(tenant)},
                ":parts": {"S": part_prefix(self._region)},
            },
        }
        return [parse_walk(item) for item in query_all(self._client, request)]

    def save(self, walk: Walk, before: Walk | None) -> bool:
        """A write on the condition that nobody else took a step; see `WalkStore.save`."""
        item = walk_item(walk, self._region)
        return put_stands(self._client, self._table, item, _unless_changed(before))


class VaultScanner:
    """The vault table, as a `RecordScanner`: keys and material descriptions are all that it reads."""

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def scan(self, tenant: str, segment: int, position: Mapping[str, Any] | None, limit: int) -> ScannedPage:
        """Strongly consistent; see `RecordScanner.scan`."""
        answer = translate_errors(
            self._client.scan,
            TableName=self._table,
            ConsistentRead=True,
            Segment=segment,
            TotalSegments=SEGMENTS,
            Select="SPECIFIC_ATTRIBUTES",  # the role may ask for no others
            Limit=limit,
            ProjectionExpression="pk, #description",
            # Tombstones have no description.
            FilterExpression="begins_with(pk, :tenant) AND sk = :record AND attribute_exists(#description)",
            ExpressionAttributeNames={"#description": DESCRIPTION},
            ExpressionAttributeValues={":tenant": {"S": f"{tenant}#"}, ":record": {"S": RECORD}},
            **({} if position is None else {"ExclusiveStartKey": dict(position)}),
        )
        records = tuple((TokenKey.at(item["pk"]["S"]).token, _version(item)) for item in answer["Items"])
        return ScannedPage(records, answer["ScannedCount"], answer.get("LastEvaluatedKey"))


def _unless_changed(before: Walk | None) -> Mapping[str, Any]:
    if before is None:
        return IF_NEW
    return {
        "ConditionExpression": "begun = :begun AND revision = :revision",
        "ExpressionAttributeValues": {
            ":begun": {"N": str(before.begun)},
            ":revision": {"N": str(before.revision)},
        },
    }


def _version(item: Item) -> str:
    """The version that a record names; empty for one that names none, since somebody changed it."""
    try:
        return parse_description(bytes(item[DESCRIPTION]["B"]))[0]
    except (KeyError, TypeError, RecordCorrupt):
        return ""
