"""What AWS checks besides the calls that were recorded: for changes that the recording did not make, in the
name of the caller in another service, and for roles that services make for themselves. By type of resource,
with the page."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Need:
    """Actions that a change of a type needs too. `scope` is a name in `scopes.py` if it is not the
    actions' own."""

    page: str
    actions: tuple[str, ...]
    scope: str | None = None


AUTHORIZATION: Final = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
KMS_THROUGH_DYNAMODB: Final = Need(
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html",
    (
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ),
    "keys_through_dynamodb",
)
PASSED: Final = Need(
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    ("iam:PassRole",),
    "passed_roles",
)


def _own_role(page: str) -> Need:
    return Need(page, ("iam:CreateServiceLinkedRole",), "service_linked_roles")


def _updates(page: str, *actions: str) -> Need:
    return Need(AUTHORIZATION + page, actions)


READING: Final[dict[str, tuple[Need, ...]]] = {
    # DynamoDB decrypts in the name of the caller who reads an item.
    "aws_dynamodb_table_item": (Need(KMS_THROUGH_DYNAMODB.page, ("kms:Decrypt",), "keys_through_dynamodb"),),
    # The provider has a definition validated as it plans: a look at a text, which makes nothing.
    "aws_sfn_state_machine": (
        Need(
            "https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html",
            ("states:ValidateStateMachineDefinition",),
        ),
    ),
}

