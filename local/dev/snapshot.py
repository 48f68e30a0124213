"""What our Terraform applied, as far as the API needs it, written down as the calls that make it again.

`make snapshot` writes `snapshot.json` from an applied stack, and a test compares the two: tables, keys and
roles are described in `terraform/` and nowhere else. What a new account draws anew stands as `${key.vault}`
and `${policy_sha256}`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("snapshot.json")
POLICY_SHA256: Final = "${policy_sha256}"

Json = dict[str, Any]
_FUNCTION_OF_RESOURCE: Final = {"api_handler": "tokenize", "reveal": "reveal", "maintain": "maintain"}


def key_id(name: str) -> str:
    """How the snapshot writes the id of a KMS key."""
    return f"${{key.{name}}}"


def read() -> Json:
    """The snapshot in the tree."""
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def written(snapshot: Json) -> str:
    """The snapshot as the tree has it."""
    return json.dumps(snapshot, indent=1, sort_keys=True) + "\n"


def taken(state: Json, outputs: Mapping[str, Any], api: Json) -> Json:
    """The snapshot of an applied stack.

    `state` is what `terraform show -json` prints, `api` the merged document of the REST API.
    """
    found = _Applied(state)
    keys = found.indexed("aws_kms_key", "this")
    snapshot = {
        "roles": {n: _role(found, n, role) for n, role in found.indexed("aws_iam_role", "this").items()},
        "keys": {name: _key(name, key, found) for name, key in keys.items()},
        "tables": {n: _table(table) for n, table in found.indexed("aws_dynamodb_table", "this").items()},
        "pool": _pool(found),
        "usage_plan": _usage_plan(found),
        "functions": {name: _function(found, name) for name in _FUNCTION_OF_RESOURCE.values()},
        "schedules": {
            "maintain": found.single("aws_cloudwatch_event_rule", "maintain")["schedule_expression"]
        },
        "policy": _policy(found),
        "api": _api(api),
        "outputs": {
            name: outputs[name] for name in ("stage", "function_alias", "tables", "vault_id", "region")
        },
    }
    return _without_ids(snapshot, keys, outputs["policy_sha256"])


class _Applied:
    """The managed resources of a state."""

    def __init__(self, state: Json) -> None:
        self._resources = [r for r in _resources(state["values"]["root_module"]) if r["mode"] == "managed"]

    def indexed(self, kind: str, name: str) -> dict[str, Json]:
        """The attributes of one `resource` block's instances, by index."""
        return {
            str(r.get("index", "")): r["values"]
            for r in self._resources
            if (r["type"], r["name"]) == (kind, name) and r.get("index") is not None
        }

    def single(self, kind: str, name: str) -> Json:
        """The attributes of the only instance of a `resource` block."""
        [values] = [r["values"] for r in self._resources if (r["type"], r["name"]) == (kind, name)]
        return dict(values)


def _resources(module: Json) -> Iterator[Json]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _role(found: _Applied, name: str, role: Json) -> Json:
    policy = found.indexed("aws_iam_role_policy", "this")[name]
    return {
        "create_role": {"RoleName": role["name"], "AssumeRolePolicyDocument": role["assume_role_policy"]},
        "put_role_policy": {
            "RoleName": role["name"],
            "PolicyName": policy["name"],
            "PolicyDocument": policy["policy"],
        },
    }


def _key(name: str, key: Json, found: _Applied) -> Json:
    return {
        "create_key": {
            "Description": key["description"],
            "KeySpec": key["customer_master_key_spec"],
            "KeyUsage": key["key_usage"],
            "MultiRegion": key["multi_region"],
            "Policy": key["policy"],
        },
        "create_alias": {"AliasName": found.indexed("aws_kms_alias", "this")[name]["name"]},
    }


def _table(table: Json) -> Json:
    create: Json = {
        "TableName": table["name"],
        "BillingMode": table["billing_mode"],
        "KeySchema": _schema(table),
        "AttributeDefinitions": [
            {"AttributeName": a["name"], "AttributeType": a["type"]}
            for a in sorted(table["attribute"], key=lambda a: str(a["name"]))
        ],
        "SSESpecification": {
            "Enabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": table["server_side_encryption"][0]["kms_key_arn"],
        },
    }
    if indexes := [_index(index) for index in table.get("global_secondary_index") or []]:
        create["GlobalSecondaryIndexes"] = indexes
    if table["stream_enabled"]:
        create["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": table["stream_view_type"]}
    expiring = [ttl["attribute_name"] for ttl in table["ttl"] if ttl["enabled"]]
    return {"create_table": create, "ttl": expiring[0] if expiring else None}


def _index(index: Json) -> Json:
    attributes = sorted(index.get("non_key_attributes") or ())
    shown = {"NonKeyAttributes": attributes} if attributes else {}
    return {
        "IndexName": index["name"],
        "KeySchema": _schema(index),
        "Projection": {"ProjectionType": index["projection_type"], **shown},
    }


