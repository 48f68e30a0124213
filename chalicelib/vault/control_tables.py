"""The smaller tables: keys, policy, audit."""

from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.crypto.key_items import (
    BRANCH,
    BranchKeys,
    WrappedBranchKey,
    branch_item,
    parse_branch,
    ready_item,
)
from chalicelib.errors import StoreUnavailable
from chalicelib.vault.dynamodb import AGAIN, CONDITION_FAILED, IF_NEW, DynamoDbClient, asking, error_code
from chalicelib.vault.store import Item


class KeysTable:
    """The keys table: read by the serving functions, written by the maintenance function."""

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def branch_keys(self, tenant: str) -> BranchKeys:
        """All versions of a tenant's branch key."""
        return BranchKeys.parse(self._items(tenant))

    def branch_key(self, tenant: str, key_id: str) -> WrappedBranchKey | None:
        """One version."""
        key = {"pk": {"S": tenant}, "sk": {"S": BRANCH + key_id}}
        answer = asking(lambda: self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True))
        return parse_branch(answer["Item"]) if "Item" in answer else None

    def add_branch_key(self, key: WrappedBranchKey) -> None:
        """Writes a new version. Its id is random, so it is never there already."""
        asking(lambda: self._client.put_item(TableName=self._table, Item=branch_item(key), **IF_NEW))

    def mark_ready(self, tenant: str, key_id: str) -> None:
        """Says that a version may be written with. Saying it twice changes nothing."""
        asking(lambda: self._client.put_item(TableName=self._table, Item=ready_item(tenant, key_id)))

    def _items(self, tenant: str) -> Iterator[Item]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :tenant",
            "ExpressionAttributeValues": {":tenant": {"S": tenant}},
        }
        while True:
            answer = asking(lambda: self._client.query(**request))
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


class PolicyTable:
    """The one policy document, written by Terraform and read once a container."""

    KEY: Final = {"pk": {"S": "policy"}, "sk": {"S": "current"}}

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def document(self) -> str | None:
        """The text of the document."""
        answer = asking(
            lambda: self._client.get_item(TableName=self._table, Key=self.KEY, ConsistentRead=True)
        )
        return str(answer["Item"]["document"]["S"]) if "Item" in answer else None


class AuditTable:
    """The audit trail: items are added and never changed."""

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def append(self, item: Item) -> None:
        """Writes one event. An event of that id that stands already is left as it is."""
        try:
            self._client.put_item(TableName=self._table, Item=item, **IF_NEW)
        except ClientError as error:
            if error_code(error) == CONDITION_FAILED:
                # The id is random: what stands there is this event, and only its first answer was lost.
                return
            raise StoreUnavailable(
                f"the audit trail was not written ({error_code(error)}); {AGAIN}"
            ) from None
        except BotoCoreError as error:
            raise StoreUnavailable(
                f"the audit trail was not written ({type(error).__name__}); {AGAIN}"
            ) from None
