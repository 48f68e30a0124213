"""Events of AWS Lambda, as API Gateway sends them."""

import json
from typing import Any

from tests.support import policies


def event(method: str, route: str, body: Any = None, **changes: Any) -> dict[str, Any]:
    """A Lambda proxy event of API Gateway (REST).

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    made: dict[str, Any] = {
        "resource": route,
        "path": route,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": route,
            "httpMethod": method,
            "requestId": "request-1",
            "identity": {},
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
    return {**made, **changes}


def signed_in(asked: dict[str, Any], client: str, scope: str) -> dict[str, Any]:
    """The event with the claims and the API key that API Gateway found."""
    claims = {"iss": policies.ISSUER, "client_id": f"id-of-{client}", "token_use": "access", "scope": scope}
    context = {
        **asked["requestContext"],
        "authorizer": {"claims": claims},
        "identity": {"apiKeyId": f"key-of-{client}"},
    }
    return {**asked, "requestContext": context}
