"""API Gateway's mock integration: an answer that no function makes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import airspeed


@dataclass(frozen=True)
class MockIntegration:
    """One answer. `template` is VTL, and may override the headers."""

    status: int
    headers: Mapping[str, str]
    template: str

    @classmethod
    def of(cls, integration: Mapping[str, Any]) -> "MockIntegration":
        """From what stands under `x-amazon-apigateway-integration`."""
        answer = integration["responses"]["default"]
        named = answer.get("responseParameters", {})
        return cls(
            status=int(answer["statusCode"]),
            headers={n.removeprefix("method.response.header."): v.strip("'") for n, v in named.items()},
            template=answer["responseTemplates"]["application/json"],
        )

    def answer(self, headers: Mapping[str, str]) -> dict[str, Any]:
        """What a request with these headers (names in lower case) gets, as a function would give it."""
        overrides: dict[str, str] = {}
        variables = {"input": _Input(headers), "context": {"responseOverride": {"header": overrides}}}
        body = airspeed.Template(self.template).merge(variables)
        return {
            "statusCode": self.status,
            "headers": {"Content-Type": "application/json", **self.headers, **overrides},
            "multiValueHeaders": {},
            "body": body,
        }


class _Input:
    """`$input`, as far as our templates use it."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def params(self, name: str) -> str:
        """A header by its name, or an empty text."""
        return self._headers.get(name.lower(), "")
