"""The stars in policy documents of the production example, and why each stands there."""

from collections.abc import Iterator
from typing import Any

from tests.infrastructure.state import listed

STARS = {
    # "kind.name effect what": why a `*` stands there, in an action or in the resource of a service.
    "aws_api_gateway_rest_api.rest_api Allow execute-api": "each method of the stage",
    "aws_iam_role_policy.this Allow ec2": "interfaces have no names before; the code is denied them",
    "aws_iam_role_policy.this Deny ec2": "denied whatever it is",
    "aws_iam_role_policy.this Allow xray": "X-Ray's write actions name no resource",
    "aws_iam_role_policy.archive Allow xray": "X-Ray's write actions name no resource",
    "aws_iam_role_policy.this Allow logs": "the streams of the function's log group",
    "aws_iam_role_policy.archive Allow logs": "the streams of the function's log group",
    "aws_iam_role_policy.flow_logs Allow logs": "the streams of the flow logs' group",
    "aws_iam_role_policy.archive Allow s3": "the objects of the archive",
    "aws_iam_role_policy.reader Allow s3": "the objects of the archive",
    "aws_vpc_endpoint.gateway Allow s3": "the objects of the archive",
    "aws_s3_bucket_policy.archive Deny s3": "denied whatever it is",
    "aws_s3_bucket_policy.archive Deny s3:*": "denied whatever it is",
    "aws_s3_bucket_policy.truststore Deny s3": "denied whatever it is",
    "aws_s3_bucket_policy.truststore Deny s3:*": "denied whatever it is",
    "aws_kms_key.this Deny kms:*": "denied to the tokenizing role, whatever it is",
    "aws_kms_replica_key.this Deny kms:*": "denied to the tokenizing role, whatever it is",
    "aws_kms_key.alarms Allow kms:*": "messages of alarms: the account's IAM policies decide",
    "aws_kms_key.backup Allow kms:*": "copies of sealed records: the account's IAM policies decide",
}


def stars(kind: str, statement: dict[str, Any]) -> Iterator[str]:
    """Effect, and action or service, of each star. In the policy of a key, the resource `*` is that key."""
    services = sorted({action.split(":")[0] for action in listed(statement["Action"])})
    for action in listed(statement["Action"]):
        if "*" in action:
            yield f"{statement['Effect']} {action}"
    for resource in listed(statement.get("Resource", [])):
        if "*" in resource and not kind.startswith("aws_kms_"):
            yield from (f"{statement['Effect']} {service}" for service in services)