def _schema(table: Json) -> list[Json]:
    kinds = (("hash_key", "HASH"), ("range_key", "RANGE"))
    return [{"AttributeName": table[field], "KeyType": kind} for field, kind in kinds if table.get(field)]


def _pool(found: _Applied) -> Json:
    server = found.single("aws_cognito_resource_server", "vault")
    return {
        "create_user_pool": {"PoolName": found.single("aws_cognito_user_pool", "this")["name"]},
        "create_user_pool_domain": {"Domain": found.single("aws_cognito_user_pool_domain", "this")["domain"]},
        "create_resource_server": {
            "Identifier": server["identifier"],
            "Name": server["name"],
            "Scopes": [
                {"ScopeName": scope["scope_name"], "ScopeDescription": scope["scope_description"]}
                for scope in sorted(server["scope"], key=lambda scope: str(scope["scope_name"]))
            ],
        },
        "create_user_pool_client": _common(
            found.indexed("aws_cognito_user_pool_client", "this"),
            lambda client: {
                "GenerateSecret": client["generate_secret"],
                "AllowedOAuthFlowsUserPoolClient": client["allowed_oauth_flows_user_pool_client"],
                "AllowedOAuthFlows": client["allowed_oauth_flows"],
                "AccessTokenValidity": client["access_token_validity"],
                "TokenValidityUnits": {"AccessToken": client["token_validity_units"][0]["access_token"]},
            },
        ),
        "create_client_for_people": _common(
            found.indexed("aws_cognito_user_pool_client", "people"), _client_for_people
        ),
    }


def _client_for_people(client: Json) -> Json:
    [rotation], [units] = client["refresh_token_rotation"], client["token_validity_units"]
    return {
        "GenerateSecret": client["generate_secret"],
        "AllowedOAuthFlowsUserPoolClient": client["allowed_oauth_flows_user_pool_client"],
        "AllowedOAuthFlows": client["allowed_oauth_flows"],
        "CallbackURLs": client["callback_urls"],
        "LogoutURLs": client["logout_urls"],
        "SupportedIdentityProviders": client["supported_identity_providers"],
        "AccessTokenValidity": client["access_token_validity"],
        "RefreshTokenValidity": client["refresh_token_validity"],
        "TokenValidityUnits": {
            "AccessToken": units["access_token"],
            "RefreshToken": units["refresh_token"],
        },
        "RefreshTokenRotation": {
            "Feature": rotation["feature"],
            "RetryGracePeriodSeconds": rotation["retry_grace_period_seconds"],
        },
    }


def _usage_plan(found: _Applied) -> Json:
    """The limits of a client that the variables give none of its own."""
    return _common(
        found.indexed("aws_api_gateway_usage_plan", "limits"),
        lambda plan: {
            "requests_per_second": plan["throttle_settings"][0]["rate_limit"],
            "burst": plan["throttle_settings"][0]["burst_limit"],
        },
    )


def _common(instances: Mapping[str, Json], facts: Callable[[Json], Json]) -> Json:
    """What is the same of every client. Raises `ValueError` when the variables made them differ."""
    first, *others = [facts(values) for values in instances.values()]
    if any(other != first for other in others):
        raise ValueError("the snapshot is of a stack whose clients differ in nothing but their policy")
    return first


def _function(found: _Applied, name: str) -> Json:
    resource = next(r for r, function in _FUNCTION_OF_RESOURCE.items() if function == name)
    applied = found.single("aws_lambda_function", resource)
    return {
        "name": applied["function_name"],
        "handler": applied["handler"],
        "memory_mb": applied["memory_size"],
        "timeout_seconds": applied["timeout"],
        "environment": applied["environment"][0]["variables"],
    }


def _policy(found: _Applied) -> Json:
    """The stored policy without the identities, which each new account draws for itself."""
    item = json.loads(found.single("aws_dynamodb_table_item", "generation")["item"])
    document: Json = json.loads(item["document"]["S"])
    for tenant in document["tenants"].values():
        for client in tenant["clients"].values():
            del client["identities"]
    return document


def _api(api: Json) -> Json:
    """The parts of the API's document by which the local gateway decides."""
    kept = ("security", "x-amazon-apigateway-integration")
    return {
        "paths": {
            path: {m: {k: v for k, v in described.items() if k in kept} for m, described in methods.items()}
            for path, methods in api["paths"].items()
        },
        "x-amazon-apigateway-gateway-responses": api["x-amazon-apigateway-gateway-responses"],
    }


def _without_ids(snapshot: Json, keys: Mapping[str, Json], policy_sha256: str) -> Json:
    text = json.dumps(snapshot)
    for name, key in keys.items():
        text = text.replace(key["key_id"], key_id(name))
    return dict(json.loads(text.replace(policy_sha256, POLICY_SHA256)))
