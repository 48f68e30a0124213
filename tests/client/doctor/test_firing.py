"""Alarms set off on purpose: whether their topic is told, and that they are as they were afterwards."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tokenvault_client.doctor import Finding, Outputs, read_outputs
from tokenvault_client.doctor.alarm_history import Action, actions, last_of_each_resource
from tokenvault_client.doctor.alarms import REASON, check
from tokenvault_client.doctor.firing import TRIES, fire

from tests.client.doctor import stacks
from tests.client.doctor.stacks import TOPIC, client
from tests.support.account import emulated


@pytest.fixture
def stack() -> Iterator[Outputs]:
    """A sound one, whose alarm tv-page is composite."""
    with emulated():
        given = stacks.values()
        client("sns").create_topic(Name="tv-alarms")
        for name in ("tv-errors", "tv-latency"):
            stacks.alarm(name)
        client("cloudwatch").put_composite_alarm(
            AlarmName="tv-page", AlarmRule="ALARM(tv-errors)", AlarmActions=[TOPIC], ActionsEnabled=True
        )
        yield read_outputs(stacks.document(given))


def fired(stack: Outputs, *names: str, clients: Callable[[str], Any] = client) -> dict[str, Finding]:
    """What is found by check, in order, without a pause between two looks."""
    return {found.check: found for found in fire(clients, stack, names, lambda seconds: None)}


def state(name: str) -> str:
    found = client("cloudwatch").describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    [alarm] = [*found["MetricAlarms"], *found["CompositeAlarms"]]
    return str(alarm["StateValue"])


def test_all_tell_the_topic_and_are_set_back(stack: Outputs) -> None:
    """The composite one first, before its parts set it off; the topic's message says that it is a test."""
    found = fired(stack)
    assert {finding.state for finding in found.values()} == {"ok"}
    checks = [f"alarm {name}: fires" for name in ("tv-page", "tv-errors", "tv-latency")]
    assert list(found) == checks
    assert {state(name) for name in stack.alarm_names} == {"OK"}
    assert [len(actions(client("cloudwatch"), name)) for name in stack.alarm_names] == [1, 1, 1]


def test_only_those_that_are_named_are_set_off(stack: Outputs) -> None:
    """And none that belongs to somebody else."""
    stacks.alarm("theirs")
    found = fired(stack, "tv-errors", "theirs")
    assert [finding.state for finding in found.values()] == ["ok", "not_checked"]
    told = [actions(client("cloudwatch"), name) for name in ("tv-errors", "tv-latency", "theirs")]
    assert [len(items) for items in told] == [1, 0, 0]


def remove_topic() -> None:
    client("sns").delete_topic(TopicArn=TOPIC)


def silence() -> None:
    client("cloudwatch").disable_alarm_actions(AlarmNames=["tv-errors"])


def tell_another() -> None:
    other = client("sns").create_topic(Name="another")["TopicArn"]
    stacks.alarm("tv-errors", AlarmActions=[other])


def remove() -> None:
    client("cloudwatch").delete_alarms(AlarmNames=["tv-errors"])


@pytest.mark.parametrize(
    ("plant", "detail"),
    [
        (remove_topic, "CloudWatch could not tell the topic"),
        (silence, f"nothing was told to the topic in {TRIES} tries"),
        (tell_another, f"nothing was told to the topic in {TRIES} tries"),
        (remove, "not there"),
    ],
)
def test_an_alarm_that_tells_nobody_is_found(stack: Outputs, plant: Callable[[], None], detail: str) -> None:
    """Whatever stands in the way; and it is set back all the same."""
    plant()
    [found] = fired(stack, "tv-errors").values()
    assert found.state == "failed"
    assert detail in found.detail
    if plant is not remove:
        assert state("tv-errors") == "OK"


def test_a_time_before_counts_for_nothing(stack: Outputs) -> None:
    """What the history had already is no answer to this test."""
    assert fired(stack, "tv-errors")["alarm tv-errors: fires"].state == "ok"
    silence()
    assert fired(stack, "tv-errors")["alarm tv-errors: fires"].state == "failed"


def test_an_alarm_that_went_off_by_itself_is_left_alone(stack: Outputs) -> None:
    """Setting it off changes nothing, and setting it back would hide what is wrong."""
    client("cloudwatch").set_alarm_state(AlarmName="tv-errors", StateValue="ALARM", StateReason="real")
    [found] = fired(stack, "tv-errors").values()
    assert (found.state, state("tv-errors")) == ("not_checked", "ALARM")


