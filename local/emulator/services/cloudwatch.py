"""CloudWatch: composite alarms."""

from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse

from local.emulator.patching import add


@add(
    CloudWatchResponse,
    "put_composite_alarm",
    why="moto's model of an alarm knows a rule, but the action that states one is missing",
    seen_on="5.2.5",
)
def _put_composite_alarm(self: CloudWatchResponse) -> Any:
    return self.put_metric_alarm()
