"""Alarms set off on purpose, to see that their topic is told. It pages people, so only when asked for."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from tokenvault_client.doctor.alarm_history import Action, actions
from tokenvault_client.doctor.alarms import described
from tokenvault_client.doctor.asking import AwsClients, answered, refusal
from tokenvault_client.doctor.findings import Finding, failed, not_checked, ok
from tokenvault_client.doctor.outputs import Outputs

Wait = Callable[[float], None]
"""Sleeps for some seconds."""

REASON: Final = "tokenvault doctor: a test of the alarm. Nothing is wrong."
"""What whoever is paged reads."""

TRIES: Final = 30
"""How often the history is asked, a second apart, before an alarm counts as one that tells nobody."""


def fire(
    clients: AwsClients, stack: Outputs, chosen: Sequence[str], wait: Wait = time.sleep
) -> Iterator[Finding]:
    """Sets the chosen alarms off, or all if none is named, and each back after it.

    An alarm acts when its state changes, so nothing can be learnt from one that is in ALARM already.
    Composite alarms come first, before those that they are made of set them off.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
    """
    cloudwatch = clients("cloudwatch")
    for name in chosen or _composites_first(cloudwatch, stack.alarm_names):
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
    try:
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason=REASON)
        return _judged(check, _awaited(cloudwatch, name, topic, known, wait))
    finally:
        _set_back(cloudwatch, name, state)


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
            cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=REASON)
