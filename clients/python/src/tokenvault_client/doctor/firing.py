"""Alarms set off on purpose, to see that their topic is told. It pages people, so only when asked for."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from tokenvault_client.doctor.alarm_history import Action, actions
from tokenvault_client.doctor.alarms import REASON, described
from tokenvault_client.doctor.asking import AwsClients, answered, refusal
from tokenvault_client.doctor.findings import Finding, failed, not_checked, ok
from tokenvault_client.doctor.outputs import Outputs

Wait = Callable[[float], None]
"""Sleeps for some seconds."""

TRIES: Final = 30
"""How often the history is asked, a second apart, before an alarm counts as one that tells nobody."""


_PART: Final = re.compile(r'ALARM\("?([^")]+)"?\)')


def fire(
    clients: AwsClients, stack: Outputs, chosen: Sequence[str], wait: Wait = time.sleep
) -> Iterator[Finding]:
    """Sets the chosen alarms off, or all if none is named, and each back after it.

    An alarm acts when its state changes, so nothing can be learnt from one that is in ALARM already.
    Composite alarms come first, before those that they are made of set them off.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
    """
    cloudwatch = clients("cloudwatch")
    for name in _composites_first(cloudwatch, tuple(chosen) or stack.alarm_names):
        check = f"alarm {name}: fires"
        if name in stack.alarm_names:
            yield answered(check, partial(_fired, check, cloudwatch, name, stack.alarms_topic_arn, wait))
        else:
            yield not_checked(check, "no alarm of this stack has that name")


def _composites_first(cloudwatch: Any, names: tuple[str, ...]) -> Sequence[str]:
    try:
        composite = {alarm["AlarmName"] for alarm in described(cloudwatch, names) if "AlarmRule" in alarm}
    except Exception as error:
        if refusal(error) is None:
            raise
        return names  # and each of them says what was refused
    return sorted(names, key=lambda name: name not in composite)


def _fired(check: str, cloudwatch: Any, name: str, topic: str, wait: Wait) -> Finding:
    before = described(cloudwatch, (name,))
    if not before:
        return failed(check, "not there")
    state = before[0]["StateValue"]
    if state == "ALARM":
        return not_checked(check, "in ALARM already, so nobody would be told anew: see to it first")
    known = actions(cloudwatch, name)
    _set(cloudwatch, name, "ALARM")
    try:
        found = _judged(check, _awaited(cloudwatch, name, topic, known, wait))
    finally:
        left = _left_set_off(cloudwatch, name, state)
    return failed(check, left) if left else found


def _left_set_off(cloudwatch: Any, name: str, state: str) -> str | None:
    """What to do about an alarm that could not be set back; None for any other."""
    try:
        _set_back(cloudwatch, name, state)
    except Exception as error:
        if (reason := refusal(error)) is None:
            raise
        return f"left in ALARM by this test, set it back with `aws cloudwatch set-alarm-state`: {reason}"
    return None


def _awaited(cloudwatch: Any, name: str, topic: str, known: Sequence[Action], wait: Wait) -> Action | None:
    """What came of telling the topic, by what is new in the history, so that no two clocks are compared."""
    for attempt in range(TRIES):
        if attempt:
            wait(1)
        for action in actions(cloudwatch, name):
            if action not in known and action.resource == topic and (action.succeeded or action.failed):
                return action
    return None


def _judged(check: str, action: Action | None) -> Finding:
    if action is None:
        return failed(check, f"set off, and nothing was told to the topic in {TRIES} tries")
    if action.failed:
        return failed(check, "CloudWatch could not tell the topic: the alarm's history says why")
    return ok(check, "set off, and the topic was told")


def _set_back(cloudwatch: Any, name: str, state: str) -> None:
    """Unless CloudWatch has judged it anew meanwhile, as it soon does, except for composite alarms."""
    for now in described(cloudwatch, (name,)):
        if now["StateReason"] == REASON:
            _set(cloudwatch, name, state)
            if _part_in_alarm(cloudwatch, now.get("AlarmRule", "")):
                # It went off meanwhile, and a composite alarm is judged anew only when a part changes.
                _set(cloudwatch, name, "ALARM", "an alarm that it is made of is in ALARM")


def _part_in_alarm(cloudwatch: Any, rule: str) -> bool:
    """Whether one is in ALARM of those that a rule such as `ALARM("errors") OR ALARM("lag")` names."""
    parts = tuple(_PART.findall(rule))
    return any(alarm["StateValue"] == "ALARM" for alarm in described(cloudwatch, parts))


def _set(cloudwatch: Any, name: str, state: str, reason: str = REASON) -> None:
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)
