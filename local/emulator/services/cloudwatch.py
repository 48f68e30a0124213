"""CloudWatch: composite alarms, and what alarms do when their state changes."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.sns.models import sns_backends

from local.emulator.patching import Extra, add, wrap

_SEEN_ON: Final = "5.2.5"
_NO_ACTIONS: Final = "moto changes an alarm's state and takes none of its actions"

_history: Final = Extra[list[dict[str, Any]]]("alarm_history", list)


@add(
    CloudWatchResponse,
    "put_composite_alarm",
    why="moto's model of an alarm knows a rule, but the action that states one is missing",
    seen_on=_SEEN_ON,
)
def _put_composite_alarm(self: CloudWatchResponse) -> Any:
    return self.put_metric_alarm()


@wrap(CloudWatchBackend, "set_alarm_state", why=_NO_ACTIONS, seen_on=_SEEN_ON)
def _set_alarm_state(
    original: Callable[..., None], self: CloudWatchBackend, alarm_name: str, *change: Any
) -> None:
    before = self.alarms[alarm_name].state_value if alarm_name in self.alarms else None
    original(self, alarm_name, *change)
    alarm = self.alarms[alarm_name]
    if alarm.state_value != before and alarm.actions_enabled:
        for resource in _actions(alarm):
            _history.of(self).append(_acted(alarm, resource, _told(self, alarm, resource)))


def _actions(alarm: Alarm) -> list[str]:
    """What belongs to the state that it is in now."""
    by_state = {"OK": alarm.ok_actions, "ALARM": alarm.alarm_actions}
    return by_state.get(alarm.state_value, alarm.insufficient_data_actions) or []


def _told(backend: CloudWatchBackend, alarm: Alarm, resource: str) -> bool:
    """Whether the topic took the message: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""
    body = {"AlarmName": alarm.name, "NewStateValue": alarm.state_value, "NewStateReason": alarm.state_reason}
    try:
        sns_backends[backend.account_id][backend.region_name].publish(json.dumps(body), resource)
    except ServiceException:
        return False
    return True


def _acted(alarm: Alarm, resource: str, told: bool) -> dict[str, Any]:
    at: datetime = utcnow()
    data = {"actionState": "Succeeded" if told else "Failed", "notificationResource": resource}
    return {
        "AlarmName": alarm.name,
        "AlarmType": "CompositeAlarm" if alarm.rule else "MetricAlarm",
        "Timestamp": at,
        "HistoryItemType": "Action",
        "HistorySummary": f"{'Successfully executed' if told else 'Failed to execute'} action {resource}",
        "HistoryData": json.dumps(data),
    }


@add(CloudWatchResponse, "describe_alarm_history", why=_NO_ACTIONS, seen_on=_SEEN_ON)
def _describe_alarm_history(self: CloudWatchResponse) -> ActionResult:
    name, kind = self._get_param("AlarmName"), self._get_param("HistoryItemType")
    types = self._get_param("AlarmTypes") or ["MetricAlarm"]
    found = [
        item
        for item in _history.of(self.cloudwatch_backend)
        if name in (None, item["AlarmName"])
        and kind in (None, item["HistoryItemType"])
        and item["AlarmType"] in types
    ]
    return ActionResult({"AlarmHistoryItems": found[::-1]})
