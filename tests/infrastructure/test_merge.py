"""The merge rewires what Chalice wrote, and fails loudly where Chalice wrote something else."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator

from chalicelib.api.routes import ROUTES, USER_PREFIX, Route

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "terraform" / "packaging"))

from gateway_responses import gateway_responses  # noqa: E402  # a script's folder, not a package
from merge import UnexpectedShapeError, merge  # noqa: E402  # a script's folder, not a package
from models import BODIES  # noqa: E402  # a script's folder, not a package

RESPONSES = "x-amazon-apigateway-gateway-responses"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Chalice writes for this app."""
    out = tmp_path_factory.mktemp("chalice")
    command = [
        Path(sys.executable).with_name("chalice"),
        "package",
        "--pkg-format",
        "terraform",
        "--stage",
        "aws",
        str(out),
    ]
    subprocess.run(
        command,
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "AWS_DEFAULT_REGION": "us-east-1"},
    )
    return dict(json.loads((out / "chalice.tf.json").read_text()))


@pytest.fixture
def api(written: dict[str, Any]) -> Any:
    """The merged API."""
    return merge(written, ROUTES)["locals"]["chalice_api"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_each_route_goes_to_its_function(api: Any, route: Route) -> None:
    """Each method of each path calls the alias of the function that owns it, or is answered at once."""
    integration = api["paths"][route.path][route.method.lower()]["x-amazon-apigateway-integration"]
    if route.function == "gateway":
        assert integration["type"] == "mock"
        assert "uri" not in integration
    else:
        assert integration["uri"] == f'${{aws_lambda_alias.live["{route.function}"].invoke_arn}}'


def test_nothing_is_left_of_chalices_pins_and_permissions(written: dict[str, Any]) -> None:
    """Version pins, the null data source, outputs and the blanket permission are gone."""
    merged = merge(written, ROUTES)
    assert set(merged) == {"resource", "locals"}
    text = json.dumps(merged)
    assert "null_data_source" not in text
    assert "aws_lambda_permission" not in text
    assert "api_handler.invoke_arn" not in text


def test_the_authorizer_takes_the_pools_of_all_regions(api: Any) -> None:
    """The pools' ARNs come from Terraform."""
    authorizer = api["securityDefinitions"]["cognito"]["x-amazon-apigateway-authorizer"]
    assert authorizer["providerARNs"] == "${var.user_pool_arns}"


@pytest.mark.parametrize("kind", gateway_responses())
def test_gateway_made_errors_are_problem_documents(api: Any, kind: str) -> None:
    """Each is JSON with the fields of every other problem, and its status is the header's."""
    described = api["x-amazon-apigateway-gateway-responses"][kind]
    document = json.loads(described["responseTemplates"]["application/json"])
    assert set(document) == {"type", "title", "status", "code", "detail", "request_id"}
    assert described.get("statusCode", str(document["status"])) == str(document["status"])
    assert (
        described["responseParameters"]["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
    )
    assert "${" not in json.dumps(described), "Terraform would take it for a reference"


@pytest.mark.parametrize("path", BODIES)
def test_a_body_is_checked_loosely(api: Any, path: str) -> None:
    """An object with fields of the right kinds: of all else the service says better what is wrong."""
    items, text = {"type": "array", "items": {}}, {"type": "string"}
    number = {"type": "integer"}
    session = {"types": items, "origin": text, "max_values": number, "ttl_seconds": number}
    others = {
        "/v1/capture-sessions": (["types", "origin"], {**session, "single_use": {"type": "boolean"}}),
        "/v1/approvals": (["items", "purpose"], {"items": items, "purpose": text}),
        "/v1/approvals/{approval}/decision": (["decision"], {}),
        "/v1/exports/approvals": (["recipient", "purpose"], {"recipient": text, "purpose": text}),
        "/v1/exports": (["recipient", "purpose"], {"recipient": text, "purpose": text, "parts": number}),
        "/v1/exports/pages": (["opening", "cursor"], {"opening": text, "cursor": text}),
    }
    model = api["definitions"][BODIES[path].__name__]
    assert model["type"] == "object"
    assert (model["required"], model["properties"]) == others.get(path, (["items"], {"items": items}))
    assert not {"additionalProperties", "maxProperties"} & set(model)
    assert api["paths"][path]["post"]["x-amazon-apigateway-request-validator"] == "body"


def test_the_imported_document_holds_what_variables_decide(written: dict[str, Any]) -> None:
    """Terraform adds the least TLS and the API's own address to the document that API Gateway imports."""
    whole = merge(written, ROUTES)["locals"]["chalice_api_swagger"]
    assert (
        whole
        == "${jsonencode(merge(local.chalice_api, local.api_settings, local.api_cors, local.api_paths))}"
    )


@pytest.fixture
def readable(written: dict[str, Any]) -> Any:
    """The parts of the merged API that are others once pages of other origins may read its answers."""
    return merge(written, ROUTES)["locals"]["chalice_cors"]


def test_without_origins_nothing_is_added(api: Any) -> None:
    """No preflight and no header of CORS is in what is imported then."""
    text = json.dumps(api).lower()
    assert "access-control" not in text
    assert "options" not in {method for methods in api["paths"].values() for method in methods}


def test_with_origins_the_rest_of_the_api_is_the_same(api: Any, readable: Any) -> None:
    """Each path has a preflight more; routes of functions are as they were, as are bodies and statuses."""
    assert set(readable) == {"paths", RESPONSES}
    assert set(readable["paths"]) == set(api["paths"])
    for path, methods in readable["paths"].items():
        assert set(methods) == {*api["paths"][path], "options"}
        for method in set(methods) - {"options"}:
            if "uri" in methods[method]["x-amazon-apigateway-integration"]:
                assert methods[method] == api["paths"][path][method]
    for kind, described in readable[RESPONSES].items():
        same = {k: v for k, v in described.items() if k != "responseParameters"}
        assert same == {k: v for k, v in api[RESPONSES][kind].items() if k != "responseParameters"}


SENT_HEADERS = ["Authorization", "Content-Type", "Idempotency-Key", "Page-Cursor", "X-Api-Key"]


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
def test_a_preflight_is_answered_by_api_gateway_itself(readable: Any, path: str) -> None:
    """Without a function, an authorizer or an API key; it allows the path's methods and our headers."""
    preflight = readable["paths"][path]["options"]
    assert not {"security", "x-amazon-apigateway-request-validator"} & set(preflight)
    integration = preflight["x-amazon-apigateway-integration"]
    assert (integration["type"], "uri" in integration) == ("mock", False)
    assert json.loads(integration["requestTemplates"]["application/json"]) == {"statusCode": 204}
    answer = integration["responses"]["default"]
    named = {n.removeprefix("method.response.header."): v for n, v in answer["responseParameters"].items()}
    assert set(preflight["responses"]["204"]["headers"]) == set(named)
    methods = sorted(route.method for route in ROUTES if route.path == path)
    assert named == {
        "Access-Control-Allow-Origin": "'${local.cors.first}'",
        "Access-Control-Allow-Methods": f"'{', '.join(methods)}'",
        "Access-Control-Allow-Headers": f"'{', '.join(SENT_HEADERS)}'",
        "Access-Control-Max-Age": "'7200'",
        "Vary": "'Origin'",
    }


def test_what_is_imported_is_swagger(api: Any, readable: Any) -> None:
    """A preflight is as valid as the rest: it declares its path's parameters, and its answer's headers."""
    for document in (api, api | readable):
        # API Gateway asks for `$schema` in a model, where Swagger has none.
        models = {n: {k: v for k, v in m.items() if k != "$schema"} for n, m in api["definitions"].items()}
        OpenAPIV2SpecValidator(document | {"definitions": models}).validate()


def test_what_api_gateway_answers_to_health_is_readable(api: Any, readable: Any) -> None:
    """The body is the same; the template before it chooses among several origins."""
    before, after = (a["paths"]["/v1/health"]["get"] for a in (api, readable))
    answer = after["x-amazon-apigateway-integration"]["responses"]["default"]
    template = answer["responseTemplates"]["application/json"]
    whole = before["x-amazon-apigateway-integration"]["responses"]["default"]["responseTemplates"]
    assert template.endswith(whole["application/json"])
    assert "${local.cors.listed}" in template
    assert set(answer["responseParameters"]) == {
        f"method.response.header.{name}" for name in after["responses"]["200"]["headers"]
    }
    assert "method.response.header.Access-Control-Expose-Headers" in answer["responseParameters"]


@pytest.mark.parametrize("kind", gateway_responses())
def test_gateway_made_errors_are_readable(readable: Any, kind: str) -> None:
    """Each names the origin, except that the firewall's never repeats the one it refuses."""
    parameters = readable[RESPONSES][kind]["responseParameters"]
    named = {n.removeprefix("gatewayresponse.header."): v for n, v in parameters.items()}
    origin = "'${local.cors.first}'" if kind == "WAF_FILTERED" else "${local.cors.repeated}"
    assert named["Access-Control-Allow-Origin"] == origin
    assert named["Access-Control-Expose-Headers"] == "'Retry-After, x-amzn-RequestId'"
    assert named["Vary"] == "'Origin'"
    assert named["Content-Type"] == "'application/problem+json'"


def test_no_answer_allows_credentials_or_everybody(readable: Any) -> None:
    """Nothing here knows cookies, and no `*` is an origin."""
    text = json.dumps(readable)
    assert "Allow-Credentials" not in text
    assert "'*'" not in text


def test_every_route_with_a_body_has_a_model(api: Any) -> None:
    """And no other route has one; pages are no people, and have one path."""
    posts = {path for path, methods in api["paths"].items() if "post" in methods}
    assert posts == set(BODIES) | {USER_PREFIX + path for path in BODIES if path != "/v1/capture"}


def _swagger(change: Callable[[Any], None]) -> Callable[[Any], None]:
    def apply(document: Any) -> None:
        swagger = json.loads(document["locals"]["chalice_api_swagger"])
        change(swagger)
        document["locals"]["chalice_api_swagger"] = json.dumps(swagger)

    return apply


def _tokenize(swagger: Any) -> Any:
    return swagger["paths"]["/v1/tokenize"]["post"]


SHAPES: dict[str, Callable[[Any], None]] = {
    "another block": lambda d: d.update(module={}),
    "no data": lambda d: d.pop("data"),
    "another data source": lambda d: d.update(data={"other": {}}),
    "another function": lambda d: d["resource"]["aws_lambda_function"].update(more={}),
    "a function less": lambda d: d["resource"]["aws_lambda_function"].pop("maintain"),
    "another permission": lambda d: d["resource"]["aws_lambda_permission"].update(more={}),
    "no authorizer": _swagger(lambda s: s.pop("securityDefinitions")),
    "another authorizer": _swagger(
        lambda s: s["securityDefinitions"]["cognito"]["x-amazon-apigateway-authorizer"].update(type="token")
    ),
    "a route more": _swagger(lambda s: s["paths"].update({"/v1/more": {"get": {}}})),
    "a route less": _swagger(lambda s: s["paths"].pop("/v1/types")),
    "no scopes": _swagger(lambda s: _tokenize(s).pop("security")),
    "no api key": _swagger(lambda s: _tokenize(s)["security"].pop(0)),
    "another integration": _swagger(
        lambda s: _tokenize(s)["x-amazon-apigateway-integration"].update(
            uri="${aws_lambda_function.other.arn}"
        )
    ),
}


@pytest.mark.parametrize("change", SHAPES.values(), ids=SHAPES.keys())
def test_another_shape_fails_loudly(written: dict[str, Any], change: Callable[[Any], None]) -> None:
    """Whatever Chalice would write otherwise, the merge stops and names the version it knows."""
    other = copy.deepcopy(written)
    change(other)
    with pytest.raises(UnexpectedShapeError, match=r"Chalice 1\.34\.0"):
        merge(other, ROUTES)


def test_a_route_without_an_owner_fails(written: dict[str, Any]) -> None:
    """A route that only `routes.py` knows stops the merge."""
    with pytest.raises(UnexpectedShapeError):
        merge(written, [*ROUTES, Route("more", "GET", "/v1/more", "reveal", "More.")])
