"""Makes what the snapshot describes in an empty account, and the clients of a policy."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from local.account import Account
from local.dev.policy import DevPolicy
from local.dev.snapshot import POLICY_SHA256, key_id

Json = dict[str, Any]
API_ID: Final = "local"
_STACK: Final = "tokenvault"
"""The stack's `name` in Terraform, which the names of its API keys begin with, as those of its tables do."""
RESTORED: Final = ("kms", "iam", "dynamodb", "cognito-idp", "apigateway")
"""The services in which something is made."""


@dataclass(frozen=True)
class Restored:
    """What Terraform's outputs would say, and the snapshot with the account's own ids in it."""

    outputs: Json
    snapshot: Json


def restore(account: Account, snapshot: Json, policy: DevPolicy) -> Restored:
    """Keys and roles, then what names them."""
    made = _with(snapshot, {key_id(name): _make_key(account, key) for name, key in snapshot["keys"].items()})
    _make_roles(account, made["roles"])
    _make_tables(account, made["tables"])
    pool_id, issuer = _make_pool(account, made["pool"])
    clients, document = _make_clients(account, made, policy, pool_id, issuer)
    made = _with(made, {POLICY_SHA256: _store_policy(account, made, document)})
    outputs = {
        **made["outputs"],
        "api_id": API_ID,
        "user_pool_id": pool_id,
        "user_pool_issuer": issuer,
        "audit_key_arn": made["functions"]["tokenize"]["environment"]["TOKENVAULT_AUDIT_KEY_ARN"],
        "function_names": {name: function["name"] for name, function in made["functions"].items()},
        "clients": [client for client in clients if "client_secret" in client],
        "people": {
            "clients": [client for client in clients if "client_secret" not in client],
            "groups": _make_groups(account, pool_id, document),
        },
    }
    return Restored(outputs, made)


def _with(snapshot: Json, values: Mapping[str, str]) -> Json:
    text = json.dumps(snapshot)
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return dict(json.loads(text))


def _make_key(account: Account, key: Json) -> str:
    kms = account.client("kms")
    made = str(kms.create_key(**key["create_key"])["KeyMetadata"]["KeyId"])
    kms.create_alias(TargetKeyId=made, **key["create_alias"])
    return made


def _make_roles(account: Account, roles: Mapping[str, Json]) -> None:
    iam = account.client("iam")
    for role in roles.values():
        iam.create_role(**role["create_role"])
        iam.put_role_policy(**role["put_role_policy"])


def _make_tables(account: Account, tables: Mapping[str, Json]) -> None:
    dynamodb = account.client("dynamodb")
    for table in tables.values():
        dynamodb.create_table(**table["create_table"])
        if table["ttl"] is not None:
            dynamodb.update_time_to_live(
                TableName=table["create_table"]["TableName"],
                TimeToLiveSpecification={"Enabled": True, "AttributeName": table["ttl"]},
            )


def _make_pool(account: Account, pool: Json) -> tuple[str, str]:
    """Id and issuer of the pool."""
    cognito = account.client("cognito-idp")
    made = str(cognito.create_user_pool(**pool["create_user_pool"])["UserPool"]["Id"])
    cognito.create_user_pool_domain(UserPoolId=made, **pool["create_user_pool_domain"])
    cognito.create_resource_server(UserPoolId=made, **pool["create_resource_server"])
    return made, f"https://cognito-idp.{account.region}.amazonaws.com/{made}"


def _make_clients(
    account: Account, snapshot: Json, policy: DevPolicy, pool_id: str, issuer: str
) -> tuple[list[Json], Json]:
    """What each client needs, and the policy with their identities."""
    document: Json = json.loads(json.dumps(policy.document))
    facts = []
    for tenant, described in document["tenants"].items():
        for name, client in described["clients"].items():
            plan = {**snapshot["usage_plan"], **policy.throttles.get((tenant, name), {})}
            settings = _app_client_settings(
                snapshot["pool"], client, policy.callback_urls.get((tenant, name))
            )
            app = _make_app_client(account, pool_id, f"{tenant}-{name}", settings)
            client["identities"] = [{"issuer": issuer, "client_id": app["client_id"]}]
            keys = {}
            if not _is_for_people(client):
                called = f"{_STACK}-{tenant}-{name}"
                key = account.client("apigateway").create_api_key(name=called, enabled=True)
                _admit(account, called, key["id"], snapshot["outputs"]["stage"], plan)
                client["identities"][0]["api_key_id"] = key["id"]
                keys = {"api_key": key["value"], "api_keys": {"a": key["value"]}}
            facts.append({"name": name, "tenant": tenant, **app, **keys})
    return facts, document


def _is_for_people(client: Json) -> bool:
    return bool(client.get("kind") == "browser")


def _make_groups(account: Account, pool_id: str, document: Json) -> list[str]:
    """The groups of all tenants, in the pool."""
    names = sorted(
        f"{name}/{group}"
        for name, tenant in document["tenants"].items()
        for group in tenant.get("groups", {})
    )
    for name in names:
        account.client("cognito-idp").create_group(UserPoolId=pool_id, GroupName=name)
    return names


def _app_client_settings(pool: Json, client: Json, callback_urls: list[str] | None) -> Json:
    """What Terraform sets of a client; `callback_urls` stand in the place of the tool's own."""
    settings = pool["create_client_for_people" if _is_for_people(client) else "create_user_pool_client"]
    scopes = [f"{pool['create_resource_server']['Identifier']}/{action}" for action in client["actions"]]
    named = {"CallbackURLs": callback_urls} if callback_urls else {}
    return {**settings, **named, "AllowedOAuthScopes": scopes}


def _make_app_client(account: Account, pool_id: str, name: str, settings: Json) -> Json:
    made = account.client("cognito-idp").create_user_pool_client(
        UserPoolId=pool_id, ClientName=name, **settings
    )["UserPoolClient"]
    facts = {"scopes": settings["AllowedOAuthScopes"], "client_id": made["ClientId"]}
    if "ClientSecret" in made:
        return facts | {"client_secret": made["ClientSecret"]}
    return facts | {"callback_urls": made["CallbackURLs"]}


def _admit(account: Account, name: str, key: str, stage: str, plan: Json) -> None:
    gateway = account.client("apigateway")
    a_day = plan.get("requests_per_day")
    made = gateway.create_usage_plan(
        name=name,
        apiStages=[{"apiId": API_ID, "stage": stage}],
        throttle={"rateLimit": float(plan["requests_per_second"]), "burstLimit": plan["burst"]},
        **({"quota": {"limit": a_day, "period": "DAY"}} if a_day else {}),
    )
    gateway.create_usage_plan_key(usagePlanId=made["id"], keyId=key, keyType="API_KEY")


def _store_policy(account: Account, snapshot: Json, document: Json) -> str:
    """Puts the policy where the functions look, and gives its SHA-256."""
    text = json.dumps(document, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    account.client("dynamodb").put_item(
        TableName=snapshot["outputs"]["tables"]["policy"],
        Item={"pk": {"S": "policy"}, "sk": {"S": digest}, "document": {"S": text}},
    )
    return digest
