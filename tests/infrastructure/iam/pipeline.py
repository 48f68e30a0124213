"""The calls of Terraform's provider, recorded by type of resource, as requests about what was applied."""

from collections.abc import Iterator
from typing import Any

from terraform.deployer.scopes import scopes_of
from tests.infrastructure.iam import functions
from tests.infrastructure.iam.simulator import ACCOUNT, Request
from tests.infrastructure.state import Found

Values = dict[str, Any]


def of_function(values: Values) -> str:
    """ARN of a function from whatever names it."""
    name = values["function_name"]
    return name if name.startswith("arn:") else f"arn:aws:lambda:{{region}}:{ACCOUNT}:function:{name}"


ARNS = {
    # How a resource's ARN follows from its attributes, for types that have no `arn` or are asked for by
    # another's.
    "aws_api_gateway_base_path_mapping": lambda v: (
        f"{API}/domainnames/{v['domain_name']}/basepathmappings/(none)"
    ),
    "aws_api_gateway_deployment": lambda v: f"{API}/restapis/{v['rest_api_id']}/deployments/{v['id']}",
    "aws_api_gateway_method_settings": lambda v: (
        f"{API}/restapis/{v['rest_api_id']}/stages/{v['stage_name']}"
    ),
    "aws_api_gateway_usage_plan_key": lambda v: f"{API}/usageplans/{v['usage_plan_id']}/keys/{v['key_id']}",
    "aws_appautoscaling_policy": lambda v: (
        f"arn:aws:application-autoscaling:{{region}}:{ACCOUNT}:scalable-target/1"
    ),
    "aws_backup_selection": lambda v: f"arn:aws:backup:{{region}}:{ACCOUNT}:backup-plan:{v['plan_id']}",
    "aws_cloudwatch_dashboard": lambda v: f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{v['dashboard_name']}",
    "aws_cloudwatch_event_target": lambda v: f"arn:aws:events:{{region}}:{ACCOUNT}:rule/{v['rule']}",
    "aws_cognito_resource_server": lambda v: (
        f"arn:aws:cognito-idp:{{region}}:{ACCOUNT}:userpool/{v['user_pool_id']}"
    ),
    "aws_cognito_user_pool_client": lambda v: (
        f"arn:aws:cognito-idp:{{region}}:{ACCOUNT}:userpool/{v['user_pool_id']}"
    ),
    "aws_cognito_user_pool_domain": lambda v: (
        f"arn:aws:cognito-idp:{{region}}:{ACCOUNT}:userpool/{v['user_pool_id']}"
    ),
    "aws_dynamodb_resource_policy": lambda v: v["resource_arn"],
    "aws_dynamodb_table_item": lambda v: f"arn:aws:dynamodb:{{region}}:{ACCOUNT}:table/{v['table_name']}",
    "aws_iam_role_policy": lambda v: f"arn:aws:iam::{ACCOUNT}:role/{v['role']}",
    "aws_iam_role_policy_attachment": lambda v: f"arn:aws:iam::{ACCOUNT}:role/{v['role']}",
    "aws_lambda_alias": lambda v: v["arn"].rpartition(":")[0],
    "aws_lambda_function_event_invoke_config": of_function,
    "aws_lambda_permission": of_function,
    "aws_lambda_provisioned_concurrency_config": lambda v: f"{of_function(v)}:{v['qualifier']}",
    "aws_route_table_association": lambda v: (
        f"arn:aws:ec2:{{region}}:{ACCOUNT}:route-table/{v['route_table_id']}"
    ),
    "aws_sns_topic_subscription": lambda v: v["topic_arn"],
    "aws_vpc_security_group_egress_rule": lambda v: (
        f"arn:aws:ec2:{{region}}:{ACCOUNT}:security-group/{v['security_group_id']}"
    ),
    "aws_vpc_security_group_ingress_rule": lambda v: (
        f"arn:aws:ec2:{{region}}:{ACCOUNT}:security-group/{v['security_group_id']}"
    ),
    "aws_wafv2_web_acl_association": lambda v: v["web_acl_arn"],
    "aws_wafv2_web_acl_logging_configuration": lambda v: v["resource_arn"],
}
API = "arn:aws:apigateway:{region}::"
BUCKETS = "ListBucketVersions"
OWN_POLICIES = ("aws_dynamodb", "aws_kms_key", "aws_kms_replica", "aws_s3")
IN_A_USER_POOL = {
    "aws_cognito_resource_server",
    "aws_cognito_user_pool_client",
    "aws_cognito_user_pool_domain",
}
INTO_A_VPC = {"aws_flow_log", "aws_route_table", "aws_security_group", "aws_subnet", "aws_vpc_endpoint"}
NAMING_ALTHOUGH_ALL = {"cloudwatch:DescribeAlarms", "ec2:DescribeVpcAttribute"}
"""Actions that have a resource, and are allowed of all: `scopes.py` says why."""


