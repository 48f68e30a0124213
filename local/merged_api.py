"""The API as it was deployed: read from the merged `chalice.tf.json`, so that nothing is said twice."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_ALIAS: Final = re.compile(r'\$\{aws_lambda_alias\.live\["(\w+)"\]\.invoke_arn\}')


@dataclass(frozen=True)
class Operation:
    """One method of one path. Without a `function`, API Gateway answers `mock` by itself."""

    scopes: frozenset[str]
    authorizer: bool
    api_key: bool
    function: str | None
    mock: str | None


@dataclass(frozen=True)
class Refusal:
    """An answer that API Gateway makes by itself."""

    status: int
    headers: dict[str, str]
    body: str


class MergedApi:
    """Operations and gateway responses of the REST API."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._api = document["locals"]["chalice_api"]

    @property
    def document(self) -> dict[str, Any]:
        """The API's document as it is written."""
        return dict(self._api)

    @classmethod
    def load(cls, path: Path) -> "MergedApi":
        """From the file that was applied."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def operation(self, method: str, route: str) -> Operation | None:
        """The operation, or None where the API has no such method of that path."""
        described = self._api["paths"].get(route, {}).get(method.lower())
        if described is None:
            return None
        security = {name: scopes for entry in described.get("security", []) for name, scopes in entry.items()}
        integration = described["x-amazon-apigateway-integration"]
        alias = _ALIAS.fullmatch(integration.get("uri", ""))
        return Operation(
            scopes=frozenset(security.get("cognito", ())),
            authorizer="cognito" in security,
            api_key="api_key" in security,
            function=alias[1] if alias else None,
            mock=None
            if alias
            else integration["responses"]["default"]["responseTemplates"]["application/json"],
        )

    def refusal(self, kind: str, request_id: str) -> Refusal:
        """The gateway response of a kind, its placeholders filled in."""
        described = self._api["x-amazon-apigateway-gateway-responses"][kind]
        headers = {
            name.removeprefix("gatewayresponse.header."): value.strip("'")
            for name, value in described["responseParameters"].items()
        }
        body = described["responseTemplates"]["application/json"].replace("$context.requestId", request_id)
        return Refusal(int(described.get("statusCode", json.loads(body)["status"])), headers, body)