class Judging:
    """CloudWatch that finds a real reason for ALARM while the test goes on."""

    def __init__(self) -> None:
        self.asked = client("cloudwatch")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.asked, name)

    def set_alarm_state(self, **change: str) -> None:
        self.asked.set_alarm_state(**change)
        self.asked.set_alarm_state(**{**change, "StateValue": "ALARM", "StateReason": "real"})


def test_what_is_judged_meanwhile_stands(stack: Outputs) -> None:
    """It is set back only if the test is still the reason for its state."""
    fired(stack, "tv-errors", clients=lambda service: Judging())
    assert state("tv-errors") == "ALARM"


class GoingOff(Judging):
    """CloudWatch that finds a real reason for a part of the composite alarm, which is in ALARM already."""

    def set_alarm_state(self, **change: str) -> None:
        self.asked.set_alarm_state(**change)
        part = {"AlarmName": "tv-errors", "StateValue": "ALARM", "StateReason": "real"}
        self.asked.set_alarm_state(**part)


def test_a_composite_alarm_is_not_set_back_below_a_part_of_it(stack: Outputs) -> None:
    """It would stay OK until the part changes again, and whoever is on call would not be told."""
    fired(stack, "tv-page", clients=lambda service: GoingOff())
    assert state("tv-page") == "ALARM"


def test_named_alarms_come_in_the_right_order_too(stack: Outputs) -> None:
    """A part that goes off first would have set the composite alarm off already."""
    assert list(fired(stack, "tv-errors", "tv-page")) == ["alarm tv-page: fires", "alarm tv-errors: fires"]


class Forgetful(Judging):
    """CloudWatch that sets an alarm off, and no longer back."""

    def set_alarm_state(self, **change: str) -> None:
        if change["StateValue"] != "ALARM":
            raise ClientError({"Error": {"Code": "Throttling", "Message": ""}}, "SetAlarmState")
        self.asked.set_alarm_state(**change)


def test_an_alarm_that_stays_set_off_is_named(stack: Outputs) -> None:
    """With what to do, since a composite alarm tells nobody anew; and a check finds it afterwards."""
    [found] = fired(stack, "tv-page", clients=lambda service: Forgetful()).values()
    assert found.state == "failed"
    assert "left in ALARM by this test" in found.detail
    checked = {finding.check: finding for finding in check(client, stack)}
    assert checked["alarms: switched on"].state == "failed"
    assert checked["alarms: switched on"].detail == "set off by a test and not set back: tv-page"


class Refusing:
    """An identity that may do nothing."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**asked: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": REASON}}, name)

        return call


def test_whoever_may_not_set_them_off_learns_it(stack: Outputs) -> None:
    """Each alarm says what was refused; nothing of it is taken for a fault of the stack."""
    found = fired(stack, clients=lambda service: Refusing())
    assert len(found) == 3
    assert {finding.state for finding in found.values()} == {"not_checked"}


def history(summary: str, data: str | None) -> Any:
    """CloudWatch with one item in its history."""
    item = {"HistorySummary": summary, "Timestamp": datetime(2026, 11, 28)}
    items = [item if data is None else {**item, "HistoryData": data}]
    return type(
        "History", (), {"describe_alarm_history": lambda self, **asked: {"AlarmHistoryItems": items}}
    )()


@pytest.mark.parametrize(
    ("summary", "data", "outcome"),
    [
        (f"Successfully executed action {TOPIC}", None, (TOPIC, True, False)),
        (f"Failed to execute action {TOPIC}", "no JSON", (TOPIC, False, True)),
        ("", f'{{"actionState": "Failed", "notificationResource": "{TOPIC}"}}', (TOPIC, False, True)),
        (
            f"Executing action {TOPIC}",
            f'{{"actionState": "InProgress", "x": "{TOPIC}"}}',
            (TOPIC, False, False),
        ),
    ],
)
def test_the_history_is_read_as_it_is_written(
    summary: str, data: str | None, outcome: tuple[str, bool, bool]
) -> None:
    """By its data, by its summary where there is none, and neither way if it is not over."""
    [found] = actions(history(summary, data), "tv-errors")
    assert (found.resource, found.succeeded, found.failed) == outcome


def test_the_last_of_each_resource_counts() -> None:
    """A topic that failed once and was mended is told again."""
    acted = [
        Action("a", resource, datetime(2026, 11, day), day > 2, day <= 2)
        for resource, day in (("x", 3), ("x", 1), ("y", 2))
    ]
    last = {action.resource: action.failed for action in last_of_each_resource(acted)}
    assert last == {"x": False, "y": True}
