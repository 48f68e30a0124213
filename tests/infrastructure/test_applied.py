"""What an empty plan does not prove, read from the state of the stack that was really applied."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.api.routes import ROUTES
from local.stack import VARIABLES
from tests.infrastructure.state import named, statements
from tests.support.role_calls import CALLS
from tests.support.running import Running

REASONED_STARS = {
    # (where, action): why a `*` stands there
    ("xray", "xray:PutTraceSegments"): "X-Ray's write actions name no resource",
    ("xray", "xray:PutTelemetryRecords"): "X-Ray's write actions name no resource",
}


@pytest.fixture(scope="module")
def body(resources: list[dict[str, Any]]) -> Any:
    """The body of the REST API as applied, its references resolved."""
    return json.loads(named(resources, "aws_api_gateway_rest_api")["rest_api"]["body"])


def test_each_route_has_its_authorizer_scopes_and_key(body: Any, running: Running) -> None:
    """Scopes and API keys are demanded method by method, of our pool's access tokens."""
    for route in ROUTES:
        security = body["paths"][route.path][route.method.lower()].get("security", [])
        demanded = {name: set(scopes) for entry in security for name, scopes in entry.items()}
        expected = {"cognito": set(route.scopes)} if route.scopes else {}
        assert demanded == expected | ({"api_key": set()} if route.api_key else {}), route
    [pool] = body["securityDefinitions"]["cognito"]["x-amazon-apigateway-authorizer"]["providerARNs"]
    assert pool.endswith(running.stack.outputs["user_pool_id"])


def test_each_route_calls_an_alias_of_its_function(body: Any, running: Running) -> None:
    """No route calls $LATEST, and each calls the function that owns it."""
    for route in ROUTES:
        uri = body["paths"][route.path][route.method.lower()]["x-amazon-apigateway-integration"].get("uri")
        if route.function == "gateway":
            assert uri is None
        else:
            name = running.stack.outputs["function_names"][route.function]
            assert uri.endswith(f":function:{name}:live/invocations")


def test_only_the_api_and_the_schedule_may_call(resources: list[dict[str, Any]]) -> None:
    """Each permission is for an alias and names its source."""
    permissions = [r["values"] for r in resources if r["type"] == "aws_lambda_permission"]
    assert len(permissions) == 3
    for permission in permissions:
        assert permission["qualifier"] == "live"
        assert permission["source_arn"]


def test_no_bodies_are_logged(resources: list[dict[str, Any]]) -> None:
    """Data traces are off, and access logs hold neither bodies nor paths as they were sent."""
    for settings in named(resources, "aws_api_gateway_method_settings").values():
        assert settings["settings"][0]["data_trace_enabled"] is False
    written = named(resources, "aws_api_gateway_stage")["live"]["access_log_settings"][0]["format"]
    for leaky in (
        "$context.path",
        "$context.requestOverride",
        "$input",
        "querystring",
        '$context.identity.apiKey"',
    ):
        assert leaky not in written
    for group in named(resources, "aws_cloudwatch_log_group").values():
        assert group["kms_key_id"]
        assert group["retention_in_days"] >= 30


def test_the_tokenizing_role_cannot_reach_the_vault_kek(resources: list[dict[str, Any]]) -> None:
    """Neither its own policy nor the key's lets it, and the key denies it everything."""
    keys = named(resources, "aws_kms_key")
    role = named(resources, "aws_iam_role")["tokenize"]["arn"]
    for statement in statements(named(resources, "aws_iam_role_policy")["tokenize"]["policy"]):
        assert not [arn for arn in statement["Resource"] if keys["vault"]["key_id"] in arn]
        if any(action.startswith("kms:") for action in statement["Action"]):
            by_action = {"kms:Decrypt": "index", "kms:GenerateMac": "hmac", "kms:GenerateDataKey": "audit"}
            used = by_action[statement["Action"][0]]
            assert len(statement["Action"]) == 1
            assert [arn for arn in statement["Resource"] if keys[used]["key_id"] not in arn] == []
    policy = statements(keys["vault"]["policy"])
    denied = [s for s in policy if s["Effect"] == "Deny" and s["Principal"] == {"AWS": role}]
    assert [s["Action"] for s in denied] == [["kms:*"]]
    assert not [s for s in policy if s["Effect"] == "Allow" and role in json.dumps(s["Principal"])]


def test_each_key_is_used_by_named_roles_for_one_purpose(resources: list[dict[str, Any]]) -> None:
    """Whoever may unwrap or wrap with a KEK is named, and bound to the vault's encryption context."""
    keys, roles = named(resources, "aws_kms_key"), named(resources, "aws_iam_role")
    using = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKeyPairWithoutPlaintext"}
    found = {
        (key, action, _function(principal))
        for key in ("vault", "index")
        for statement in statements(keys[key]["policy"])
        if statement["Effect"] == "Allow"
        for action in set(statement["Action"]) & using
        for principal in _principals(statement)
        if statement["Condition"]["StringEquals"]["kms:EncryptionContext:vault"] == "local-vault"
    }
    assert found == {
        ("vault", "kms:Decrypt", "reveal"),
        ("vault", "kms:GenerateDataKeyPairWithoutPlaintext", "maintain"),
        ("index", "kms:Decrypt", "tokenize"),
        ("index", "kms:Decrypt", "reveal"),
        ("index", "kms:Encrypt", "maintain"),
    }
    assert set(roles) >= {"tokenize", "reveal", "maintain"}


