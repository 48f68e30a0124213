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

from chalicelib.api.routes import ROUTES, Route

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "terraform" / "packaging"))

from gateway_responses import gateway_responses  # noqa: E402  # a script's folder, not a package
from merge import UnexpectedShapeError, merge  # noqa: E402  # a script's folder, not a package
from models import BODIES  # noqa: E402  # a script's folder, not a package


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
    """An object with a list of items: of all else the service says better what is wrong."""
    model = api["definitions"][BODIES[path].__name__]
    assert (model["type"], model["required"]) == ("object", ["items"])
    assert model["properties"] == {"items": {"type": "array", "items": {}}}
    assert not {"additionalProperties", "maxProperties"} & set(model)
    assert api["paths"][path]["post"]["x-amazon-apigateway-request-validator"] == "body"


def test_the_imported_document_holds_what_variables_decide(written: dict[str, Any]) -> None:
    """Terraform adds the least TLS and the API's own address to the document that API Gateway imports."""
    whole = merge(written, ROUTES)["locals"]["chalice_api_swagger"]
    assert whole == "${jsonencode(merge(local.chalice_api, local.api_settings))}"


def test_every_route_with_a_body_has_a_model(api: Any) -> None:
    """And no other route has one."""
    posts = {path for path, methods in api["paths"].items() if "post" in methods}
    assert posts == set(BODIES)


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
