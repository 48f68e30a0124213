"""DynamoDB: one request at a time, and the table class."""

import threading
from typing import Any, Final

from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from local.emulator.patching import Extra, wrap

_one_at_a_time = threading.RLock()


@wrap(
    DynamoHandler,
    "call_action",
    why="moto's TransactWriteItems copies whole tables and puts them back on failure, "
    "which loses whatever other threads wrote meanwhile",
)
def _call_action(original: Any, self: DynamoHandler) -> Any:
    with _one_at_a_time:
        return original(self)


_table_class: Final = Extra[str]("table_class", lambda: "STANDARD")

_CLASS_WHY: Final = "moto forgets the table class, so STANDARD_INFREQUENT_ACCESS is planned again for ever"


@wrap(DynamoHandler, "create_table", why=_CLASS_WHY)
def _create_table(original: Any, self: DynamoHandler) -> Any:
    answer = original(self)
    _remember_class(self)
    return answer


@wrap(DynamoHandler, "update_table", why=_CLASS_WHY)
def _update_table(original: Any, self: DynamoHandler) -> Any:
    _remember_class(self)
    return original(self)


def _remember_class(handler: DynamoHandler) -> None:
    if handler.body.get("TableClass"):
        table = handler.dynamodb_backend.get_table(handler.body["TableName"])
        _table_class.put(table, handler.body["TableClass"])


@wrap(Table, "describe", why=_CLASS_WHY)
def _describe(original: Any, self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
    described: dict[str, Any] = original(self, base_key)
    described[base_key]["TableClassSummary"] = {"TableClass": _table_class.of(self)}
    return described