def test_each_function_begins_audit_chains_of_its_own_only(resources: list[dict[str, Any]]) -> None:
    """Nobody in the stack unwraps a chain's key, and no role makes one in another function's name."""
    allowed = {
        (
            _function(role),
            action,
            statement["Condition"]["StringEquals"]["kms:EncryptionContext:function"],
        )
        for statement in statements(named(resources, "aws_kms_key")["audit"]["policy"])
        if "Condition" in statement
        for action in statement["Action"]
        for role in _principals(statement)
    }
    functions = ("tokenize", "reveal", "maintain")
    assert allowed == {(name, "kms:GenerateDataKey", name) for name in functions}


def _function(role: str) -> str:
    """The function that a role is of, by its name."""
    return role.rsplit("/", 1)[-1].removeprefix("tokenvault-").removesuffix("-us-east-1")


def _principals(statement: dict[str, Any]) -> list[str]:
    named_ones = statement["Principal"]["AWS"]
    return named_ones if isinstance(named_ones, list) else [named_ones]


def test_no_star_without_a_reason(resources: list[dict[str, Any]]) -> None:
    """A role's policy names its actions, and its resources too but where AWS has none to name."""
    for policy in named(resources, "aws_iam_role_policy").values():
        for statement in statements(policy["policy"]):
            for action in statement["Action"]:
                assert "*" not in action
                if "*" in statement["Resource"]:
                    assert (action.split(":")[0], action) in REASONED_STARS


def test_only_the_functions_that_need_it_learn_of_the_vault_kek(resources: list[dict[str, Any]]) -> None:
    """The tokenizing function's environment does not name the key."""
    environments = {
        f["environment"][0]["variables"]["TOKENVAULT_FUNCTION"]: f["environment"][0]["variables"]
        for f in named(resources, "aws_lambda_function").values()
    }
    assert {name for name, env in environments.items() if "TOKENVAULT_VAULT_KEK_ARN" in env} == {
        "reveal",
        "maintain",
    }


def test_tables_are_encrypted_and_can_be_restored(resources: list[dict[str, Any]]) -> None:
    """Every table has our key; those with a backup and those whose items expire are the ones meant."""
    tables = named(resources, "aws_dynamodb_table")
    without_backup = {"subjects", "idempotency", "budgets"}
    assert set(tables) == {"vault", "keys", "policy", "audit"} | without_backup
    arn = named(resources, "aws_kms_key")["tables"]["arn"]
    for name, table in tables.items():
        assert table["server_side_encryption"][0]["kms_key_arn"] == arn
        assert table["point_in_time_recovery"][0]["enabled"] is (name not in without_backup)
        assert [ttl["attribute_name"] for ttl in table["ttl"] if ttl["enabled"]] == (
            ["ttl"] if name in ("vault", "subjects", "idempotency", "budgets") else []
        )


def test_clients_get_client_credentials_and_nothing_else(resources: list[dict[str, Any]]) -> None:
    """No app client of a service has a flow for people, nor the other way round; each has its own scopes."""
    for name, client in named(resources, "aws_cognito_user_pool_client").items():
        people = name == "shop/desk"
        assert client["allowed_oauth_flows"] == (["code"] if people else ["client_credentials"])
        assert client["generate_secret"] is not people
        assert people or not client["explicit_auth_flows"]
        assert all(scope.startswith("vault/") for scope in client["allowed_oauth_scopes"])


def test_every_call_that_the_functions_make_is_allowed(resources: list[dict[str, Any]]) -> None:
    """And nothing is allowed that no function does: the two lists are the same."""
    counted = ("dynamodb", "kms", "s3", "sns")
    policies = named(resources, "aws_iam_role_policy")
    allowed = {
        role: {
            a for s in statements(policies[role]["policy"]) for a in s["Action"] if a.split(":")[0] in counted
        }
        for role in {**CALLS, **IN_ITS_NAME}
    }
    assert allowed == {
        role: CALLS.get(role, set()) | IN_ITS_NAME.get(role, set()) for role in {**CALLS, **IN_ITS_NAME}
    }


IN_ITS_NAME = {
    # What AWS does in a role's name, which no test sees: each is listed where the policy allows it.
    "archive": {
        "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
        "kms:Decrypt", "kms:GenerateDataKey", "s3:ListBucket",
    },
    "failures": {"sns:Publish", "kms:Decrypt", "kms:GenerateDataKey"},
}  # fmt: skip


def test_a_second_plan_is_empty(running: Running) -> None:
    """Planned again, nothing would change."""
    terraform = running.stack.terraform
    terraform.run("plan", "-detailed-exitcode", f"-var-file={VARIABLES}")


def test_the_working_copy_is_all_that_terraform_wrote(running: Running) -> None:
    """State and provider lie in the working copy, not in the checkout."""
    checkout = Path(__file__).resolve().parents[2] / "terraform"
    assert not list(checkout.rglob("*.tfstate*"))
