"""The example of production, really applied: the whole of it, and what an empty plan does not prove."""

import json
from typing import Any

import pytest

from chalicelib.api.routes import SERVICE_ROUTES, USER_PREFIX
from local.terraform import Terraform
from tests.infrastructure.production.example import (
    ADMINISTRATORS,
    OPTIONS,
    ProductionExample,
    inventories,
    with_another_client,
)
from tests.infrastructure.stars import STARS, stars
from tests.infrastructure.state import Found, documents, listed

GUARDED = [route for route in SERVICE_ROUTES if not route.takes_session]
"""No client of the example begins capture sessions, so that the route of pages is not there."""


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_is_guarded_checked_and_served(api: Any, route: Any) -> None:
    """Each method has its scopes, its API key, its validator and the alias of its function."""
    operation = api["paths"][route.path][route.method.lower()]
    security = {
        name: set(scopes) for entry in operation.get("security", []) for name, scopes in entry.items()
    }
    scopes = {"cognito": set(route.scopes)} if route.scopes else {}
    assert security == scopes | ({"api_key": set()} if route.api_key else {})
    takes_body = route.method == "POST"
    assert operation["x-amazon-apigateway-request-validator"] == ("body" if takes_body else "parameters")
    bodies = [p["schema"]["$ref"] for p in operation.get("parameters", []) if p["in"] == "body"]
    assert len(bodies) == takes_body
    assert all(body.removeprefix("#/definitions/") in api["definitions"] for body in bodies)
    uri = operation["x-amazon-apigateway-integration"].get("uri", "")
    served = f":function:tokenvault-{route.function}-eu-central-1:live/invocations"
    assert uri == "" if route.function == "gateway" else uri.endswith(served)


def test_without_a_client_for_people_or_pages_no_route_does_without_a_key(api: Any) -> None:
    """The example has services alone, so the document has none of the paths of people, nor that of pages."""
    assert not [path for path in api["paths"] if path.startswith(USER_PREFIX)]
    assert [path for path in api["paths"] if path.startswith("/v1/capture")] == ["/v1/capture-sessions"]


def test_validators_and_answers_of_the_gateway_are_in_the_body(api: Any) -> None:
    """Bodies and parameters are checked, and a refusal quotes nothing of a request."""
    validators = api["x-amazon-apigateway-request-validators"]
    assert validators["body"] == {"validateRequestBody": True, "validateRequestParameters": True}
    assert validators["parameters"]["validateRequestParameters"] is True
    answers = api["x-amazon-apigateway-gateway-responses"]
    assert {"UNAUTHORIZED", "INVALID_API_KEY", "THROTTLED", "BAD_REQUEST_BODY", "WAF_FILTERED"} <= set(
        answers
    )
    quoted = {word for word in json.dumps(answers).replace('"', " ").split() if "$context" in word}
    assert {word.strip("\\,}") for word in quoted} == {"$context.requestId"}


def test_the_stage_logs_no_bodies_traces_and_limits(found: Found) -> None:
    """JSON access logs of names and numbers, no data trace, X-Ray on, a limit above all clients."""
    stage = found.one("aws_api_gateway_stage", "live")
    assert stage["xray_tracing_enabled"] is True
    written = json.loads(stage["access_log_settings"][0]["format"])
    assert not {"$context.path", "$context.identity.apiKey"} & set(written.values())
    settings = found.one("aws_api_gateway_method_settings", "all")["settings"][0]
    assert settings["data_trace_enabled"] is False
    assert (settings["throttling_rate_limit"], settings["throttling_burst_limit"]) == (1000, 2000)


def test_each_client_has_its_own_limits(found: Found) -> None:
    """Rate, burst and quota come from the tenants; clients share a plan only if all three are equal."""
    keys = found.named("aws_api_gateway_usage_plan_key", "client")
    assert set(keys) == set(found.named("aws_cognito_user_pool_client", "this"))
    plans = {plan["id"]: plan for plan in found.named("aws_api_gateway_usage_plan", "limits").values()}
    settlement = plans[keys["shop/settlement"]["usage_plan_id"]]
    limits = settlement["throttle_settings"][0]
    assert (limits["rate_limit"], limits["burst_limit"]) == (20, 40)
    assert settlement["quota_settings"][0]["limit"] == 100000
    shared = {key["usage_plan_id"] for client, key in keys.items() if client.startswith("clinic/")}
    assert shared == {keys["shop/privacy"]["usage_plan_id"]}
    assert len(plans) == 3


