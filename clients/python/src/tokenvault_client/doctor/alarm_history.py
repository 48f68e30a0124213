"""What CloudWatch keeps of an alarm's actions: whom it told, and whether that went through.

`HistoryData` is JSON with `actionState` and `notificationResource`, and `HistorySummary` begins with
"Successfully executed action" or "Failed to execute action":
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

KINDS: Final = ("MetricAlarm", "CompositeAlarm")
"""Both kinds of alarm; a call that names none is answered for the first alone."""

_PAGE: Final = 100
"""The most items that one call answers:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html"""


@dataclass(frozen=True)
class Action:
    """Something that an alarm told, or tried to tell, a resource such as a topic."""

    alarm: str
    resource: str
    at: datetime
    succeeded: bool
    failed: bool


def actions(cloudwatch: Any, alarm: str) -> list[Action]:
    """The newest actions of an alarm, at most a hundred, newest first. Raises what the call does."""
    answer = cloudwatch.describe_alarm_history(
        AlarmName=alarm,
        AlarmTypes=list(KINDS),
        HistoryItemType="Action",
        MaxRecords=_PAGE,
        ScanBy="TimestampDescending",
    )
    return [_action(alarm, item) for item in answer["AlarmHistoryItems"]]


def _action(alarm: str, item: Mapping[str, Any]) -> Action:
    data, summary = _data(item), str(item.get("HistorySummary", ""))
    state = data.get("actionState")
    return Action(
        alarm,
        str(data.get("notificationResource") or summary.rpartition(" ")[2]),
        item["Timestamp"],
        succeeded=state == "Succeeded" or (state is None and summary.startswith("Successfully")),
        failed=state == "Failed" or (state is None and summary.startswith("Failed")),
    )


def _data(item: Mapping[str, Any]) -> dict[str, Any]:
    """Empty where there is none that can be read; the summary says as much then."""
    try:
        data = json.loads(item.get("HistoryData") or "{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def last_of_each_resource(found: Iterable[Action]) -> list[Action]:
    """What was done last for each resource."""
    by_time = sorted(found, key=lambda action: action.at)
    return list({action.resource: action for action in by_time}.values())
