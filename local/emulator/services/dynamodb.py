"""DynamoDB: one request at a time, and what else a table is besides what moto keeps."""

import threading
from typing import Any, Final

from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from local.emulator.patching import Extra, wrap

_one_at_a_time: Final = threading.RLock()


@wrap(
    DynamoHandler,
    "call_action",
    why="moto locks nothing, and a conditional write takes two steps: other threads write in between",
    seen_on="5.2.5",
)
def _call_action(original: Any, self: DynamoHandler) -> Any:
    with _one_at_a_time:
        return original(self)


_KEPT_WHY: Final = "moto forgets table class and on-demand throughput, so they are planned again for ever"
_KEPT: Final[tuple[str, ...]] = ("TableClass", "OnDemandThroughput")

_kept: Final = Extra[dict[str, Any]]("kept", dict)


@wrap(DynamoHandler, "create_table", why=_KEPT_WHY, seen_on="5.2.5")
def _create_table(original: Any, self: DynamoHandler) -> Any:
    answer = original(self)
    _keep(self)
    return answer


@wrap(DynamoHandler, "update_table", why=_KEPT_WHY, seen_on="5.2.5")
def _update_table(original: Any, self: DynamoHandler) -> Any:
    _keep(self)
    return original(self)


def _keep(handler: DynamoHandler) -> None:
    table = handler.dynamodb_backend.get_table(handler.body["TableName"])
    stated = {name: handler.body[name] for name in _KEPT if handler.body.get(name)}
    _kept.put(table, {**_kept.of(table), **stated})


@wrap(Table, "describe", why=_KEPT_WHY, seen_on="5.2.5")
def _describe(original: Any, self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
    described: dict[str, Any] = original(self, base_key)
    kept = _kept.of(self)
    described[base_key]["TableClassSummary"] = {"TableClass": kept.get("TableClass", "STANDARD")}
    if "OnDemandThroughput" in kept:
        described[base_key]["OnDemandThroughput"] = kept["OnDemandThroughput"]
    return described