def test_nothing_in_the_vpc_leads_out(found: Found) -> None:
    """All functions are in the private subnets, which have no route except to endpoints."""
    for leading_out in ("aws_internet_gateway", "aws_nat_gateway", "aws_route", "aws_eip"):
        assert not found.all(leading_out)
    assert found.one("aws_route_table", "private")["route"] == []
    subnets = {subnet["id"] for subnet in found.named("aws_subnet", "private").values()}
    assert len(subnets) == 3
    group = found.one("aws_security_group", "functions")["id"]
    functions = found.all("aws_lambda_function")
    assert len(functions) == 4
    for function in functions:
        [vpc] = function["vpc_config"]
        assert (set(vpc["subnet_ids"]), vpc["security_group_ids"]) == (subnets, [group])
    ways = found.all("aws_vpc_security_group_egress_rule")
    assert all(way["cidr_ipv4"] is None and (way["from_port"], way["to_port"]) == (443, 443) for way in ways)
    assert {way["security_group_id"] for way in ways} == {group}


def test_endpoints_let_our_roles_through_to_what_is_ours(found: Found) -> None:
    """No endpoint policy names another table, key or bucket, or lets other roles pass."""
    roles = {f["role"] for f in found.all("aws_lambda_function")}
    endpoints = found.named("aws_vpc_endpoint", "gateway") | found.named("aws_vpc_endpoint", "interface")
    assert set(endpoints) == {"dynamodb", "s3", "kms"}
    for service, endpoint in endpoints.items():
        [statement] = json.loads(endpoint["policy"])["Statement"]
        assert set(statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]) == roles
        for resource in listed(statement["Resource"]):
            assert resource.startswith(f"arn:aws:{service}:")
            assert service == "kms" or "tokenvault-" in resource


