"""A stack as its outputs tell of it, and the same stack in an emulated account."""

import io
import json
import zipfile
from functools import cache
from typing import Any

import boto3
from tokenvault_client.doctor.outputs import FUNCTIONS, KEYS, TABLES

ACCOUNT, REGION = "123456789012", "us-east-1"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:tv-alarms"
POLICY = {"Sid": "Named", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}


def values() -> dict[str, Any]:
    """The outputs' values; keys have made-up ARNs until there are some."""
    return {
        "region": REGION,
        "vault_id": "a-vault",
        "url": "https://vault.example",
        "token_url": "https://login.example/oauth2/token",
        "tables": {name: f"tv-{name}" for name in TABLES},
        "key_arns": {name: f"arn:aws:kms:{REGION}:{ACCOUNT}:key/mrk-{name}" for name in KEYS},
        "function_names": {name: f"tv-{name}" for name in FUNCTIONS},
        "function_alias": "live",
        "reserved_concurrency": {"tokenize": 20, "reveal": None, "maintain": None, "archive": None},
        "policy_sha256": "0" * 64,
        "log_groups": {name: f"/logs/{name}" for name in (*FUNCTIONS, "access", "execution")},
        "log_retention_days": 400,
        "alarm_names": ["tv-errors", "tv-latency", "tv-page"],
        "alarms_topic_arn": TOPIC,
        "deletion_protection": True,
    }


def document(given: dict[str, Any]) -> str:
    """As `terraform output -json` prints values, with another output that is nobody's business."""
    known = {name: {"sensitive": False, "type": "any", "value": value} for name, value in given.items()}
    clients = [{"name": "checkout", "client_secret": "a-secret-of-the-outputs"}]
    return json.dumps({**known, "clients": {"sensitive": True, "type": "any", "value": clients}})


@cache
def client(service: str) -> Any:
    """boto3's client, as the checks take it; making one takes longer than what is asked of it."""
    return boto3.client(service, region_name=REGION)


def applied() -> dict[str, Any]:
    """Makes a sound stack in the account that moto emulates, and gives its outputs' values."""
    given = values()
    given["key_arns"] = {name: _key(name) for name in KEYS}
    for name, named in given["tables"].items():
        table(name, named, given["key_arns"]["tables"])
    client("dynamodb").put_item(
        TableName="tv-policy", Item={"pk": {"S": "policy"}, "sk": {"S": given["policy_sha256"]}}
    )
    for group in given["log_groups"].values():
        client("logs").create_log_group(logGroupName=group, kmsKeyId=given["key_arns"]["tables"])
        client("logs").put_retention_policy(logGroupName=group, retentionInDays=400)
    _functions(given)
    _alarms()
    _trail()
    return given


def _key(name: str) -> str:
    kms = client("kms")
    kinds = {"hmac": ("HMAC_256", "GENERATE_VERIFY_MAC"), "receipts": ("ECC_NIST_P256", "SIGN_VERIFY")}
    spec, usage = kinds.get(name, ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"))
    policy = key_policy(POLICY)
    made = kms.create_key(KeySpec=spec, KeyUsage=usage, MultiRegion=True, Policy=policy)["KeyMetadata"]
    if name not in kinds:
        kms.enable_key_rotation(KeyId=made["KeyId"])
    return str(made["Arn"])


def key_policy(*statements: Any) -> str:
    """A key policy of these statements, whose action is KMS's all."""
    whole = [{"Action": "kms:*", "Resource": "*", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": whole})


def table(name: str, table: str, key_arn: str) -> None:
    """A table as it should be, encrypted with a key."""
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key_arn},
        DeletionProtectionEnabled=True,
    )
    if name in ("vault", "keys", "policy", "audit"):
        recover(table, enabled=True)


def recover(table: str, *, enabled: bool) -> None:
    """Switches point-in-time recovery."""
    client("dynamodb").update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
    )


def _functions(given: dict[str, Any]) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = client("iam").create_role(RoleName="a-role", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as zipped:
        zipped.writestr("app.py", "")
    lambdas = client("lambda")
    for name in given["function_names"].values():
        lambdas.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler="app.app",
            Code={"ZipFile": code.getvalue()},
            Environment={"Variables": {"TOKENVAULT_POLICY_SHA256": given["policy_sha256"]}},
        )
        lambdas.create_alias(FunctionName=name, Name="live", FunctionVersion="$LATEST")
    lambdas.put_function_concurrency(FunctionName="tv-tokenize", ReservedConcurrentExecutions=20)


def _alarms() -> None:
    sns = client("sns")
    sns.create_topic(Name="tv-alarms")
    sns.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="oncall@vault.example")
    for name in ("tv-errors", "tv-latency", "tv-page"):
        alarm(name)


def alarm(name: str, **changes: Any) -> None:
    """An alarm that tells the topic, except for what is changed."""
    usual = {"AlarmActions": [TOPIC], "ActionsEnabled": True, "Threshold": 1.0}
    client("cloudwatch").put_metric_alarm(
        **{**usual, **changes},
        AlarmName=name,
        Namespace="Tokenvault",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
    )


def _trail() -> None:
    client("s3").create_bucket(Bucket="a-trails-bucket")
    trails = client("cloudtrail")
    trails.create_trail(Name="a-trail", S3BucketName="a-trails-bucket")
    # What a new trail has by itself in AWS, and not in moto.
    selectors = [{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    trails.put_event_selectors(TrailName="a-trail", EventSelectors=selectors)
    trails.start_logging(Name="a-trail")
