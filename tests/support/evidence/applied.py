"""What was applied, as the matrices read it: a state as `terraform show -json` prints it, or the snapshot."""

import json
from dataclasses import dataclass
from typing import Any, Final

from local.dev import snapshot
from tests.infrastructure.state import Found, resources
from tests.support.evidence.part import CannotHaveError

SNAPSHOT: Final = "local/dev/snapshot.json, which a test compares with the applied local stack"


@dataclass(frozen=True)
class Applied:
    """The managed resources of a stack, its policy document, and where both are from."""

    found: Found
    policy: dict[str, Any]
    source: str


def of_state(text: str, source: str) -> Applied:
    """From a state. Raises `CannotHaveError` for one without the stack's resources."""
    try:
        every = list(resources(json.loads(text)["values"]["root_module"]))
        found = Found([resource for resource in every if resource["mode"] == "managed"])
        item = json.loads(found.one("aws_dynamodb_table_item", "generation")["item"])
        return Applied(found, json.loads(item["document"]["S"]), source)
    except (ValueError, KeyError, TypeError) as error:
        raise CannotHaveError(
            f"{source} is no applied state of tokenvault ({type(error).__name__})"
        ) from None


def of_snapshot(taken: dict[str, Any]) -> Applied:
    """From the snapshot that `make dev` makes its stack of: three roles, and keys and tables by name."""
    region, account = taken["outputs"]["region"], "123456789012"
    described = json.loads(json.dumps(taken))
    found = [
        *(_role_policy(name, role) for name, role in described["roles"].items()),
        *(
            _resource(
                "aws_kms_key",
                name,
                arn=_arn("kms", f"key/{snapshot.key_id(name)}", region, account),
                policy=key["create_key"]["Policy"],
            )
            for name, key in described["keys"].items()
        ),
        *(
            _resource("aws_dynamodb_table", name, arn=_arn("dynamodb", f"table/{table}", region, account))
            for name, table in taken["outputs"]["tables"].items()
        ),
    ]
    return Applied(Found(found), taken["policy"], SNAPSHOT)


def _arn(service: str, resource: str, region: str, account: str) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def _role_policy(name: str, role: dict[str, Any]) -> dict[str, Any]:
    put = role["put_role_policy"]
    return _resource(
        "aws_iam_role_policy",
        name,
        role=put["RoleName"],
        name=put["PolicyName"],
        policy=put["PolicyDocument"],
    )


def _resource(kind: str, index: str, **values: str) -> dict[str, Any]:
    return {"type": kind, "name": "this", "index": index, "values": values}
