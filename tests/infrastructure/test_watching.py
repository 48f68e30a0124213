"""Archive, alarms and functions, read from the state of the stack that was really applied."""

import json
import re
from pathlib import Path
from typing import Any

from chalicelib.telemetry import ANOMALY_METRICS
from tests.infrastructure.state import named, statements
from tests.support.running import Running
from tests.support.stream import as_json, records

ROOT = Path(__file__).resolve().parents[2]
EMITTED = {
    match
    for source in (ROOT / "chalicelib").rglob("*.py")
    for match in re.findall(r'(?:_count\(|_counts\[|"Name": )"(\w+)"', source.read_text())
} | {"Reveals", "MaskedReveals"}  # chosen by mode, in `revealed`


def one(resources: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    """The attributes of one resource."""
    return named(resources, kind)[name]


def test_the_archive_keeps_what_it_is_given(resources: list[dict[str, Any]]) -> None:
    """Locked for 400 days or more, versioned, closed to the public, under a key of its own."""
    lock = one(resources, "aws_s3_bucket_object_lock_configuration", "archive")["rule"][0][
        "default_retention"
    ][0]
    assert lock["days"] >= 400
    assert one(resources, "aws_s3_bucket", "archive")["object_lock_enabled"] is True
    versioning = one(resources, "aws_s3_bucket_versioning", "archive")["versioning_configuration"][0]
    assert versioning["status"] == "Enabled"
    block = one(resources, "aws_s3_bucket_public_access_block", "archive")
    assert all(value for name, value in block.items() if name.startswith(("block_", "ignore_", "restrict_")))
    rule = one(resources, "aws_s3_bucket_server_side_encryption_configuration", "archive")["rule"][0]
    default = rule["apply_server_side_encryption_by_default"][0]
    assert default["sse_algorithm"] == "aws:kms"
    assert default["kms_master_key_id"] == one(resources, "aws_kms_key", "archive")["arn"]


def test_one_role_writes_the_archive_and_another_reads_it(resources: list[dict[str, Any]]) -> None:
    """The bucket's policy denies both to everybody else, and removing and unlocking to all."""
    roles = named(resources, "aws_iam_role")
    policy = statements(one(resources, "aws_s3_bucket_policy", "archive")["policy"])
    assert {statement["Effect"] for statement in policy} == {"Deny"}
    by_sid = {statement["Sid"]: statement for statement in policy}
    for sid, role, action in [
        ("NobodyWritesButTheArchiver", "archive", "s3:PutObject"),
        ("NobodyReadsButTheReader", "reader", "s3:GetObject"),
    ]:
        assert action in by_sid[sid]["Action"]
        assert by_sid[sid]["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": roles[role]["arn"]}}
    removing = by_sid["NobodyRemovesOrUnlocks"]
    assert {"s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"} <= set(removing["Action"])
    assert "Condition" not in removing
    assert by_sid["NothingWithoutTls"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_who_writes_the_archive_cannot_read_it(resources: list[dict[str, Any]]) -> None:
    """Neither by its role, nor by the key."""
    calls = statements(one(resources, "aws_iam_role_policy", "archive")["policy"])
    actions = {action for statement in calls for action in statement["Action"]}
    assert not {action for action in actions if action.startswith("s3:Get")}
    key = one(resources, "aws_kms_key", "archive")
    decrypts = [s for s in calls if "kms:Decrypt" in s["Action"]]
    assert [s["Resource"] for s in decrypts] == [[one(resources, "aws_kms_key", "tables")["arn"]]]
    using = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}
    found = {
        (statement["Principal"]["AWS"], action)
        for statement in statements(key["policy"])
        for action in set(statement["Action"]) & using
    }
    roles = named(resources, "aws_iam_role")
    assert found == {
        (roles["archive"]["arn"], "kms:GenerateDataKey"),
        (roles["reader"]["arn"], "kms:Decrypt"),
    }


def test_the_stream_goes_to_the_archiver_alone(resources: list[dict[str, Any]]) -> None:
    """By its alias; partial failures are reported, and what fails for good is put aside in the archive."""
    mapping = one(resources, "aws_lambda_event_source_mapping", "archive")
    assert mapping["event_source_arn"] == one(resources, "aws_dynamodb_table", "audit")["stream_arn"]
    assert mapping["function_name"].endswith("-archive-us-east-1:live")
    assert mapping["function_response_types"] == ["ReportBatchItemFailures"]
    assert mapping["bisect_batch_on_function_error"] is True
    assert mapping["maximum_record_age_in_seconds"] < 24 * 3600
    [destination] = mapping["destination_config"][0]["on_failure"]
    assert destination["destination_arn"] == one(resources, "aws_s3_bucket", "archive")["arn"]


