"""The API as it was deployed: read from the merged `chalice.tf.json`, so that nothing is said twice."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local.mock_integration import MockIntegration

_ALIAS: Final = re.compile(r'\$\{aws_lambda_alias\.live\["(\w+)"\]\.invoke_arn\}')
_FROM_REQUEST: Final = "method.request.header."


@dataclass(frozen=True)
class Operation:
    """One method of one path. Without a `function`, API Gateway answers `mock` by itself."""

    scopes: frozenset[str]
    authorizer: bool
    api_key: bool
    function: str | None
    mock: MockIntegration | None


@dataclass(frozen=True)
class Refusal:
    """An answer that API Gateway makes by itself."""

    status: int
    headers: dict[str, str]
    body: str


class MergedApi:
    """Operations and gateway responses of the REST API, whose answers pages of `origins` may read."""

    def __init__(self, document: Mapping[str, Any], origins: Sequence[str] = ()) -> None:
        self._merged, self.origins = document["locals"]["chalice_api"], frozenset(origins)
        self._api = self._merged
        if origins:
            self._api = self._merged | _filled(document["locals"]["chalice_cors"], origins)

    @property
    def document(self) -> dict[str, Any]:
        """The API's document as it is written, without what origins change."""
        return dict(self._merged)

    @property
    def imported(self) -> dict[str, Any]:
        """The document as API Gateway imports it, except the references to other resources."""
        return dict(self._api)

    @classmethod
    def load(cls, path: Path, origins: Sequence[str] = ()) -> "MergedApi":
        """From the file that was applied."""
        return cls(json.loads(path.read_text(encoding="utf-8")), origins)

    def keeps_out(self, origin: str | None) -> bool:
        """Whether the firewall does, which a stack with several origins has: `terraform/modules/edge`."""
        return len(self.origins) > 1 and bool(origin) and origin not in self.origins

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
            mock=None if alias else MockIntegration.of(integration),
        )

    def refusal(self, kind: str, request_id: str, headers: Mapping[str, str]) -> Refusal:
        """The gateway response of a kind, for a request with these headers (names in lower case)."""
        described = self._api["x-amazon-apigateway-gateway-responses"][kind]
        named = {
            name.removeprefix("gatewayresponse.header."): _mapped(expression, headers)
            for name, expression in described["responseParameters"].items()
        }
        body = described["responseTemplates"]["application/json"].replace("$context.requestId", request_id)
        return Refusal(
            status=int(described.get("statusCode", json.loads(body)["status"])),
            headers={name: text for name, text in named.items() if text is not None},
            body=body,
        )


def _mapped(expression: str, headers: Mapping[str, str]) -> str | None:
    """What a mapping expression stands for: a static text, or a header of the request if it is there."""
    if expression.startswith(_FROM_REQUEST):
        return headers.get(expression.removeprefix(_FROM_REQUEST).lower())
    return expression.strip("'")


def _filled(described: Mapping[str, Any], origins: Sequence[str]) -> dict[str, Any]:
    """With the origins in their places, as `terraform/modules/regional/cors.tf` fills them in."""
    first, *others = origins
    places = {
        "first": first,
        "listed": " || ".join(f'$origin == "{origin}"' for origin in origins),
        "repeated": f"{_FROM_REQUEST}Origin" if others else f"'{first}'",
    }
    text = json.dumps(described)
    for name, value in places.items():
        text = text.replace(f"${{local.cors.{name}}}", json.dumps(value)[1:-1])
    return dict(json.loads(text))
