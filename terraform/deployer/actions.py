"""From the provider's calls to the IAM actions that AWS checks for them.

Mostly they have the same name. The differences are in the Service Authorization Reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from typing import Final

PREFIXES: Final = {
    "API Gateway": "apigateway",
    "AccessAnalyzer": "access-analyzer",
    "Application Auto Scaling": "application-autoscaling",
    "Backup": "backup",
    "CloudTrail": "cloudtrail",
    "CloudWatch": "cloudwatch",
    "CloudWatch Logs": "logs",
    "Cognito Identity Provider": "cognito-idp",
    "DynamoDB": "dynamodb",
    "EC2": "ec2",
    "EventBridge": "events",
    "IAM": "iam",
    "KMS": "kms",
    "Lambda": "lambda",
    "S3": "s3",
    "SFN": "states",
    "SNS": "sns",
    "SSM": "ssm",
    "STS": "sts",
    "Scheduler": "scheduler",
    "Service Quotas": "servicequotas",
    "WAFV2": "wafv2",
    "XRay": "xray",
}

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
RENAMED: Final = {
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}

# API Gateway's actions are HTTP's methods.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
METHODS: Final = {
    "Create": "POST",
    "Delete": "DELETE",
    "Get": "GET",
    "Import": "POST",
    "Put": "PUT",
    "Tag": "PUT",
    "Untag": "DELETE",
    "Update": "PATCH",
}

FREE: Final = {"sts:GetCallerIdentity"}
"""Calls that need no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


def action(call: str) -> str | None:
    """The action that AWS checks for a call (`DynamoDB:GetItem`), None if it checks none.

    Raises `KeyError` for a service that has no entry above.
    """
    service, _, operation = call.partition(":")
    named = f"{PREFIXES[service]}:{operation}"
    if service == "API Gateway":
        return f"apigateway:{next(verb for word, verb in METHODS.items() if operation.startswith(word))}"
    return None if named in FREE else RENAMED.get(named, named)
