"""API Gateway: what else is in the body of a REST API than paths and integrations.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from moto.apigateway.models import APIGatewayBackend, Method, RestAPI

from local.emulator.patching import wrap

_ANY: Final = "x-amazon-apigateway-any-method"
_INTEGRATION: Final = "x-amazon-apigateway-integration"
_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", _ANY})
_PLACES: Final[Mapping[str, str]] = {"path": "path", "query": "querystring", "header": "header"}

Document = dict[str, Any]


@wrap(
    APIGatewayBackend,
    "put_rest_api",
    why="moto refuses swagger 2.0, which Chalice writes, does not know integration types in lower case, "
    "gives the API another root resource, and drops authorizers, API keys, validators, models, gateway "
    "responses and the policy",
    seen_on="5.2.5",
)
def _put_rest_api(  # noqa: PLR0917 - moto's signature
    original: Any,
    self: APIGatewayBackend,
    function_id: str,
    api_doc: Document,
    fail_on_warnings: bool = False,
    mode: str = "merge",
) -> RestAPI:
    api = self.get_rest_api(function_id)
    if mode == "overwrite":
        _wipe(api)
    paths = {path: _methods(item) for path, item in api_doc["paths"].items()}
    as_openapi = {"openapi": "3.0.1", "info": api_doc.get("info", {}), "paths": _with_any(paths)}
    original(self, function_id, as_openapi, fail_on_warnings, mode="merge")
    _Import(self, api, api_doc, paths).run()
    return api


def _wipe(api: RestAPI) -> None:
    """Overwriting takes away whatever the body does not state, also what other resources of a plan made."""
    root = api.resources[api.root_resource_id]
    root.resource_methods.clear()
    api.resources = {root.id: root}
    for part in (api.authorizers, api.gateway_responses, api.models, api.request_validators):
        part.clear()


def _methods(item: Document) -> dict[str, Document]:
    """The methods of a path item, without the parameters and the like that it may hold as well."""
    return {method: _normal(operation) for method, operation in item.items() if method.lower() in _METHODS}


def _normal(operation: Document) -> Document:
    """An operation whose integration has its enumerations in capitals, as API Gateway returns them."""
    if _INTEGRATION not in operation:
        return operation
    integration = dict(operation[_INTEGRATION])
    for name in ("type", "passthroughBehavior", "contentHandling"):
        if integration.get(name):
            integration[name] = integration[name].upper()
    return {**operation, _INTEGRATION: integration}


def _with_any(paths: dict[str, dict[str, Document]]) -> dict[str, dict[str, Document]]:
    return {path: {_http_method(name): op for name, op in methods.items()} for path, methods in paths.items()}


def _http_method(name: str) -> str:
    return "ANY" if name == _ANY else name.upper()


class _Import:
    """One import of a document into an API whose paths and integrations exist already."""

    def __init__(
        self,
        backend: APIGatewayBackend,
        api: RestAPI,
        document: Document,
        paths: dict[str, dict[str, Document]],
    ) -> None:
        self._backend = backend
        self._api = api
        self._document = document
        self._paths = paths
        self._authorizers: dict[str, str] = {}
        self._validators: dict[str, str] = {}

    def run(self) -> None:
        self._settings()
        self._models()
        self._make_authorizers()
        self._make_validators()
        self._gateway_responses()
        for path, methods in self._paths.items():
            resource = self._api.get_resource_for_path(path)
            for name, operation in methods.items():
                self._method(resource.resource_methods[_http_method(name)], operation)

    def _settings(self) -> None:
        document = self._document
        if "x-amazon-apigateway-policy" in document:
            self._api.policy = json.dumps(document["x-amazon-apigateway-policy"])
        if "x-amazon-apigateway-binary-media-types" in document:
            self._api.binaryMediaTypes = document["x-amazon-apigateway-binary-media-types"]
        if "x-amazon-apigateway-api-key-source" in document:
            self._api.api_key_source = document["x-amazon-apigateway-api-key-source"]

    def _models(self) -> None:
        schemas = self._document.get("definitions") or self._document.get("components", {}).get("schemas", {})
        for name, schema in schemas.items():
            self._api.add_model(name, schema.get("description", ""), json.dumps(schema), "application/json")

    def _security_schemes(self) -> Document:
        components = self._document.get("components", {})
        schemes: Document = self._document.get("securityDefinitions") or components.get("securitySchemes", {})
        return schemes

    def _make_authorizers(self) -> None:
        for name, scheme in self._security_schemes().items():
            stated = scheme.get("x-amazon-apigateway-authorizer")
            if stated:
                authorizer = self._backend.create_authorizer(
                    self._api.id,
                    name,
                    stated["type"].upper(),
                    provider_arns=stated.get("providerARNs"),
                    auth_type=scheme.get("x-amazon-apigateway-authtype"),
                    authorizer_uri=stated.get("authorizerUri"),
                    authorizer_credentials=stated.get("authorizerCredentials"),
                    identity_source=stated.get("identitySource", f"method.request.header.{scheme['name']}"),
                    authorizer_result_ttl=stated.get("authorizerResultTtlInSeconds", 300),
                )
                self._authorizers[name] = str(authorizer.id)

    def _make_validators(self) -> None:
        for name, stated in self._document.get("x-amazon-apigateway-request-validators", {}).items():
            validator = self._api.create_request_validator(
                name, stated.get("validateRequestBody", False), stated.get("validateRequestParameters", False)
            )
            self._validators[name] = validator.id

    def _gateway_responses(self) -> None:
        for kind, stated in self._document.get("x-amazon-apigateway-gateway-responses", {}).items():
            status = str(stated["statusCode"]) if "statusCode" in stated else None
            self._api.put_gateway_response(
                kind,
                status,  # type: ignore[arg-type]  # moto says int, and hands on the string of the wire
                stated.get("responseParameters", {}),
                stated.get("responseTemplates", {}),
            )

    def _method(self, method: Method, operation: Document) -> None:
        method.operation_name = operation.get("operationId")
        method.request_validator_id = self._validators.get(self._stated_validator(operation))
        parameters = operation.get("parameters", [])
        method.request_parameters = {
            f"method.request.{_PLACES[p['in']]}.{p['name']}": p.get("required", False)
            for p in parameters
            if p.get("in") in _PLACES
        }
        method.request_models = {}
        for schema in (p.get("schema", {}) for p in parameters if p.get("in") == "body"):
            if "$ref" in schema:
                method.request_models["application/json"] = schema["$ref"].rsplit("/", 1)[-1]
        self._secure(method, operation.get("security", self._document.get("security")) or [])

    def _stated_validator(self, operation: Document) -> str:
        name = "x-amazon-apigateway-request-validator"
        stated: str = operation.get(name) or self._document.get(name, "")
        return stated

    def _secure(self, method: Method, security: list[dict[str, list[str]]]) -> None:
        """What a caller has to show, whether the schemes stand in one requirement or in several."""
        method.authorization_type = "NONE"
        schemes = self._security_schemes()
        for name, scopes in ((n, s) for requirement in security for n, s in requirement.items()):
            if name in self._authorizers:
                authorizer = self._api.authorizers[self._authorizers[name]]
                cognito = authorizer.type == "COGNITO_USER_POOLS"
                method.authorization_type = "COGNITO_USER_POOLS" if cognito else "CUSTOM"
                method.authorizer_id = authorizer.id
                method.authorization_scopes = scopes or None
            elif schemes.get(name, {}).get("x-amazon-apigateway-authtype", "").lower() == "awssigv4":
                method.authorization_type = "AWS_IAM"
            elif schemes.get(name, {}).get("name", "").lower() == "x-api-key":
                method.api_key_required = True
