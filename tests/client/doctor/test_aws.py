"""The checks of AWS: a sound stack passes, and each planted fault is found by its check and no other."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from tokenvault_client.doctor import (
    Finding,
    Outputs,
    account,
    alarms,
    functions,
    keys,
    logs,
    read_outputs,
    tables,
)
from tokenvault_client.doctor.account import trail_problem

from tests.client.doctor import stacks
from tests.client.doctor.stacks import client
from tests.support.account import emulated

GROUPS = (account, keys, tables, functions, logs, alarms)


@pytest.fixture
def stack() -> Iterator[Outputs]:
    """A sound one, in an emulated account of its own."""
    with emulated():
        yield read_outputs(stacks.document(stacks.applied()))


def examined(clients: Callable[[str], Any], stack: Outputs) -> list[Finding]:
    return [finding for group in GROUPS for finding in group.check(clients, stack)]


def test_a_sound_stack_passes(stack: Outputs) -> None:
    """Every check is made and ok; no two have one name."""
    found = examined(client, stack)
    assert [finding for finding in found if finding.state != "ok"] == []
    assert len({finding.check for finding in found}) == len(found) == 55


def disable_key(stack: Outputs) -> None:
    client("kms").disable_key(KeyId=stack.key_arns["hmac"].rpartition("/")[2])  # moto wants the bare id


def stop_rotation(stack: Outputs) -> None:
    client("kms").disable_key_rotation(KeyId=stack.key_arns["vault"])


def open_key(stack: Outputs) -> None:
    opened = {"Sid": "Everybody", "Effect": "Allow", "Principal": {"AWS": "*"}}
    policy = stacks.key_policy(stacks.POLICY, opened)
    client("kms").put_key_policy(KeyId=stack.key_arns["index"], PolicyName="default", Policy=policy)


def encrypt_table_with_another_key(stack: Outputs) -> None:
    client("dynamodb").update_table(TableName="tv-vault", DeletionProtectionEnabled=False)
    client("dynamodb").delete_table(TableName="tv-vault")
    stacks.table("vault", "tv-vault", stack.key_arns["vault"])


def unprotect_table(stack: Outputs) -> None:
    client("dynamodb").update_table(TableName="tv-keys", DeletionProtectionEnabled=False)


def stop_backups(stack: Outputs) -> None:
    stacks.recover("tv-audit", enabled=False)


def back_subjects_up(stack: Outputs) -> None:
    stacks.recover("tv-subjects", enabled=True)


def remove_policy(stack: Outputs) -> None:
    key = {"pk": {"S": "policy"}, "sk": {"S": stack.policy_sha256}}
    client("dynamodb").delete_item(TableName="tv-policy", Key=key)


def deploy_another_policy(stack: Outputs) -> None:
    variables = {"Variables": {"TOKENVAULT_POLICY_SHA256": "1" * 64}}
    client("lambda").update_function_configuration(FunctionName="tv-reveal", Environment=variables)


def unreserve(stack: Outputs) -> None:
    client("lambda").delete_function_concurrency(FunctionName="tv-tokenize")


def stop_function(stack: Outputs) -> None:
    client("lambda").put_function_concurrency(FunctionName="tv-archive", ReservedConcurrentExecutions=0)


def remove_log_group(stack: Outputs) -> None:
    client("logs").delete_log_group(logGroupName="/logs/reveal")


def keep_logs_for_ever(stack: Outputs) -> None:
    client("logs").delete_retention_policy(logGroupName="/logs/access")


def bare_log_group(stack: Outputs) -> None:
    client("logs").delete_log_group(logGroupName="/logs/execution")
    client("logs").create_log_group(logGroupName="/logs/execution")
    client("logs").put_retention_policy(logGroupName="/logs/execution", retentionInDays=400)


def remove_alarm(stack: Outputs) -> None:
    client("cloudwatch").delete_alarms(AlarmNames=["tv-latency"])


def silence_alarm(stack: Outputs) -> None:
    client("cloudwatch").disable_alarm_actions(AlarmNames=["tv-errors"])


def detach_alarm(stack: Outputs) -> None:
    stacks.alarm("tv-errors", AlarmActions=[])


def unsubscribe(stack: Outputs) -> None:
    [one] = client("sns").list_subscriptions_by_topic(TopicArn=stacks.TOPIC)["Subscriptions"]
    client("sns").unsubscribe(SubscriptionArn=one["SubscriptionArn"])


def lose_topic(stack: Outputs) -> None:
    elsewhere = f"{stacks.TOPIC}-of-last-year"
    stacks.alarm("tv-latency", AlarmActions=[stacks.TOPIC, elsewhere])
    client("cloudwatch").set_alarm_state(AlarmName="tv-latency", StateValue="ALARM", StateReason="slow")


def stop_trail(stack: Outputs) -> None:
    client("cloudtrail").stop_logging(Name="a-trail")


def remove_trail(stack: Outputs) -> None:
    client("cloudtrail").delete_trail(Name="a-trail")


def trail_of_reads(stack: Outputs) -> None:
    selectors = [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]
    client("cloudtrail").put_event_selectors(TrailName="a-trail", EventSelectors=selectors)


@pytest.mark.parametrize(
    ("plant", "check", "detail"),
    [
        (disable_key, "key hmac: in use", "its state is Disabled"),
        (stop_rotation, "key vault: rotation", "off"),
        (open_key, "key index: policy", "without a condition: Everybody"),
        (encrypt_table_with_another_key, "table vault: encryption", "encrypted with another key"),
        (unprotect_table, "table keys: deletion protection", "off, while the stack has it on"),
        (stop_backups, "table audit: point-in-time recovery", "off"),
        (back_subjects_up, "table subjects: point-in-time recovery", "erased persons"),
        (remove_policy, "policy item", "not in the table"),
        (deploy_another_policy, "function reveal: policy", "another policy"),
        (unreserve, "function tokenize: concurrency", "none reserved, not 20"),
        (stop_function, "function archive: concurrency", "0 reserved, not none"),
        (remove_log_group, "log group reveal", "there is none"),
        (keep_logs_for_ever, "log group access", "kept for ever, not for 400"),
        (bare_log_group, "log group execution", "not encrypted"),
        (remove_alarm, "alarms: there", "not there: tv-latency"),
        (silence_alarm, "alarms: switched on", "tell nobody: tv-errors"),
        (detach_alarm, "alarms: switched on", "tell nobody: tv-errors"),
        (unsubscribe, "alarms: heard", "nobody has subscribed"),
        (lose_topic, "alarms: told", "could not tell what they should, as their history says: tv-latency"),
        (stop_trail, "CloudTrail", "no trail is logging"),
        (remove_trail, "CloudTrail", "there is no trail"),
        (trail_of_reads, "CloudTrail", "no trail that logs takes management events"),
    ],
)
def test_each_check_bites(stack: Outputs, plant: Callable[[Outputs], None], check: str, detail: str) -> None:
    """The fault fails its own check, with words that say what is wrong, and nothing else."""
    plant(stack)
    [found] = [finding for finding in examined(client, stack) if finding.state != "ok"]
    assert (found.check, found.state) == (check, "failed")
    assert detail in found.detail


def test_a_key_of_one_region_and_another_accounts_credentials_are_found(stack: Outputs) -> None:
    """What cannot be changed about a stack that is there."""
    single = client("kms").create_key()["KeyMetadata"]
    assert keys.state_problem({"KeyMetadata": single}) is not None
    assert account.account_problem("999999999999")({"Account": stacks.ACCOUNT}) is not None
    assert tables.encryption_problem("a-key")({"Table": {}}) == "not encrypted with a key of ours"


def test_a_subscription_that_waits_is_found() -> None:
    """SNS sends nothing to an address that has not confirmed."""
    waiting, confirmed = {"SubscriptionArn": "PendingConfirmation"}, {"SubscriptionArn": "arn:aws:sns:x"}
    assert alarms.subscription_problem([waiting, confirmed]) == "1 of 2 subscriptions are not confirmed"
    assert alarms.subscription_problem([confirmed]) is None


@pytest.mark.parametrize(
    ("statement", "open_to_all"),
    [
        ({"Effect": "Allow", "Principal": "*"}, True),
        ({"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::1:root", "*"]}}, True),
        ({"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::1:root"}}, True),
        ({"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:x": "y"}}}, False),
        ({"Effect": "Deny", "Principal": "*"}, False),
        ({"Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}}, False),
    ],
)
def test_a_policy_is_open_if_it_allows_everybody(statement: dict[str, Any], open_to_all: bool) -> None:
    """Whatever way a policy has to say so; with a condition, or as a denial, it is not."""
    problem = keys.policy_problem({"Policy": stacks.key_policy(stacks.POLICY, statement)})
    assert (problem is not None) is open_to_all


def test_one_trail_has_to_do_both() -> None:
    """A trail that logs data events, beside one with management events that is stopped, is none."""
    assert trail_problem([(True, False), (False, True)]) is not None
    assert trail_problem([(False, False), (True, True)]) is None


class Unanswered:
    """A client of AWS whose every call ends with one error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            raise self.error

        return call


def test_whoever_may_not_look_learns_that_nothing_was_checked() -> None:
    """A refusal is no fault of the stack: each check says which call answered what."""
    stack = read_outputs(stacks.document(stacks.values()))
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "SomeCall")
    found = examined(lambda service: Unanswered(denied), stack)
    assert {(finding.state, finding.detail) for finding in found} == {
        ("not_checked", "SomeCall answered AccessDeniedException: the caller's identity may not look")
    }
    assert len(found) == 55


def test_aws_out_of_reach_is_told_without_the_address() -> None:
    """By the kind of failure."""
    stack = read_outputs(stacks.document(stacks.values()))
    lost = ConnectTimeoutError(endpoint_url="https://secret.example")
    [found, *_] = examined(lambda service: Unanswered(lost), stack)
    assert (found.state, found.detail) == ("not_checked", "AWS could not be asked: ConnectTimeoutError")


def test_an_error_of_the_checks_own_is_not_taken_for_a_refusal() -> None:
    """It comes out, instead of looking like a stack that could not be seen."""
    stack = read_outputs(stacks.document(stacks.values()))
    with pytest.raises(ZeroDivisionError):
        examined(lambda service: Unanswered(ZeroDivisionError()), stack)
