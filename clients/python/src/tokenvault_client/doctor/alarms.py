"""The alarms: there, switched on, heard by somebody, and none that could not tell its topic."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final

from tokenvault_client.doctor.alarm_history import KINDS, actions, last_of_each_resource
from tokenvault_client.doctor.asking import AwsClients, Problem, answered, judged
from tokenvault_client.doctor.findings import Finding, failed, ok
from tokenvault_client.doctor.outputs import Outputs

_BATCH: Final = 100
"""Names that one call takes.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""

_TOLD: Final = "alarms: told"

REASON: Final = "tokenvault doctor: a test of the alarm. Nothing is wrong."
"""Why an alarm is in its state that `firing` set off. Whoever is paged reads it."""


def check(clients: AwsClients, stack: Outputs) -> Iterator[Finding]:
    """Every alarm of the stack, and the topic that they tell."""
    names, topic = stack.alarm_names, stack.alarms_topic_arn
    ask = partial(described, clients("cloudwatch"), names)
    yield judged("alarms: there", f"all {len(names)}", ask, missing_problem(names))
    yield judged("alarms: switched on", "each tells the topic", ask, silent_problem(topic))
    heard = partial(_subscriptions, clients("sns"), topic)
    yield judged("alarms: heard", "every subscription is confirmed", heard, subscription_problem)
    yield answered(_TOLD, partial(_told, clients("cloudwatch"), names))


def described(cloudwatch: Any, names: tuple[str, ...]) -> list[Any]:
    """The alarms of these names that are there, of both kinds. Raises what the call does."""
    found: list[Any] = []
    for start in range(0, len(names), _BATCH):
        batch = list(names[start : start + _BATCH])
        answer = cloudwatch.describe_alarms(AlarmNames=batch, AlarmTypes=list(KINDS), MaxRecords=_BATCH)
        found += [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
    return found


def _subscriptions(sns: Any, topic: str) -> list[Any]:
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return [one for page in pages for one in page["Subscriptions"]]


def _told(cloudwatch: Any, names: tuple[str, ...]) -> Finding:
    """Whether the last that each alarm told anybody went through, as far back as its history goes."""
    last = [action for name in names for action in last_of_each_resource(actions(cloudwatch, name))]
    lost = sorted({action.alarm for action in last if action.failed})
    if lost:
        return failed(_TOLD, f"could not tell what they should, as their history says: {', '.join(lost)}")
    told = {action.alarm for action in last if action.succeeded}
    return ok(_TOLD, f"{len(told)} of {len(names)} went off of late, each told whom it should")


def missing_problem(names: Iterable[str]) -> Problem:
    """Which alarms of the stack are not there."""

    def problem(found: Any) -> str | None:
        missing = sorted({*names} - {alarm["AlarmName"] for alarm in found})
        return f"not there: {', '.join(missing)}" if missing else None

    return problem


def silent_problem(topic: str) -> Problem:
    """Which alarms go off and tell the topic nothing, or could not since a test left them in ALARM."""

    def problem(found: Any) -> str | None:
        silent = [
            alarm for alarm in found if not alarm["ActionsEnabled"] or topic not in alarm["AlarmActions"]
        ]
        left = [alarm for alarm in found if alarm["StateValue"] == "ALARM" and alarm["StateReason"] == REASON]
        named = {"tell nobody": silent, "set off by a test and not set back": left}
        return "; ".join(f"{what}: {_names(alarms)}" for what, alarms in named.items() if alarms) or None

    return problem


def _names(alarms: Iterable[Any]) -> str:
    return ", ".join(sorted(alarm["AlarmName"] for alarm in alarms))


def subscription_problem(found: Any) -> str | None:
    """Whether nobody hears the topic, or somebody has not confirmed yet."""
    if not found:
        return "nobody has subscribed to the topic (alarms.emails)"
    waiting = [one for one in found if not str(one["SubscriptionArn"]).startswith("arn:")]
    return f"{len(waiting)} of {len(found)} subscriptions are not confirmed" if waiting else None
