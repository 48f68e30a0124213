"""The smaller tables: keys and policy."""

import contextlib
from collections.abc import Iterator
from typing import Final

from chalicelib.crypto.key_items import (
    BRANCH,
    TenantKeys,
    WrappedBranchKey,
    WrappedPrfKey,
    branch_item,
    parse_branch,
    prf_item,
    ready_item,
)
from chalicelib.vault.dynamodb import DynamoDbClient, ItemExists, asking, put_new, query_all
from chalicelib.vault.store import Item


class KeysTable:
    """The keys table: read by the serving functions, written by the maintenance function."""

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def tenant_keys(self, tenant: str) -> TenantKeys:
        """All keys of a tenant."""
        return TenantKeys.parse(self._items(tenant))

    def branch_key(self, tenant: str, key_id: str) -> WrappedBranchKey | None:
        """One version."""
        key = {"pk": {"S": tenant}, "sk": {"S": BRANCH + key_id}}
        answer = asking(lambda: self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True))
        return parse_branch(answer["Item"]) if "Item" in answer else None

    def add_branch_key(self, key: WrappedBranchKey) -> None:
        """Writes a new version. Its id is random: what stands there already is itself."""
        with contextlib.suppress(ItemExists):
            put_new(self._client, self._table, branch_item(key))

    def add_prf_key(self, key: WrappedPrfKey) -> None:
        """Writes a tenant's PRF key, unless there is one: the first stands for good."""
        with contextlib.suppress(ItemExists):
            put_new(self._client, self._table, prf_item(key))

    def mark_ready(self, tenant: str, key_id: str) -> None:
        """Says that a version may be written with. Saying it twice changes nothing."""
        asking(lambda: self._client.put_item(TableName=self._table, Item=ready_item(tenant, key_id)))

    def _items(self, tenant: str) -> Iterator[Item]:
        request = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :tenant",
            "ExpressionAttributeValues": {":tenant": {"S": tenant}},
        }
        return query_all(self._client, request)


class PolicyTable:
    """The policy documents, written by Terraform under their SHA-256 and read once a container.

    The document of the generation before the last change stands in a partition of its own, for versions of a
    function that still start containers.
    """

    PARTITIONS: Final = ("policy", "previous")

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def document(self, sha256: str) -> str | None:
        """The text stored under a digest (hexadecimal), which the caller verifies; None without one."""
        found = (self._item(partition, sha256) for partition in self.PARTITIONS)
        return next((str(item["document"]["S"]) for item in found if item), None)

    def _item(self, partition: str, sha256: str) -> Item | None:
        key = {"pk": {"S": partition}, "sk": {"S": sha256}}
        answer = asking(lambda: self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True))
        return answer.get("Item")
