"""The errors that API Gateway makes by itself, as the same problem documents that the functions make.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
from typing import Any, Final

_RESPONSES: Final = {
    # response type: (status, code, title, detail)
    "UNAUTHORIZED": (
        401,
        "unauthenticated",
        "Not authenticated",
        "a valid access token with a scope of this route is needed",
    ),
    "EXPIRED_TOKEN": (401, "unauthenticated", "Not authenticated", "the access token has expired"),
    "ACCESS_DENIED": (403, "not_permitted", "Not permitted", "the access token does not permit this"),
    "AUTHORIZER_FAILURE": (
        503,
        "authorizer_unavailable",
        "Authorizer unavailable",
        "the access token could not be checked; send the request again",
    ),
    "AUTHORIZER_CONFIGURATION_ERROR": (
        500,
        "internal_error",
        "Internal error",
        "the access token could not be checked",
    ),
    "MISSING_AUTHENTICATION_TOKEN": (404, "not_found", "Not found", "there is no such route"),
    "RESOURCE_NOT_FOUND": (404, "not_found", "Not found", "there is no such route"),
    "INVALID_API_KEY": (
        403,
        "invalid_api_key",
        "Invalid API key",
        "the x-api-key header is missing or not a key of this API",
    ),
    "INVALID_SIGNATURE": (403, "not_permitted", "Not permitted", "this API takes no signed requests"),
    "WAF_FILTERED": (403, "request_filtered", "Request filtered", "the request was filtered"),
    "THROTTLED": (429, "throttled", "Too many requests", "the client's rate limit is used up; slow down"),
    "QUOTA_EXCEEDED": (429, "quota_exceeded", "Quota exceeded", "the client's daily quota is used up"),
    "REQUEST_TOO_LARGE": (413, "invalid_request", "Request too large", "the body is too large"),
    "UNSUPPORTED_MEDIA_TYPE": (
        415,
        "unsupported_media_type",
        "Unsupported media type",
        "the body must be application/json",
    ),
    "BAD_REQUEST_BODY": (
        400,
        "invalid_request",
        "Invalid request",
        "the body does not have the described shape",
    ),
    "BAD_REQUEST_PARAMETERS": (
        400,
        "invalid_request",
        "Invalid request",
        "a parameter does not have the described shape",
    ),
    "INTEGRATION_FAILURE": (
        502,
        "function_failed",
        "Function failed",
        "the function did not answer as it should; send the request again",
    ),
    "INTEGRATION_TIMEOUT": (
        504,
        "function_timeout",
        "Function timed out",
        "the function did not answer in time; send the request again",
    ),
    "API_CONFIGURATION_ERROR": (500, "internal_error", "Internal error", "the API is misconfigured"),
    "DEFAULT_4XX": (400, "invalid_request", "Invalid request", "the request was refused"),
    "DEFAULT_5XX": (500, "internal_error", "Internal error", "the request failed; send it again"),
}


def gateway_responses() -> dict[str, Any]:
    """The `x-amazon-apigateway-gateway-responses` of the API.

    The default kinds keep the status that API Gateway chose. A template's content type only selects it,
    so the header is set beside it.
    """
    return {kind: _response(kind, *facts) for kind, facts in _RESPONSES.items()}


def _response(kind: str, status: int, code: str, title: str, detail: str) -> dict[str, Any]:
    document = {
        "type": f"urn:tokenvault:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": "$context.requestId",
    }
    headers = {
        "gatewayresponse.header.Content-Type": "'application/problem+json'",
        "gatewayresponse.header.Cache-Control": "'no-store'",
    }
    chosen = {} if kind.startswith("DEFAULT_") else {"statusCode": str(status)}
    return {
        **chosen,
        "responseParameters": headers,
        "responseTemplates": {"application/json": json.dumps(document)},
    }
