"""Which policies of the applied stacks bear on a request."""

import json
from collections.abc import Sequence
from typing import Any

from tests.infrastructure.iam.simulator import ACCOUNT, Policies, Request
from tests.infrastructure.state import Found

ADMINISTRATOR = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}],
}
"""Like AWS's AdministratorAccess: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html"""

POLICY_OF = {
    # Resources that have policies of their own: the type that holds it, what it is of, its attribute.
    "aws_kms_key": ("arn", "policy"),
    "aws_kms_replica_key": ("arn", "policy"),
    "aws_dynamodb_resource_policy": ("resource_arn", "policy"),
    "aws_s3_bucket_policy": ("bucket", "policy"),
    "aws_sns_topic_policy": ("arn", "policy"),
}


class Account:
    """All policies of the account, from the states that were applied to it."""

    def __init__(self, stacks: Sequence[Found]) -> None:
        self._stacks = stacks
        self.resource = {
            self._named(kind, values[of]): json.loads(values[attribute])
            for stack in stacks
            for kind, (of, attribute) in POLICY_OF.items()
            for values in stack.all(kind)
        }
        self.endpoint = {
            values["service_name"].rpartition(".")[2]: json.loads(values["policy"])
            for stack in stacks
            for values in stack.all("aws_vpc_endpoint")
        }

    @staticmethod
    def _named(kind: str, name: str) -> str:
        return f"arn:aws:s3:::{name}" if kind == "aws_s3_bucket_policy" else name

    def identity(self, role: str) -> dict[str, Any]:
        """The policies of a role, by name; those of an administrator for a role that no stack made."""
        name = role.rpartition("/")[2]
        inline = {p["name"]: p["policy"] for p in self._all("aws_iam_role_policy") if p["role"] == name}
        attached = {a["policy_arn"] for a in self._all("aws_iam_role_policy_attachment") if a["role"] == name}
        managed = {p["name"]: p["policy"] for p in self._all("aws_iam_policy") if p["arn"] in attached}
        if not inline and not managed:
            return {"administrator": ADMINISTRATOR}
        return {of: json.loads(policy) for of, policy in {**managed, **inline}.items()}

    def _all(self, kind: str) -> list[dict[str, Any]]:
        return [values for stack in self._stacks for values in stack.all(kind)]

    def bearing_on(self, request: Request, *, in_the_vpc: bool = False) -> Policies:
        """The policies that decide a request."""
        service = request.action.partition(":")[0]
        return Policies(
            self.identity(request.principal),
            self.resource.get(_owner(request.resource)),
            self.endpoint.get(service) if in_the_vpc and request.direct else None,
        )


def _owner(resource: str) -> str:
    """The ARN that has the policy: an index's table, an object's bucket."""
    if resource.startswith("arn:aws:s3:::"):
        return resource.partition("/")[0]
    return resource.partition("/index/")[0].partition("/stream/")[0]


def role(name: str) -> str:
    """ARN of a role of the account."""
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"
