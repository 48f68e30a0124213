"""From what Chalice writes to what `modules/regional` holds.

Only what cannot be said in HCL happens here: deletions and rewiring. Each step asserts what it
expects to find, so that another version of Chalice fails here and not in an account.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from cors import readable
from gateway_responses import gateway_responses
from models import VALIDATORS, model_of, models

from chalicelib.api.routes import USER_PREFIX, Route

CHALICE: Final = "1.34.0"
FUNCTIONS: Final = {
    "tokenize": "api_handler",
    "reveal": "reveal",
    "maintain": "maintain",
    "archive": "archive",
}
"""Chalice's name of each function: what serves the API by default is its `api_handler`."""

MOCK: Final = {
    "type": "mock",
    "passthroughBehavior": "when_no_match",
    "requestTemplates": {"application/json": '{"statusCode": 200}'},
    "responses": {
        "default": {"statusCode": "200", "responseTemplates": {"application/json": '{"status": "ok"}'}}
    },
}

WHOLE_API: Final = (
    "${jsonencode(merge(local.chalice_api, local.api_settings, local.api_cors, local.api_paths))}"
)
"""What Chalice writes and what Terraform's variables decide, as the one document that API Gateway imports."""

Document = dict[str, Any]


class UnexpectedShapeError(Exception):
    """Chalice's output is not what this merge was written for."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Chalice's Terraform is not what the merge expects of Chalice {CHALICE}: {what}. "
            "Go through terraform/packaging/merge.py with the new output beside it."
        )


def merge(written: Document, routes: Iterable[Route]) -> Document:
    """Chalice's document, rewired for two functions behind aliases. `written` is left as it is."""
    document: Document = json.loads(json.dumps(written))
    _expect(set(document) == {"resource", "locals", "terraform", "data", "output"}, "other top-level blocks")
    _expect(_functions(document) == set(FUNCTIONS.values()), f"other functions than {', '.join(FUNCTIONS)}")
    _drop(document)
    swagger = json.loads(document["locals"]["chalice_api_swagger"])
    _rewire_routes(swagger, list(routes))
    _complete(swagger)
    document["locals"] = {
        "chalice_api": swagger,
        "chalice_cors": readable(swagger),
        "chalice_api_swagger": WHOLE_API,
    }
    return document


def alias(function: str, attribute: str) -> str:
    """A reference to an attribute of a function's alias."""
    return f'${{aws_lambda_alias.live["{function}"].{attribute}}}'


def _functions(document: Document) -> set[str]:
    return set(document["resource"].get("aws_lambda_function", {}))


def _drop(document: Document) -> None:
    """Takes out Chalice's version pins, its null data source, its outputs and its blanket permission."""
    _expect("null_data_source" in document["data"], "no null_data_source")
    del document["terraform"], document["data"], document["output"]
    permissions = document["resource"].pop("aws_lambda_permission")
    _expect(set(permissions) == {"rest_api_invoke"}, "other permissions than rest_api_invoke")


def _rewire_routes(swagger: Document, routes: list[Route]) -> None:
    """Points each method of each path at its owner: an alias, or API Gateway itself."""
    declared = {(method.upper(), path) for path, methods in swagger["paths"].items() for method in methods}
    known = {(route.method, route.path) for route in routes}
    _expect(declared == known, f"app.py and chalicelib/api/routes.py differ in {sorted(declared ^ known)}")
    for route in routes:
        operation = swagger["paths"][route.path][route.method.lower()]
        integration = operation["x-amazon-apigateway-integration"]
        _expect(
            integration["uri"] == "${aws_lambda_function.api_handler.invoke_arn}", "another integration uri"
        )
        _expect(
            _security(operation) == _wanted_security(route), f"other security of {route.method} {route.path}"
        )
        if route.function == "gateway":
            operation["x-amazon-apigateway-integration"] = MOCK
        else:
            integration["uri"] = alias(route.function, "invoke_arn")
        _validate(operation, model_of(route.path.removeprefix(USER_PREFIX)))


def _validate(operation: Document, model: str | None) -> None:
    """Has API Gateway check the path's parameters and, where there is one, the body."""
    operation["x-amazon-apigateway-request-validator"] = "body" if model else "parameters"
    if model:
        body = {"in": "body", "name": model, "required": True, "schema": {"$ref": f"#/definitions/{model}"}}
        operation["parameters"] = [*operation.get("parameters", []), body]


def _security(operation: Document) -> Document:
    return {name: sorted(scopes) for entry in operation.get("security", []) for name, scopes in entry.items()}


def _wanted_security(route: Route) -> Document:
    key: Document = {"api_key": []} if route.api_key else {}
    return key | ({"cognito": sorted(route.scopes)} if route.scopes else {})


def _complete(swagger: Document) -> None:
    """Everything about the API stands in its body: PutRestApi wipes what sibling resources made."""
    definitions = swagger.get("securityDefinitions", {})
    _expect("cognito" in definitions, "no authorizer named cognito")
    authorizer = definitions["cognito"]["x-amazon-apigateway-authorizer"]
    _expect(authorizer["type"] == "cognito_user_pools", "another type of authorizer")
    authorizer["providerARNs"] = "${var.user_pool_arns}"
    swagger["x-amazon-apigateway-gateway-responses"] = gateway_responses()
    swagger["x-amazon-apigateway-request-validators"] = VALIDATORS
    swagger["x-amazon-apigateway-policy"] = "${local.api_policy}"
    swagger["definitions"] |= models()


def _expect(found: bool, what: str) -> None:
    if not found:
        raise UnexpectedShapeError(what)
