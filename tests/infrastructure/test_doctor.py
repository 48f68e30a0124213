"""`tokenvault doctor` on the stack that was really applied."""

import contextlib
from collections.abc import Iterator
from typing import Any

from tests.client import tool
from tests.support.running import Running

DRY_RUNS = {
    f"key {name}: decrypt {how} context"
    for name, how in (("vault", "with"), ("vault", "without"), ("index", "with"), ("index", "without"))
} | {"key audit: decrypt without context"}
UNSEEN = {"API: TLS floor", *DRY_RUNS}
"""What the emulator cannot answer: the gateway has no TLS, and moto knows no dry run."""


def examined(running: Running, client: str, *options: str) -> tuple[int, dict[str, Any]]:
    """Runs the command with what Terraform prints, as a client: its exit code, and what it found by check."""
    known = running.client(client)
    environment = {
        **running.stack.account.environment,
        "TOKENVAULT_URL": running.stack.places.url,
        "TOKENVAULT_TOKEN_URL": running.stack.token_url,
        **{f"TOKENVAULT_{name.upper()}": known[name] for name in ("client_id", "client_secret", "api_key")},
    }
    outputs = running.stack.terraform.run("output", "-json", interactive=False)
    ended = tool.run(environment, "doctor", "--json", "--stack", "-", *options, stdin=outputs)
    assert ended.err == ""
    assert not [secret for secret in (known["client_secret"], known["api_key"]) if secret in ended.out]
    findings = [line["finding"] for line in ended.objects if "finding" in line]
    return ended.code, {finding["check"]: finding for finding in findings}


def of_state(found: dict[str, Any], state: str) -> dict[str, str]:
    return {check: finding["detail"] for check, finding in found.items() if finding["state"] == state}


def looked_at(found: dict[str, Any]) -> set[str]:
    """What the checks are about."""
    return {check.partition(":")[0] for check in found}


def test_the_applied_stack_is_sound(watched: Running) -> None:
    """Nothing fails, and only what the emulator cannot answer is left unseen, each with the reason."""
    code, found = examined(watched, "checkout")
    assert of_state(found, "failed") == {}
    assert set(of_state(found, "not_checked")) == UNSEEN, of_state(found, "not_checked")
    assert code == 7
    assert all(of_state(found, "not_checked").values())
    for what, output in (("key", "key_arns"), ("table", "tables"), ("log group", "log_groups")):
        unseen = [name for name in watched.stack.outputs[output] if f"{what} {name}" not in looked_at(found)]
        assert unseen == [], "each is looked at"
    _, as_settlement = examined(watched, "settlement")
    assert of_state(as_settlement, "failed") == {}
    assert set(of_state(as_settlement, "not_checked")) == UNSEEN | {"client: marked test token"}


def test_every_alarm_of_the_stack_is_looked_at(running: Running) -> None:
    """An alarm that the output leaves out could be missing or silent, and nobody would be told."""
    found = running.stack.account.client("cloudwatch").describe_alarms()
    names = {alarm["AlarmName"] for kind in ("MetricAlarms", "CompositeAlarms") for alarm in found[kind]}
    assert names == set(running.stack.outputs["alarm_names"])


def test_every_alarm_of_the_stack_fires(watched: Running) -> None:
    """Set off and told to the topic, each of them, the composite one too; and none is in ALARM afterwards."""
    _, found = examined(watched, "checkout", "--fire-alarms")
    fired = {check: finding["state"] for check, finding in found.items() if check.endswith(": fires")}
    assert fired == {f"alarm {name}: fires": "ok" for name in watched.stack.outputs["alarm_names"]}
    assert (
        watched.stack.account.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"] == []
    )


@contextlib.contextmanager
def disabled_key(running: Running) -> Iterator[None]:
    kms = running.stack.account.client("kms")
    key = running.stack.outputs["key_arns"]["receipts"].rpartition("/")[2]
    kms.disable_key(KeyId=key)
    try:
        yield
    finally:
        kms.enable_key(KeyId=key)


@contextlib.contextmanager
def silent_alarm(running: Running) -> Iterator[None]:
    cloudwatch = running.stack.account.client("cloudwatch")
    names = [name for name in running.stack.outputs["alarm_names"] if name.endswith("-canary-revealed")]
    cloudwatch.disable_alarm_actions(AlarmNames=names)
    try:
        yield
    finally:
        cloudwatch.enable_alarm_actions(AlarmNames=names)


def test_planted_faults_are_found(watched: Running) -> None:
    """A key that somebody disabled and an alarm that somebody silenced, by name; and nothing else."""
    with disabled_key(watched), silent_alarm(watched):
        code, found = examined(watched, "checkout")
    assert code == 1
    assert of_state(found, "failed") == {
        "key receipts: in use": "its state is Disabled",
        "alarms: switched on": "tell nobody: tokenvault-canary-revealed",
    }