def test_tables_are_bound_to_the_functions_and_their_endpoint(found: Found, applied: Any) -> None:
    """Denied to whoever is no function, and to functions that come another way; after replicas are made."""
    endpoint = found.named("aws_vpc_endpoint", "gateway")["dynamodb"]["id"]
    bound = found.named("aws_dynamodb_resource_policy", "this")
    assert set(bound) == {"vault", "keys", "audit", "subjects", "idempotency", "budgets"}
    for table in bound.values():
        others, ways = json.loads(table["policy"])["Statement"]
        assert others["Effect"] == ways["Effect"] == "Deny"
        named = {arn.rsplit("/", 1)[1] for arn in others["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]}
        roles = {f"tokenvault-{name}-eu-central-1" for name in ("tokenize", "reveal", "maintain")}
        assert named == roles | {"AWSServiceRoleForDynamoDBReplication"}
        assert ways["Condition"]["StringNotEquals"] == {"aws:SourceVpce": endpoint}
        assert {f"dynamodb:{name}" for name in ("GetItem", "Query", "Scan", "PutItem")} <= {*ways["Action"]}
    policies = [r for r in applied if (r["type"], r["name"]) == ("aws_dynamodb_resource_policy", "this")]
    assert all("module.vault.aws_dynamodb_table_replica.this" in r["depends_on"] for r in policies)


def test_capacity_is_scaled_and_replicas_come_after_it(found: Found) -> None:
    """Provisioned tables follow their use in both Regions; replicas have the key of theirs."""
    assert {table["billing_mode"] for table in found.all("aws_dynamodb_table")} == {"PROVISIONED"}
    for where, tables in (("this", 7), ("replica", 4)):
        targets = found.named("aws_appautoscaling_target", where)
        assert set(found.named("aws_appautoscaling_policy", where)) == set(targets)
        assert len(targets) == 2 * (tables + 2), "reads and writes, of each table and of both indexes"
    key = found.named("aws_kms_replica_key", "this")["tables"]["arn"]
    replicas = found.named("aws_dynamodb_table_replica", "this")
    assert set(replicas) == {"vault", "keys", "policy", "subjects"}
    assert {replica["kms_key_arn"] for replica in replicas.values()} == {key}
    assert not replicas["subjects"]["point_in_time_recovery"]


def test_key_policies_part_administrators_from_users(found: Found) -> None:
    """Administrators use no key, users administer none, and each of them is named; replicas say the same."""
    keys, copies = found.named("aws_kms_key", "this"), found.named("aws_kms_replica_key", "this")
    assert {name: json.loads(key["policy"]) for name, key in keys.items()} == {
        name: json.loads(key["policy"]) for name, key in copies.items()
    }
    managing = {"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey"}
    using = {
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateMac",
        "kms:Sign",
        "kms:CreateGrant",
    }
    looking = {"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"}
    for key in [*keys.values(), found.one("aws_kms_key", "logs"), found.one("aws_kms_key", "archive")]:
        for statement in json.loads(key["policy"])["Statement"]:
            actions, principals = (
                set(listed(statement["Action"])),
                listed(next(iter(statement["Principal"].values()))),
            )
            assert not (actions & managing and actions & using)
            if actions & managing:
                assert principals == list(ADMINISTRATORS)
            if any(principal.endswith(":root") for principal in principals):
                # A plan or an audit looks at a key's settings: neither use nor administration of it.
                assert "Condition" in statement or actions in (looking, {"kms:GetPublicKey", "kms:Verify"})


def test_only_keys_that_can_rotate_do(found: Found) -> None:
    """Once a year; KMS rotates neither HMAC nor signing keys."""
    rotating = {name: key["enable_key_rotation"] for name, key in found.named("aws_kms_key", "this").items()}
    assert {name for name, rotates in rotating.items() if not rotates} == {"hmac", "receipts"}


def test_the_pool_is_for_machines_and_guarded(found: Found) -> None:
    """No sign-up, a second factor, threat protection; clients have the scopes of their actions."""
    pool = found.one("aws_cognito_user_pool")
    assert pool["admin_create_user_config"][0]["allow_admin_create_user_only"] is True
    assert pool["mfa_configuration"] == "ON"
    assert pool["user_pool_add_ons"][0]["advanced_security_mode"] == "ENFORCED"
    clients = found.named("aws_cognito_user_pool_client", "this")
    assert set(clients["shop/checkout"]["allowed_oauth_scopes"]) == {"vault/tokenize", "vault/read"}
    for client in clients.values():
        assert client["allowed_oauth_flows"] == ["client_credentials"]
        assert not client["explicit_auth_flows"]


def test_the_firewall_stands_before_the_stage_and_sees_no_bodies(found: Found) -> None:
    """It is associated, samples nothing, and looks at managed rules only where there is no body."""
    firewall = found.one("aws_wafv2_web_acl")
    association = found.one("aws_wafv2_web_acl_association")
    assert association["resource_arn"] == found.one("aws_api_gateway_stage", "live")["arn"]
    assert association["web_acl_arn"] == firewall["arn"]
    for watched in [firewall, *firewall["rule"]]:
        assert watched["visibility_config"][0]["sampled_requests_enabled"] is False
    rules = {rule["name"]: rule["statement"][0] for rule in firewall["rule"]}
    managed = {
        name: s["managed_rule_group_statement"]
        for name, s in rules.items()
        if s["managed_rule_group_statement"]
    }
    assert len(managed) == 3
    for name, (group,) in managed.items():
        if name != "known-attackers":  # that one looks at addresses only
            [without] = group["scope_down_statement"][0]["not_statement"]
            [size] = without["statement"][0]["size_constraint_statement"]
            assert (size["comparison_operator"], size["size"]) == ("GT", 0)
            assert size["field_to_match"][0]["body"][0]["oversize_handling"] == "MATCH"
    assert rules["rate-by-address"]["rate_based_statement"][0]["aggregate_key_type"] == "IP"
    [custom] = rules["rate-by-api-key"]["rate_based_statement"][0]["custom_key"]
    assert custom["header"][0]["name"] == "x-api-key"


def test_firewall_logs_hold_no_body_path_or_key(found: Found) -> None:
    """Bodies are substituted everywhere; paths, queries and headers with keys or tokens are redacted."""
    protected = found.one("aws_wafv2_web_acl")["data_protection_config"][0]["data_protection"]
    fields = [(p["field"][0]["field_type"], *(p["field"][0]["field_keys"] or [])) for p in protected]
    assert set(fields) == {
        ("BODY",), ("QUERY_STRING",), ("SINGLE_HEADER", "authorization"), ("SINGLE_HEADER", "x-api-key"),
        ("SINGLE_HEADER", "page-cursor"),
    }  # fmt: skip
    logging = found.one("aws_wafv2_web_acl_logging_configuration")
    redacted = {
        field["single_header"][0]["name"]
        if field["single_header"]
        else next(n for n, v in field.items() if v)
        for field in logging["redacted_fields"]
    }
    assert redacted == {"authorization", "x-api-key", "page-cursor", "uri_path", "query_string"}
    groups = found.named("aws_cloudwatch_log_group", "this")
    assert {"waf", "flow", "access"} <= set(groups)
    assert all(group["kms_key_id"] and group["retention_in_days"] >= 365 for group in groups.values())


def test_only_clients_with_a_certificate_come_in(found: Found) -> None:
    """Mutual TLS on a domain of TLS 1.2, a truststore with versions, and no way past the domain."""
    domain = found.one("aws_api_gateway_domain_name")
    [mutual] = domain["mutual_tls_authentication"]
    truststore = found.one("aws_s3_object", "truststore")
    assert mutual["truststore_version"] == truststore["version_id"] != "null"
    assert domain["security_policy"] == "TLS_1_2"
    assert domain["endpoint_configuration"][0]["types"] == ["REGIONAL"]
    assert found.one("aws_api_gateway_rest_api", "rest_api")["disable_execute_api_endpoint"] is True


def test_no_old_tls_and_no_way_past_the_domain_are_in_the_imported_document(api: Any) -> None:
    """API Gateway negotiates by the API's own policy, and a stage serves what its deployment was made of."""
    assert api["x-amazon-apigateway-security-policy"] == "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
    assert api["x-amazon-apigateway-endpoint-access-mode"] == "BASIC"
    assert api["x-amazon-apigateway-endpoint-configuration"] == {"disableExecuteApiEndpoint": True}


def test_api_gateways_own_log_is_ours(found: Found) -> None:
    """Its group is made before the stage, with our key and an end, and a destroy removes it."""
    log = found.one("aws_cloudwatch_log_group", "execution")
    api_id = found.one("aws_api_gateway_rest_api", "rest_api")["id"]
    assert log["name"] == f"API-Gateway-Execution-Logs_{api_id}/live"
    assert log["kms_key_id"] == found.one("aws_kms_key", "logs")["arn"]
    assert log["retention_in_days"] >= 365


def test_the_accounts_role_for_logs_is_left_alone(found: Found) -> None:
    """It is shared by every API of the account, so a stack sets it only where asked to."""
    assert not found.all("aws_api_gateway_account")


def test_no_star_without_a_reason(applied: list[dict[str, Any]]) -> None:
    """Every policy document of every resource: an action or a resource with a `*` stands in `STARS`."""
    read, starred = 0, set()
    for one in applied:
        for document in documents(one["values"]):
            read += 1
            for statement in document["Statement"]:
                starred |= {f"{one['type']}.{one['name']} {star}" for star in stars(one["type"], statement)}
    assert read >= 40
    assert starred == set(STARS)


def test_a_second_plan_is_empty(production: ProductionExample) -> None:
    """Planned again, nothing would change."""
    assert production.second_plan == {}


def test_a_new_client_touches_its_own_and_the_policy(terraform: Terraform) -> None:
    """Its own resources are made; besides, the policy's items change, and what is pinned to its digest."""
    options = with_another_client(terraform, "reporting")
    terraform.run("plan", "-out=more.plan", *options)
    plan = json.loads(terraform.run("show", "-json", "more.plan", interactive=False))
    changed = {
        (change["address"], *change["change"]["actions"])
        for change in plan["resource_changes"]
        if change["change"]["actions"] not in (["no-op"], ["read"])
    }
    pinned = {"tokenize": "api_handler", "reveal": "reveal", "maintain": "maintain"}
    assert changed == {
        ('module.identity.aws_cognito_user_pool_client.this["shop/reporting"]', "create"),
        ('module.identity.aws_api_gateway_api_key.this["shop/reporting"]', "create"),
        ('module.regional.aws_api_gateway_usage_plan_key.client["shop/reporting"]', "create"),
        ("terraform_data.policy", "update"),
        ("aws_dynamodb_table_item.generation", "create", "delete"),
        ("aws_dynamodb_table_item.previous", "delete", "create"),
        ("aws_ssm_parameter.policy", "update"),
        *((f"module.regional.aws_lambda_function.{name}", "update") for name in pinned.values()),
        *((f'module.regional.aws_lambda_alias.live["{name}"]', "update") for name in pinned),
    }


def test_destroy_leaves_nothing(production: ProductionExample) -> None:
    """Last in this file: each Region holds what it held before the example, and nothing else of ours."""
    production.stack.terraform.run("destroy", "-auto-approve", "-refresh=false", *OPTIONS)
    assert inventories(production.stack) == production.before
