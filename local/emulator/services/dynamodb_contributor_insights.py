"""DynamoDB contributor insights, which moto does not have: on or off, for a table or an index of it."""

import time
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.dynamodb.responses import DynamoHandler

from local.emulator.patching import Extra, add

_WHY: Final = "moto has no contributor insights"

_enabled: Final = Extra[set[str | None]]("contributor_insights", set)


@add(DynamoHandler, "update_contributor_insights", why=_WHY, seen_on="5.2.5")
def _update_contributor_insights(self: DynamoHandler) -> ActionResult:
    enabled = _enabled.of(_table(self))
    if self.body["ContributorInsightsAction"] == "ENABLE":
        enabled.add(self.body.get("IndexName"))
    else:
        enabled.discard(self.body.get("IndexName"))
    return _described(self)


@add(DynamoHandler, "describe_contributor_insights", why=_WHY, seen_on="5.2.5")
def _describe_contributor_insights(self: DynamoHandler) -> ActionResult:
    return _described(self)


def _described(self: DynamoHandler) -> ActionResult:
    index = self.body.get("IndexName")
    described = {
        "TableName": _table(self).name,
        "ContributorInsightsStatus": "ENABLED" if index in _enabled.of(_table(self)) else "DISABLED",
        "ContributorInsightsRuleList": [],
        "LastUpdateDateTime": time.time(),
    }
    return ActionResult({**described, "IndexName": index} if index else described)


def _table(handler: DynamoHandler) -> Any:
    return handler.dynamodb_backend.get_table(handler.body["TableName"])
