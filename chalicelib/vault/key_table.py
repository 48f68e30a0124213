"""The keys table: read by the serving functions, written by the maintenance function."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from chalicelib.items import Item, primary_key
from chalicelib.vault.dynamodb import DynamoDbClient, ItemExists, put_new, query_all, translate_errors
from chalicelib.vault.key_items import (
    BRANCH,
    TENANTS,
    branch_item,
    held_item,
    parse_branch,
    parse_tenant_keys,
    prf_item,
    ready_item,
)
from chalicelib.vault.keys import TenantKeys, WrappedBranchKey, WrappedPrfKey


class KeyTable:
    """The keys table, as a `KeyStore` and a `WritableKeyStore`."""

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def tenant_keys(self, tenant: str) -> TenantKeys:
        """See `KeyStore.tenant_keys`."""
        return parse_tenant_keys(self._items(tenant))

    def branch_key(self, tenant: str, key_id: str) -> WrappedBranchKey | None:
        """See `KeyStore.branch_key`."""
        key = primary_key(tenant, BRANCH + key_id)
        answer = translate_errors(self._client.get_item, TableName=self._table, Key=key, ConsistentRead=True)
        return parse_branch(answer["Item"]) if "Item" in answer else None

    def add_branch_key(self, key: WrappedBranchKey) -> None:
        """See `WritableKeyStore.add_branch_key`. The id is random: what stands there already is itself."""
        with contextlib.suppress(ItemExists):
            put_new(self._client, self._table, branch_item(key))

    def add_prf_key(self, key: WrappedPrfKey) -> None:
        """See `WritableKeyStore.add_prf_key`."""
        with contextlib.suppress(ItemExists):
            put_new(self._client, self._table, prf_item(key))

    def known_tenants(self) -> list[str]:
        """See `WritableKeyStore.known_tenants`."""
        return [str(item["sk"]["S"]) for item in self._items(TENANTS)]

    def add_tenant(self, tenant: str) -> None:
        """See `WritableKeyStore.add_tenant`."""
        translate_errors(self._client.put_item, TableName=self._table, Item=primary_key(TENANTS, tenant))

    def mark_held(self, region: str, key: WrappedBranchKey | WrappedPrfKey) -> None:
        """See `WritableKeyStore.mark_held`."""
        translate_errors(self._client.put_item, TableName=self._table, Item=held_item(region, key))

    def mark_ready(self, key: WrappedBranchKey | WrappedPrfKey, now: int) -> None:
        """See `WritableKeyStore.mark_ready`."""
        translate_errors(self._client.put_item, TableName=self._table, Item=ready_item(key, now))

    def set_retired(self, key: WrappedBranchKey, since: int | None) -> None:
        """See `WritableKeyStore.set_retired`. The item is written anew, on the condition that it is there."""
        item = branch_item(replace(key, retired=since))
        with contextlib.suppress(ItemExists):
            put_new(self._client, self._table, item, {"ConditionExpression": "attribute_exists(pk)"})

    def _items(self, tenant: str) -> Iterator[Item]:
        request = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :tenant",
            "ExpressionAttributeValues": {":tenant": {"S": tenant}},
        }
        return query_all(self._client, request)
