"""API Gateway: the resource policy, integrations without a target, mutual TLS of custom domains."""

import json
from typing import Any, Final

from moto.apigateway.models import Account, APIGatewayBackend, DomainName, RestAPI
from moto.apigateway.responses import APIGatewayResponse

from local.emulator.patching import Extra, wrap


@wrap(
    APIGatewayBackend,
    "put_integration",
    why="a MOCK integration has neither a URI nor an HTTP method, and moto wants both: 500",
    seen_on="5.2.5",
)
def _put_integration(  # noqa: PLR0917 - moto's signature
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
        self,
        function_id,
        resource_id,
        method_type,
        integration_type,
        uri,
        integration_method,
        *args,
        **kwargs,
    )


@wrap(
    RestAPI,
    "to_dict",
    why="API Gateway returns the policy as an escaped JSON string without the outer quotes",
    seen_on="5.2.5",
)
def _to_dict(original: Any, self: RestAPI) -> dict[str, Any]:
    described: dict[str, Any] = original(self)
    if described.get("policy"):
        described["policy"] = json.dumps(described["policy"])[1:-1]
    return described


@wrap(RestAPI, "apply_patch_operations", why="moto takes the string false for true", seen_on="5.2.5")
def _apply_api_patch(original: Any, self: RestAPI, patch_operations: list[dict[str, Any]]) -> None:
    original(self, patch_operations)
    for operation in patch_operations:
        if operation["path"] == "/disableExecuteApiEndpoint":
            self.disableExecuteApiEndpoint = str(operation.get("value")).lower() == "true"


@wrap(
    Account,
    "apply_patch_operations",
    why="an account's log role is taken away by a replacement without a value, which moto answers with 500",
    seen_on="5.2.5",
)
def _apply_account_patch(original: Any, self: Account, patch_operations: list[dict[str, Any]]) -> Account:
    stated = [{**operation, "value": operation.get("value") or None} for operation in patch_operations]
    changed: Account = original(self, stated)
    return changed


_MUTUAL_TLS_WHY: Final = "moto drops mutualTlsAuthentication, so the second plan wants to set it again"

_mutual_tls: Final = Extra[dict[str, Any]]("mutual_tls", dict)


@wrap(APIGatewayResponse, "create_domain_name", why=_MUTUAL_TLS_WHY, seen_on="5.2.5")
def _create_domain_name(original: Any, self: APIGatewayResponse) -> Any:
    status, headers, _ = original(self)
    domain = self.backend.get_domain_name(self._get_param("domainName"))
    _mutual_tls.put(domain, self._get_param("mutualTlsAuthentication") or {})
    return status, headers, json.dumps(domain.to_json())


@wrap(DomainName, "to_json", why=_MUTUAL_TLS_WHY, seen_on="5.2.5")
def _domain_to_json(original: Any, self: DomainName) -> dict[str, Any]:
    stated = _mutual_tls.of(self)
    return {**original(self), **({"mutualTlsAuthentication": stated} if stated else {})}
