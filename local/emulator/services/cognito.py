"""Cognito user pools: what the control plane refuses, and deleting a resource server."""

from typing import Any, Final

from moto.cognitoidp.exceptions import ResourceNotFoundError
from moto.cognitoidp.models import CognitoIdpBackend, CognitoIdpUserPool
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult

from local.emulator.patching import add, wrap

# Scopes that Cognito itself defines; a client may ask for them whatever resource servers the pool has.
STANDARD_SCOPES: Final = frozenset({"openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"})


@add(
    CognitoIdpResponse,
    "delete_resource_server",
    why="moto cannot delete a resource server, so destroy fails",
    seen_on="5.2.5",
)
def _delete_resource_server(self: CognitoIdpResponse) -> ActionResult:
    servers = self.backend.describe_user_pool(self._get_param("UserPoolId")).resource_servers
    if servers.pop(self._get_param("Identifier"), None) is None:
        raise ResourceNotFoundError("Resource server does not exist.")
    return EmptyResult()


@add(
    CognitoIdpResponse,
    "update_resource_server",
    why="moto cannot change the scopes of a resource server",
    seen_on="5.2.5",
)
def _update_resource_server(self: CognitoIdpResponse) -> ActionResult:
    server = self.backend.describe_resource_server(
        self._get_param("UserPoolId"), self._get_param("Identifier")
    )
    server.name = self._get_param("Name")
    server.scopes = self._get_param("Scopes") or []
    return ActionResult({"ResourceServer": server.to_json()})


@wrap(
    CognitoIdpUserPool,
    "update_extended_config",
    why="a new pool is of the tier ESSENTIALS, so the provider leaves that out; moto then has no tier at "
    "all, and the second plan wants to set it",
    seen_on="5.2.5",
)
def _update_extended_config(original: Any, self: CognitoIdpUserPool, extended_config: dict[str, Any]) -> None:
    original(self, {"UserPoolTier": "ESSENTIALS", **(extended_config or {})})


_CLIENT_WHY: Final = (
    "moto takes clients that Cognito refuses: client_credentials without a secret, and scopes that no "
    "resource server has (a missing dependency in Terraform would then show in a real account only)"
)


@wrap(CognitoIdpBackend, "create_user_pool_client", why=_CLIENT_WHY, seen_on="5.2.5")
def _create_user_pool_client(
    original: Any,
    self: CognitoIdpBackend,
    user_pool_id: str,
    generate_secret: bool,
    extended_config: dict[str, Any],
) -> Any:
    _require_possible(self.describe_user_pool(user_pool_id), bool(generate_secret), extended_config or {})
    return original(self, user_pool_id, generate_secret, extended_config)


@wrap(CognitoIdpBackend, "update_user_pool_client", why=_CLIENT_WHY, seen_on="5.2.5")
def _update_user_pool_client(
    original: Any, self: CognitoIdpBackend, user_pool_id: str, client_id: str, extended_config: dict[str, Any]
) -> Any:
    client = self.describe_user_pool_client(user_pool_id, client_id)
    _require_possible(self.describe_user_pool(user_pool_id), client.generate_secret, extended_config or {})
    return original(self, user_pool_id, client_id, extended_config)


def _require_possible(pool: CognitoIdpUserPool, has_secret: bool, config: dict[str, Any]) -> None:
    if "client_credentials" in (config.get("AllowedOAuthFlows") or []) and not has_secret:
        raise JsonRESTError(
            "InvalidOAuthFlowException",
            "client_credentials flow can not be selected if client does not have a client secret.",
        )
    unknown = set(config.get("AllowedOAuthScopes") or []) - STANDARD_SCOPES - known_scopes(pool)
    if unknown:
        raise JsonRESTError(
            "ScopeDoesNotExistException",
            f"Resource server scope does not exist: {', '.join(sorted(unknown))}",
        )


def known_scopes(pool: CognitoIdpUserPool) -> frozenset[str]:
    """The custom scopes of the pool, written as an access token carries them: `<identifier>/<scope>`."""
    return frozenset(
        f"{server.identifier}/{scope['ScopeName']}"
        for server in pool.resource_servers.values()
        for scope in server.scopes or []
    )