BESIDES: Final[dict[str, tuple[Need, ...]]] = {
    "aws_accessanalyzer_analyzer": (
        _updates(
            "list_awsiamaccessanalyzer.html", "access-analyzer:TagResource", "access-analyzer:UntagResource"
        ),
        _own_role(
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-using-service-linked-roles.html"
        ),
    ),
    "aws_api_gateway_domain_name": (
        # Mutual TLS has actions of its own; API Gateway reads the certificates in the name of the caller.
        _updates(
            "list_amazonapigatewaymanagement.html",
            "apigateway:AddCertificateToDomain",
            "apigateway:RemoveCertificateFromDomain",
        ),
        Need(
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html",
            ("s3:GetObject", "s3:GetObjectVersion"),
        ),
        _own_role(
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html"
        ),
    ),
    "aws_api_gateway_rest_api": (
        _updates(
            "list_amazonapigatewaymanagement.html", "apigateway:PATCH", "apigateway:UpdateRestApiPolicy"
        ),
    ),
    "aws_appautoscaling_policy": (
        # Scaling is set up in the name of the caller: it looks at the table, and makes alarms.
        Need(
            "https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html",
            ("dynamodb:DescribeTable", "dynamodb:UpdateTable"),
        ),
        Need(
            "https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html",
            ("cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"),
            "scaling_alarms",
        ),
    ),
    "aws_appautoscaling_target": (
        _updates(
            "list_awsapplicationautoscaling.html",
            "application-autoscaling:TagResource",
            "application-autoscaling:UntagResource",
        ),
        _own_role(
            "https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html"
        ),
    ),
    "aws_backup_plan": (
        _updates(
            "list_awsbackup.html", "backup:UpdateBackupPlan", "backup:TagResource", "backup:UntagResource"
        ),
    ),
    "aws_backup_selection": (PASSED,),
    "aws_backup_vault": (
        _updates("list_awsbackup.html", "backup:TagResource", "backup:UntagResource"),
        Need(
            "https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html",
            ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:RetireGrant"),
            "keys_through_backup",
        ),
        Need(
            "https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html",
            ("backup-storage:MountCapsule",),
        ),
    ),
    "aws_cloudwatch_composite_alarm": (
        _updates("list_amazoncloudwatch.html", "cloudwatch:TagResource", "cloudwatch:UntagResource"),
    ),
    "aws_cloudwatch_event_rule": (
        _updates("list_amazoneventbridge.html", "events:TagResource", "events:UntagResource"),
    ),
    "aws_cloudwatch_log_group": (
        _updates(
            "list_amazoncloudwatchlogs.html",
            "logs:AssociateKmsKey",
            "logs:DisassociateKmsKey",
            "logs:TagResource",
            "logs:UntagResource",
        ),
    ),
    "aws_cloudwatch_metric_alarm": (
        _updates("list_amazoncloudwatch.html", "cloudwatch:TagResource", "cloudwatch:UntagResource"),
    ),
    "aws_cognito_resource_server": (
        _updates("list_amazoncognitouserpools.html", "cognito-idp:UpdateResourceServer"),
    ),
    "aws_cognito_user_group": (_updates("list_amazoncognitouserpools.html", "cognito-idp:UpdateGroup"),),
    "aws_cognito_user_pool": (
        _updates(
            "list_amazoncognitouserpools.html",
            "cognito-idp:TagResource",
            "cognito-idp:UntagResource",
            "cognito-idp:UpdateUserPool",
        ),
    ),
    "aws_cognito_user_pool_client": (
        _updates("list_amazoncognitouserpools.html", "cognito-idp:UpdateUserPoolClient"),
    ),
    "aws_dynamodb_table": (
        _updates("list_amazondynamodb.html", "dynamodb:TagResource", "dynamodb:UntagResource"),
        KMS_THROUGH_DYNAMODB,
    ),
    "aws_dynamodb_table_item": (
        _updates("list_amazondynamodb.html", "dynamodb:UpdateItem"),
        KMS_THROUGH_DYNAMODB,
    ),
    "aws_dynamodb_table_replica": (
        # In the second Region, a replica is made in the name of the caller.
        Need(
            "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2gt_IAM.html",
            (
                "dynamodb:BatchWriteItem",
                "dynamodb:CreateTable",
                "dynamodb:CreateTableReplica",
                "dynamodb:DeleteItem",
                "dynamodb:DeleteTable",
                "dynamodb:DeleteTableReplica",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:Scan",
                "dynamodb:UpdateItem",
            ),
            "tables",
        ),
        KMS_THROUGH_DYNAMODB,
        _own_role("https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2gt_IAM.html"),
    ),
    "aws_flow_log": (
        PASSED,
        Need(
            "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html",
            ("logs:CreateLogDelivery", "logs:DeleteLogDelivery"),
        ),
    ),
    "aws_iam_role": (
        _updates(
            "list_awsidentityandaccessmanagementiam.html",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
            "iam:UpdateRoleDescription",
        ),
    ),
    "aws_kms_alias": (_updates("list_awskeymanagementservice.html", "kms:UpdateAlias"),),
    "aws_kms_key": (
        Need(AUTHORIZATION + "list_awskeymanagementservice.html", ("kms:TagResource",)),
        _updates(
            "list_awskeymanagementservice.html",
            "kms:CancelKeyDeletion",
            "kms:DisableKey",
            "kms:DisableKeyRotation",
            "kms:EnableKey",
            "kms:PutKeyPolicy",
            "kms:UntagResource",
            "kms:UpdateKeyDescription",
        ),
        _own_role("https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-auth-slr.html"),
    ),
    "aws_lambda_alias": (_updates("list_awslambda.html", "lambda:UpdateAlias"),),
    "aws_lambda_event_source_mapping": (
        _updates(
            "list_awslambda.html",
            "lambda:TagResource",
            "lambda:UntagResource",
            "lambda:UpdateEventSourceMapping",
        ),
    ),
    "aws_lambda_function": (
        PASSED,
        _updates(
            "list_awslambda.html",
            "lambda:DeleteFunctionConcurrency",
            "lambda:GetFunctionConfiguration",
            "lambda:PublishVersion",
            "lambda:TagResource",
            "lambda:UntagResource",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
        ),
        Need(
            "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
            ("ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"),
        ),
    ),
    "aws_lambda_function_event_invoke_config": (
        _updates("list_awslambda.html", "lambda:UpdateFunctionEventInvokeConfig"),
    ),
    "aws_route_table_association": (_updates("list_amazonec2.html", "ec2:ReplaceRouteTableAssociation"),),
    "aws_s3_bucket_lifecycle_configuration": (
        _updates("list_amazons3.html", "s3:PutLifecycleConfiguration"),
    ),
    "aws_s3_object": (
        _updates(
            "list_amazons3.html", "s3:DeleteObjectVersion", "s3:GetObjectVersion", "s3:PutObjectTagging"
        ),
    ),
    "aws_scheduler_schedule": (
        PASSED,
        _updates("list_amazoneventbridgescheduler.html", "scheduler:UpdateSchedule"),
    ),
    "aws_security_group": (_updates("list_amazonec2.html", "ec2:DeleteTags"),),
    "aws_sns_topic": (_updates("list_amazonsns.html", "sns:TagResource", "sns:UntagResource"),),
    "aws_sns_topic_subscription": (_updates("list_amazonsns.html", "sns:SetSubscriptionAttributes"),),
    "aws_ssm_parameter": (
        _updates("list_awssystemsmanager.html", "ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"),
    ),
    "aws_subnet": (_updates("list_amazonec2.html", "ec2:ModifySubnetAttribute"),),
    "aws_vpc_endpoint": (
        _updates("list_amazonec2.html", "ec2:ModifyVpcEndpoint"),
        Need(AUTHORIZATION + "list_amazonec2.html", ("route53:AssociateVPCWithHostedZone",)),
    ),
    "aws_vpc_security_group_egress_rule": (_updates("list_amazonec2.html", "ec2:ModifySecurityGroupRules"),),
    "aws_wafv2_ip_set": (
        _updates("list_awswafv2.html", "wafv2:TagResource", "wafv2:UntagResource", "wafv2:UpdateIPSet"),
    ),
    "aws_wafv2_web_acl": (
        _updates("list_awswafv2.html", "wafv2:TagResource", "wafv2:UntagResource", "wafv2:UpdateWebACL"),
    ),
    "aws_wafv2_web_acl_association": (
        _updates("list_amazonapigatewaymanagement.html", "apigateway:SetWebACL"),
    ),
    "aws_sfn_state_machine": (
        PASSED,
        _updates(
            "list_awsstepfunctions.html",
            "states:TagResource",
            "states:UntagResource",
            "states:UpdateStateMachine",
        ),
        Need(
            "https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html",
            ("kms:DescribeKey",),
        ),
    ),
    "aws_wafv2_web_acl_logging_configuration": (
        Need(
            "https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html",
            (
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:PutResourcePolicy",
            ),
        ),
        _own_role("https://docs.aws.amazon.com/waf/latest/developerguide/using-service-linked-roles.html"),
    ),
    "aws_xray_sampling_rule": (
        _updates("list_awsx-ray.html", "xray:TagResource", "xray:UntagResource", "xray:UpdateSamplingRule"),
    ),
}
