"""API Gateway: REST APIs made from a body, the resource policy, usage plans."""

import json
from typing import Any

from moto.apigateway.models import APIGatewayBackend, RestAPI, UsagePlan

from local.emulator.patching import wrap


@wrap(
    APIGatewayBackend,
    "put_integration",
    why="a MOCK integration has neither a URI nor an HTTP method, and moto wants both: 500",
)
def _put_integration(
    original: Any,
    self: APIGatewayBackend,
    function_id: str,
    resource_id: str,
    method_type: str,
    integration_type: str,
    uri: str | None = None,
    integration_method: str | None = None,
    *args: Any,
    **kwargs: Any,
) -> Any:
    return original(
        self, function_id, resource_id, method_type, integration_type, uri, integration_method, *args, **kwargs
    )


@wrap(
    APIGatewayBackend,
    "put_rest_api",
    why="moto refuses swagger 2.0, which Chalice writes; of what moto reads, both versions look the same",
)
def _put_rest_api(
    original: Any, self: APIGatewayBackend, function_id: str, api_doc: dict[str, Any], *args: Any, **kwargs: Any
) -> RestAPI:
    if api_doc.get("swagger") == "2.0":
        api_doc = {"openapi": "3.0.1", **{name: part for name, part in api_doc.items() if name != "swagger"}}
    api: RestAPI = original(self, function_id, api_doc, *args, **kwargs)
    return api


@wrap(RestAPI, "to_dict", why="API Gateway returns the policy as an escaped JSON string without the outer quotes")
def _to_dict(original: Any, self: RestAPI) -> dict[str, Any]:
    described: dict[str, Any] = original(self)
    if described.get("policy"):
        described["policy"] = json.dumps(described["policy"])[1:-1]
    return described


@wrap(
    UsagePlan,
    "apply_patch_operations",
    why="moto cannot take a stage with a per-method throttle out of a usage plan: 500 on destroy",
)
def _apply_patch_operations(original: Any, self: UsagePlan, patch_operations: list[dict[str, Any]]) -> None:
    others = []
    for operation in patch_operations:
        if (operation["op"], operation["path"]) == ("remove", "/apiStages"):
            api_id, stage = operation["value"].split(":")
            self.api_stages = [s for s in self.api_stages if (s["apiId"], s["stage"]) != (api_id, stage)]
        else:
            others.append(operation)
    original(self, others)
