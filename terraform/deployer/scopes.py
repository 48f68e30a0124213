"""What each action may be done to: the resources of the stack by their names, or by the stack's tag.

`${partition}`, `${account}` and `${name}` are filled in by `terraform/bootstrap`. The Region is left open,
since a stack may have two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

Condition = Mapping[str, Mapping[str, str | tuple[str, ...]]]


@dataclass(frozen=True)
class Scope:
    """Resources, and the condition on them. `why` says why there is no narrower one."""

    resources: tuple[str, ...]
    condition: Condition = field(default_factory=dict)
    why: str = ""


def _arns(service: str, *resources: str) -> tuple[str, ...]:
    return tuple(f"arn:${{partition}}:{service}:*:${{account}}:{resource}" for resource in resources)


OURS: Final = {"StringEquals": {"aws:ResourceTag/Application": "${name}"}}
NEW: Final = {"StringEquals": {"aws:RequestTag/Application": "${name}"}}
AWSS_OWN: Final = "arn:${partition}:iam::aws:policy"
NETWORK: Final = (
    "route-table",
    "security-group",
    "security-group-rule",
    "subnet",
    "vpc",
    "vpc-endpoint",
    "vpc-flow-log",
)
APIS: Final = ("restapis", "apikeys", "usageplans", "domainnames", "tags")

SCOPES: Final = {
    "all": Scope(("*",), why="AWS names no resource for these"),
    "alarms": Scope(_arns("cloudwatch", "alarm:${name}-*")),
    "analyzers": Scope(_arns("access-analyzer", "analyzer/${name}")),
    "apis": Scope(
        tuple(f"arn:${{partition}}:apigateway:*::/{kind}{rest}" for kind in APIS for rest in ("", "/*")),
        why="APIs, keys, plans have ids for names, and domains are yours to choose",
    ),
    "backup_plans": Scope(_arns("backup", "backup-plan:*"), why="plans have ids for names"),
    "backup_vaults": Scope(_arns("backup", "backup-vault:${name}")),
    "buckets": Scope(
        (
            "arn:${partition}:s3:::${name}-audit-archive-*",
            "arn:${partition}:s3:::${name}-bulk-*",
            "arn:${partition}:s3:::${name}-truststore-*",
        )
    ),
    "dashboards": Scope(("arn:${partition}:cloudwatch::${account}:dashboard/${name}-*",)),
    "event_source_mappings": Scope(
        _arns("lambda", "event-source-mapping:*"),
        why="mappings have ids for names; their function is ours or is not",
    ),
    "functions": Scope(_arns("lambda", "function:${name}-*")),
    "key_aliases": Scope(_arns("kms", "alias/${name}-*")),
    # A key's tags are looked at up to five minutes late, and these follow a key's making at once; the key's
    # own policy is what decides: https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
    "keys": Scope(_arns("kms", "key/*"), why="keys have ids for names"),
    "keys_of_ours": Scope(_arns("kms", "key/*"), OURS),
    "keys_through_backup": Scope(
        _arns("kms", "key/*"), {"StringLike": {"kms:ViaService": "backup.*.amazonaws.com"}}
    ),
    "keys_through_dynamodb": Scope(
        _arns("kms", "key/*"), {"StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"}}
    ),
    "layers": Scope(_arns("lambda", "layer:${name}-*")),
    "log_groups": Scope(
        _arns(
            "logs",
            "log-group:/aws/apigateway/${name}-*",
            "log-group:/aws/lambda/${name}-*",
            "log-group:/aws/vendedlogs/states/${name}-*",
            "log-group:/aws/vpc/${name}-*",
            "log-group:API-Gateway-Execution-Logs_*",
            "log-group:aws-waf-logs-${name}-*",
        )
    ),
    "network_new": Scope(
        _arns("ec2", *(f"{kind}/*" for kind in NETWORK)), why="what is made has no name before, and no tag"
    ),
    "network_of_ours": Scope(_arns("ec2", *(f"{kind}/*" for kind in NETWORK)), OURS),
    "network_tags": Scope(_arns("ec2", *(f"{kind}/*" for kind in NETWORK)), NEW),
    "parameters": Scope(_arns("ssm", "parameter/tokenvault/${name}/*")),
    "passed_roles": Scope(
        ("arn:${partition}:iam::${account}:role/${name}-*",),
        {
            "StringEquals": {
                "iam:PassedToService": (
                    "backup.amazonaws.com",
                    "lambda.amazonaws.com",
                    "scheduler.amazonaws.com",
                    "states.amazonaws.com",
                    "vpc-flow-logs.amazonaws.com",
                )
            }
        },
    ),
    "policy_table": Scope(_arns("dynamodb", "table/${name}-policy")),
    "roles": Scope(("arn:${partition}:iam::${account}:role/${name}-*",)),
    # Of AWS's own policies, only that which a role of the stack has.
    "role_attachments": Scope(
        ("arn:${partition}:iam::${account}:role/${name}-*",),
        {"ArnEquals": {"iam:PolicyARN": f"{AWSS_OWN}/service-role/AWSBackupServiceRolePolicyForBackup"}},
    ),
    "rules": Scope(_arns("events", "rule/${name}-*")),
    "sampling_rules": Scope(_arns("xray", "sampling-rule/${name}")),
    "scaling": Scope(_arns("application-autoscaling", "scalable-target/*"), why="targets have ids for names"),
    "scaling_alarms": Scope(_arns("cloudwatch", "alarm:TargetTracking-table/${name}-*")),
    "schedules": Scope(_arns("scheduler", "schedule/default/${name}-*")),
    "service_linked_roles": Scope(
        ("arn:${partition}:iam::${account}:role/aws-service-role/*",),
        {
            "StringEquals": {
                "iam:AWSServiceName": (
                    "access-analyzer.amazonaws.com",
                    "dynamodb.application-autoscaling.amazonaws.com",
                    "mrk.kms.amazonaws.com",
                    "ops.apigateway.amazonaws.com",
                    "replication.dynamodb.amazonaws.com",
                    "wafv2.amazonaws.com",
                )
            }
        },
    ),
    "state_machines": Scope(_arns("states", "stateMachine:${name}-*")),
    "tables": Scope(_arns("dynamodb", "table/${name}-*")),
    "topics": Scope(_arns("sns", "${name}-*")),
    "trust_store": Scope(("arn:${partition}:s3:::${name}-truststore-*/*",)),
    "user_pools": Scope(_arns("cognito-idp", "userpool/*"), OURS),
    "web_acls": Scope(
        (
            *_arns(
                "wafv2", "regional/webacl/${name}-*", "regional/ipset/${name}-*", "regional/managedruleset/*"
            ),
            "arn:${partition}:apigateway:*::/restapis/*/stages/live",
        )
    ),
    "zones": Scope(("arn:${partition}:route53:::hostedzone/*",), why="the zone of an endpoint is AWS's own"),
}

# The first that fits decides.
RULES: Final = (
    ("access-analyzer:*", ("analyzers",)),
    ("apigateway:*", ("apis",)),
    ("application-autoscaling:Describe*", ("all",)),
    ("application-autoscaling:*", ("scaling",)),
    ("backup-storage:*", ("all",)),
    ("backup:*Vault", ("backup_vaults",)),
    ("backup:*Tag*", ("backup_plans", "backup_vaults")),
    ("backup:*", ("backup_plans",)),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html: composite
    # alarms need *
    ("cloudwatch:DescribeAlarms", ("all",)),
    ("cloudwatch:*Dashboard*", ("dashboards",)),
    ("cloudwatch:*", ("alarms",)),
    ("cloudtrail:*", ("all",)),
    ("cognito-idp:CreateUserPool", ("all",)),
    ("cognito-idp:DescribeUserPoolDomain", ("all",)),
    ("cognito-idp:*", ("user_pools",)),
    ("dynamodb:*Item", ("policy_table",)),
    ("dynamodb:*", ("tables",)),
    ("ec2:Describe*", ("all",)),
    ("ec2:CreateTags", ("network_of_ours", "network_tags")),
    ("ec2:Create*", ("network_new",)),
    ("ec2:*", ("network_of_ours",)),
    ("events:*", ("rules",)),
    ("iam:AttachRolePolicy", ("role_attachments",)),
    ("iam:DetachRolePolicy", ("role_attachments",)),
    ("iam:*", ("roles",)),
    ("kms:CreateKey", ("all",)),
    ("kms:ListAliases", ("all",)),
    ("kms:*Alias", ("key_aliases", "keys")),
    ("kms:DescribeKey", ("keys",)),
    ("kms:EnableKeyRotation", ("keys",)),
    ("kms:Get*", ("keys",)),
    ("kms:ListResourceTags", ("keys",)),
    ("kms:ReplicateKey", ("keys",)),
    ("kms:TagResource", ("keys",)),
    ("kms:*", ("keys_of_ours",)),
    ("lambda:CreateEventSourceMapping", ("all",)),
    ("lambda:*EventSourceMapping", ("event_source_mappings",)),
    ("lambda:*Tag*", ("event_source_mappings", "functions")),
    ("lambda:*LayerVersion", ("layers",)),
    ("lambda:*", ("functions",)),
    ("logs:*Delivery", ("all",)),
    ("logs:DescribeLogGroups", ("all",)),
    ("logs:*ResourcePolic*", ("all",)),
    ("logs:*", ("log_groups",)),
    ("route53:*", ("zones",)),
    ("s3:*Object", ("trust_store",)),
    ("s3:*ObjectTagging", ("trust_store",)),
    ("s3:*ObjectVersion", ("trust_store",)),
    ("s3:*", ("buckets",)),
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
    ("scheduler:*", ("schedules",)),
    ("servicequotas:*", ("all",)),
    ("sns:*", ("topics",)),
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
    ("states:ValidateStateMachineDefinition", ("all",)),
    ("states:*", ("state_machines",)),
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
    ("ssm:DescribeParameters", ("all",)),
    ("ssm:*", ("parameters",)),
    ("wafv2:*", ("web_acls",)),
    ("xray:GetSamplingRules", ("all",)),
    ("xray:*", ("sampling_rules",)),
)


def scopes_of(action: str) -> tuple[str, ...]:
    """Names of an action's scopes. Raises `LookupError` if no rule says."""
    for pattern, scopes in RULES:
        if fnmatchcase(action, pattern):
            return scopes
    raise LookupError(f"scopes.py has no rule for {action}")
