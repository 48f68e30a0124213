"""The budgets table: one item for each client or person, hour and kind, in one Region."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.items import primary_key
from chalicelib.vault.budgets import KEPT_SECONDS, Spending
from chalicelib.vault.dynamodb import DynamoDbClient, condition_holds


class BudgetTable:
    """The budgets table, as a `BudgetStore`."""

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def spend(self, spending: Spending) -> bool:
        """One conditional update, which DynamoDB serializes; see `BudgetStore.spend`."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": primary_key(_whose(spending), f"{_hour(spending.hour)}#{spending.kind}"),
            "UpdateExpression": "SET #ttl = :ttl ADD spent :amount",
            # More than there is at all is not asked for, so the first of an hour always fits.
            "ConditionExpression": "attribute_not_exists(spent) OR spent <= :left",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": {
                ":amount": {"N": str(spending.amount)},
                ":left": {"N": str(spending.most - spending.amount)},
                ":ttl": {"N": str(spending.hour + KEPT_SECONDS)},
            },
        }
        return condition_holds(self._client.update_item, **request)


def _whose(spending: Spending) -> str:
    """No name has a `#`, and none is empty. A person is one, through whatever client, so that is left out."""
    if spending.session is not None:
        return f"{spending.tenant}###{spending.session}"
    if spending.user_sub is None:
        return f"{spending.tenant}#{spending.client}"
    return f"{spending.tenant}##{spending.user_sub}"


def _hour(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H")