class Stack:
    """What was applied, and where."""

    def __init__(self, found: Found, region: str, name: str = "tokenvault") -> None:
        self.found, self.region, self.name = found, region, name

    def requests(self, role: str, kind: str, action: str) -> Iterator[Request]:
        """The requests that an action on each resource of a type is, with the condition keys that AWS gives
        it."""
        all_of_them = self.found.all(kind)
        # Resources with policies of their own each; of others, one stands for those that are named alike.
        for values in all_of_them if kind.startswith(OWN_POLICIES) else all_of_them[:1]:
            for resource in self._resources(kind, action, values):
                named = resource.replace("{region}", self.region)
                yield Request(role, action, named, self._context(kind, action, values))

    def _resources(self, kind: str, action: str, values: Values) -> Iterator[str]:
        service, _, operation = action.partition(":")
        if "all" in scopes_of(action) and action not in NAMING_ALTHOUGH_ALL:
            yield "*"
        elif kind.startswith("aws_s3_"):
            yield (
                values["arn"]
                if "Object" in operation and kind == "aws_s3_object" and operation != BUCKETS
                else f"arn:aws:s3:::{values['bucket']}"
            )
        elif service == "kms":
            yield from self._keys(kind, operation, values)
        elif kind == "aws_wafv2_web_acl_association":
            yield from (values["web_acl_arn"], values["resource_arn"])[
                operation in ("DisassociateWebACL", "SetWebACL") :
            ]
        else:
            yield self._named(kind, operation, values)
            if operation.startswith("Create") and operation != "CreateTags" and kind in INTO_A_VPC:
                yield f"arn:aws:ec2:{{region}}:{ACCOUNT}:vpc/{values['vpc_id']}"

    @staticmethod
    def _named(kind: str, operation: str, values: Values) -> str:
        """By its ARN. What API Gateway makes is asked for of its collection."""
        arn = str(ARNS[kind](values) if kind in ARNS else values["arn"])
        return arn.rpartition("/")[0] if operation == "POST" else arn

    def _keys(self, kind: str, operation: str, values: Values) -> Iterator[str]:
        if kind == "aws_kms_alias":
            yield from (values["arn"], values["target_key_arn"])
        elif kind.startswith("aws_dynamodb"):
            yield self._key_of(values)
        else:
            yield values["primary_key_arn" if operation == "ReplicateKey" else "arn"]

    def _key_of(self, values: Values) -> str:
        """The key that encrypts a table or a replica; that of an item is its table's."""
        if "table_name" in values:
            [values] = [t for t in self.found.all("aws_dynamodb_table") if t["name"] == values["table_name"]]
        encryption = values.get("server_side_encryption")
        return str(encryption[0]["kms_key_arn"] if encryption else values["kms_key_arn"])

    def _context(self, kind: str, action: str, values: Values) -> dict[str, str]:
        """Tags of what is there and of what is made, and what else the policies look at."""
        context: dict[str, str] = {}
        if action.startswith("s3:"):
            return context
        if not action.partition(":")[2].startswith("Create") or kind in IN_A_USER_POOL:
            context["aws:ResourceTag/Application"] = self.name
        if action in ("ec2:CreateTags", "kms:TagResource"):
            context["aws:RequestTag/Application"] = self.name
        if action in ("iam:AttachRolePolicy", "iam:DetachRolePolicy"):
            context["iam:PolicyARN"] = values["policy_arn"]
        if action.startswith("kms:") and kind.startswith("aws_dynamodb") and action != "kms:DescribeKey":
            context["kms:ViaService"] = f"dynamodb.{self.region}.amazonaws.com"
        return context


def besides_planning(stack: functions.Stack, role: str) -> list[Request]:
    """No calls of the provider's: Terraform reads the state, and DynamoDB decrypts the policy's item."""
    return [
        *_state(stack, role, ("s3:GetObject",), ("kms:Decrypt",)),
        Request(role, "kms:Decrypt", stack.keys["tables"], stack.through("dynamodb"), direct=False),
        Request(role, "kms:GenerateDataKey", stack.keys["state"], A_PLAN),
    ]


def besides_applying(stack: functions.Stack, role: str, passed: str) -> list[Request]:
    """The same for an apply, and what AWS checks in other services: `terraform/deployer/besides.py`."""
    through = stack.through("dynamodb")
    via_dynamodb = ("kms:CreateGrant", *functions.DYNAMODB_WITH_A_CUSTOMER_KEY)
    return [
        *_state(stack, role, ("s3:GetObject", "s3:PutObject"), ("kms:Decrypt", "kms:GenerateDataKey")),
        Request(role, "s3:DeleteObject", f"{stack.state}/tokenvault.tfstate.tflock"),
        Request(role, "kms:Decrypt", stack.keys["state"], A_PLAN),
        *(Request(role, action, stack.keys["tables"], through, direct=False) for action in via_dynamodb),
        Request(role, "iam:PassRole", passed, {"iam:PassedToService": "lambda.amazonaws.com"}),
        *(
            Request(role, "iam:CreateServiceLinkedRole", _own_role(service), {"iam:AWSServiceName": service})
            for service in ("replication.dynamodb.amazonaws.com", "mrk.kms.amazonaws.com")
        ),
        *(
            Request(role, action, stack.keys["vault"], OURS)
            for action in ("kms:PutKeyPolicy", "kms:DisableKey")
        ),
    ]


A_PLAN = {"kms:EncryptionContext:purpose": "terraform-plan"}
OURS = {"aws:ResourceTag/Application": "tokenvault"}


def _own_role(service: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}/AWSServiceRoleForIt"


def _state(
    stack: functions.Stack, role: str, of_s3: tuple[str, ...], of_kms: tuple[str, ...]
) -> Iterator[Request]:
    through = stack.through("s3") | {"kms:EncryptionContext:aws:s3:arn": stack.state}
    yield Request(role, "s3:ListBucket", stack.state)
    yield from (Request(role, action, f"{stack.state}/tokenvault.tfstate") for action in of_s3)
    yield from (Request(role, action, stack.keys["state"], through, direct=False) for action in of_kms)
