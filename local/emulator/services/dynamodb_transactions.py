"""DynamoDB transactions: all or nothing, and once for one client request token.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
"""

import copy
from collections.abc import Callable
from typing import Any, Final

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import (
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.utilities import dynamo_json_dump
from moto.dynamodb.responses import DynamoHandler

from local.emulator.patching import Extra, wrap

_MOST_OPERATIONS: Final = 100
_CONDITION: Final = ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues")

Operation = tuple[str, dict[str, Any], dict[str, Any]]  # kind, arguments, key


@wrap(
    DynamoDBBackend,
    "transact_write_items",
    why="moto copies whole tables first (0.2 s), and on failure puts the copies in their place, which cuts "
    "the ties between replicas",
)
def _transact_write_items(original: Any, self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    operations = _operations(self, transact_items)
    found = [self.get_item(arguments["TableName"], key) for _, arguments, key in operations]
    reasons = [_refusal(arguments, item) for (_, arguments, _), item in zip(operations, found, strict=True)]
    if any(code is not None for code, _, _ in reasons):
        raise TransactionCanceledException(reasons)
    before = copy.deepcopy(found)
    try:
        for operation in operations:
            _apply(self, operation)
    except Exception:
        for (_, arguments, key), item in zip(operations, before, strict=True):
            _put_back(self, arguments["TableName"], key, item)
        raise


def _operations(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> list[Operation]:
    """The operations with the key of each, none of them on the same item."""
    if len(transact_items) > _MOST_OPERATIONS:
        raise TooManyTransactionsException()
    if any(len(item) != 1 for item in transact_items):
        raise TransactWriteSingleOpException()
    operations = [
        (kind, arguments, _key(backend, arguments))
        for item in transact_items
        for kind, arguments in item.items()
    ]
    named = {(arguments["TableName"], str(sorted(key.items()))) for _, arguments, key in operations}
    if len(named) < len(operations):
        raise MultipleTransactionsException()
    return operations


def _key(backend: DynamoDBBackend, arguments: dict[str, Any]) -> dict[str, Any]:
    if "Key" in arguments:
        key: dict[str, Any] = arguments["Key"]
        return key
    return {
        name: arguments["Item"][name] for name in backend.get_table(arguments["TableName"]).table_key_attrs
    }


def _refusal(
    arguments: dict[str, Any], item: Item | None
) -> tuple[str | None, str | None, dict[str, Any] | None]:
    """Why the condition of an operation does not hold, as code, message and item; all None when it does."""
    condition = get_filter_expression(*(arguments.get(part) for part in _CONDITION))
    if condition.expr(item):
        return None, None, None
    wanted = arguments.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    shown = item.to_json()["Attributes"] if item is not None and wanted else None
    return "ConditionalCheckFailed", "The conditional request failed", shown


def _apply(backend: DynamoDBBackend, operation: Operation) -> None:
    kind, arguments, key = operation
    table = arguments["TableName"]
    if kind == "Put":
        backend.put_item(table, arguments["Item"])
    elif kind == "Delete":
        backend.delete_item(table, key)
    elif kind == "Update":
        backend.update_item(
            table,
            key,
            arguments["UpdateExpression"],
            arguments.get("ExpressionAttributeNames") or {},
            arguments.get("ExpressionAttributeValues") or {},
        )


def _put_back(backend: DynamoDBBackend, table_name: str, key: dict[str, Any], item: Item | None) -> None:
    """Leave the item as it was; the place is changed, not the table, since replicas share it."""
    table = backend.get_table(table_name)
    hash_value, range_value = backend.get_keys_value(table, key)
    items: Any = table.items if range_value is None else table.items[hash_value]
    place = hash_value if range_value is None else range_value
    if item is None:
        items.pop(place, None)
    else:
        items[place] = item


_done: Final = Extra[dict[str, str]]("transactions_done", dict)


@wrap(
    DynamoHandler,
    "transact_write_items",
    why="moto ignores ClientRequestToken, so the retry of a transaction that succeeded fails its conditions",
)
def _answer_transact_write_items(original: Callable[..., ActionResult], self: DynamoHandler) -> ActionResult:
    token = self.body.get("ClientRequestToken")
    done, asked = _done.of(self.dynamodb_backend), dynamo_json_dump(self.body["TransactItems"])
    if token in done and done[token] != asked:
        raise JsonRESTError(
            "IdempotentParameterMismatchException", "Another request used the same client token."
        )
    if token in done:
        return ActionResult({"ConsumedCapacity": [], "ItemCollectionMetrics": {}})
    answer = original(self)
    if token:
        done[token] = asked
    return answer