def test_what_is_revealed_comes_into_the_archive(running: Running) -> None:
    """A reveal over HTTP, its audit item, and the deployed archiver with its deployed environment."""
    token = running.tokenize({"type": "text", "value": "x"}).body["results"][0]["token"]
    running.detokenize(token)
    account = running.stack.account
    table, bucket = running.stack.outputs["tables"]["audit"], running.stack.outputs["audit_archive_bucket"]
    items = account.client("dynamodb").scan(TableName=table)["Items"]
    assert running.stack.invoke("archive", {"Records": records(items)}) == {"batchItemFailures": []}
    s3 = account.client("s3")
    keys = [listed["Key"] for listed in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines() for key in keys]
    # The stream of the table has the archiver write objects of its own meanwhile.
    written = [[json.loads(line)["Item"] for line in body] for body in bodies]
    assert [as_json(item) for item in items] in written


def _metrics(resources: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Every metric that an alarm or the dashboard names, with its namespace."""
    alarms = named(resources, "aws_cloudwatch_metric_alarm").values()
    found = {(a["namespace"], a["metric_name"]) for a in alarms if a["metric_name"]}
    for alarm in alarms:
        found |= {
            (query["metric"][0]["namespace"], query["metric"][0]["metric_name"])
            for query in alarm["metric_query"]
            if query["metric"]
        }
    dashboard = json.loads(one(resources, "aws_cloudwatch_dashboard", "this")["dashboard_body"])
    for widget in dashboard["widgets"]:
        for metric in widget["properties"]["metrics"]:
            if isinstance(metric[0], str):
                found.add((metric[0], metric[1]))
            else:
                [(space, name)] = re.findall(r"\{(\S+?),.*MetricName=\"(\w+)\"", metric[0]["expression"])
                found.add((space, name))
    return found


def test_every_metric_of_ours_is_emitted(resources: list[dict[str, Any]]) -> None:
    """No alarm waits for a name that the code does not write."""
    ours = {name for namespace, name in _metrics(resources) if namespace == "Tokenvault"}
    assert {"Reveals", "RevealsByClient", "ColdStart", "ArchiveFailed"} <= ours
    assert ours <= EMITTED, ours - EMITTED


def test_what_an_anomaly_detector_learns_from_has_its_zeros(resources: list[dict[str, Any]]) -> None:
    """A metric that is missing where nothing happened has no rhythm that a burst could break."""
    alarms = named(resources, "aws_cloudwatch_metric_alarm").values()
    learned = {
        query["metric"][0]["metric_name"]
        for alarm in alarms
        if alarm["threshold_metric_id"]
        for query in alarm["metric_query"]
        if query["metric"]
    }
    assert learned == ANOMALY_METRICS


def test_every_alarm_tells_the_topic_what_to_do(resources: list[dict[str, Any]]) -> None:
    """Each alarm has a description and goes to the one topic, which is encrypted."""
    topic = one(resources, "aws_sns_topic", "alarms")
    assert topic["kms_master_key_id"] == one(resources, "aws_kms_key", "alarms")["arn"]
    alarms = named(resources, "aws_cloudwatch_metric_alarm")
    alarms |= named(resources, "aws_cloudwatch_composite_alarm")
    assert len(alarms) >= 20
    for alarm in alarms.values():
        assert list(alarm["alarm_actions"]) == [topic["arn"]]
        assert len(alarm["alarm_description"]) > 40
    for target in named(resources, "aws_cloudwatch_event_target").values():
        assert target["arn"] == topic["arn"] or target["arn"].endswith(":live")


def test_functions_are_published_for_arm_behind_aliases(resources: list[dict[str, Any]]) -> None:
    """arm64, a published version, and an alias that stands at it; maintenance tells of its failures."""
    functions = named(resources, "aws_lambda_function")
    assert {f["function_name"].split("-")[1] for f in functions.values()} == {
        "tokenize", "reveal", "maintain", "archive",
    }  # fmt: skip
    versions = {f["function_name"]: f["version"] for f in functions.values()}
    for function in functions.values():
        assert function["architectures"] == ["arm64"]
        assert function["publish"] is True
    for alias in named(resources, "aws_lambda_alias").values():
        assert alias["function_version"] == versions[alias["function_name"]]
    told = one(resources, "aws_lambda_function_event_invoke_config", "maintain")
    assert told["qualifier"] == "live"
    topic = one(resources, "aws_sns_topic", "alarms")["arn"]
    assert told["destination_config"][0]["on_failure"][0]["destination"] == topic
