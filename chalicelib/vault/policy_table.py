"""The policy table: the policy document, written by Terraform and read once a container."""

from typing import Final

from chalicelib.items import primary_key
from chalicelib.vault.dynamodb import DynamoDbClient, translate_errors


class PolicyTable:
    """The policy table."""

    KEY: Final = primary_key("policy", "current")

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def document(self) -> str | None:
        """The text of the document, None if there is none. Raises `StoreUnavailable`."""
        answer = translate_errors(
            self._client.get_item, TableName=self._table, Key=self.KEY, ConsistentRead=True
        )
        return str(answer["Item"]["document"]["S"]) if "Item" in answer else None
