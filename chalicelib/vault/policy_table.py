"""The policy table: policy documents, written by Terraform under their SHA-256 and read once a container."""

from typing import Final

from chalicelib.items import Item, primary_key
from chalicelib.vault.dynamodb import DynamoDbClient, translate_errors


class PolicyTable:
    """The policy documents of the deployment and of the one before it.

    The document of the generation before the last change stands in a partition of its own, for versions of a
    function that still start containers.
    """

    PARTITIONS: Final = ("policy", "previous")

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def document(self, sha256: str) -> str | None:
        """The text stored under a digest (hexadecimal), which the caller verifies; None without one.

        Raises `StoreUnavailable`.
        """
        found = (self._item(partition, sha256) for partition in self.PARTITIONS)
        return next((str(item["document"]["S"]) for item in found if item), None)

    def _item(self, partition: str, sha256: str) -> Item | None:
        answer = translate_errors(
            self._client.get_item,
            TableName=self._table,
            Key=primary_key(partition, sha256),
            ConsistentRead=True,
        )
        item: Item | None = answer.get("Item")
        return item
