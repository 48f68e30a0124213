"""The table of contents: each route, who may call it, and the function that serves it.

The only file that knows Chalice. A view hands the request to `chalicelib.api` and returns what
comes back; nothing of a request is looked at here.
"""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from chalice.app import Chalice, CognitoUserPoolAuthorizer, Request, Response

from chalicelib import wiring
from chalicelib.api import problems
from chalicelib.api.handler import respond
from chalicelib.api.messages import ApiRequest
from chalicelib.auth.scopes import ANY_SCOPE, scope
from chalicelib.telemetry import framework_logger


class Vault(Chalice):
    """Chalice, speaking problem documents where it refuses a request before any view sees it."""

    def __call__(self, event: Any, context: Any) -> Any:
        answer = super().__call__(event, context)
        if answer["statusCode"] < 400 or answer["headers"].get("Content-Type") == problems.PROBLEM_TYPE:
            return answer
        request_id = event.get("requestContext", {}).get("requestId", "")
        return _chalice(problems.response(problems.for_status(answer["statusCode"]), request_id)).to_dict([])


app = Vault(app_name="tokenvault", configure_logs=False)
app.log = framework_logger()
app.api.binary_types = []
cognito = CognitoUserPoolAuthorizer("cognito", provider_arns=["${var.user_pool_arns}"])

TOKENIZES = cognito.with_scopes([scope("tokenize")])
SEARCHES = cognito.with_scopes([scope("search")])
READS = cognito.with_scopes([scope("read")])
ERASES = cognito.with_scopes([scope("erase")])
REVEALS = cognito.with_scopes([scope("detokenize"), scope("detokenize.masked")])
ANYONE = cognito.with_scopes(list(ANY_SCOPE))


@app.route("/v1/tokenize", methods=["POST"], authorizer=TOKENIZES, api_key_required=True)
def tokenize() -> Response:
    """Values in, tokens out."""
    return _serve()


@app.route("/v1/search", methods=["POST"], authorizer=SEARCHES, api_key_required=True)
def search() -> Response:
    """Values in, the tokens that they have out; creates nothing."""
    return _serve()


@app.route("/v1/detokenize", methods=["POST"], authorizer=REVEALS, api_key_required=True)
def detokenize() -> Response:
    """Tokens in, values or masks out, on record."""
    return _serve()


@app.route("/v1/tokens/{token}", methods=["GET"], authorizer=READS, api_key_required=True)
def facts(token: str) -> Response:
    """Facts about a token, never its value."""
    return _serve()


@app.route("/v1/tokens/{token}", methods=["DELETE"], authorizer=ERASES, api_key_required=True)
def erase_token(token: str) -> Response:
    """Erases a token for good."""
    return _serve()


@app.route("/v1/subjects/{subject}", methods=["DELETE"], authorizer=ERASES, api_key_required=True)
def erase_person(subject: str) -> Response:
    """Erases everything of a person, and gives a receipt."""
    return _serve()


@app.route("/v1/types", methods=["GET"], authorizer=ANYONE, api_key_required=True)
def types() -> Response:
    """The information types that the caller may use."""
    return _serve()


@app.route("/v1/health", methods=["GET"])
def health() -> Response:
    """Liveness. In AWS, API Gateway answers this by itself."""
    return Response({"status": "ok"})


@app.lambda_function(name="reveal")
def reveal(event: dict[str, Any], context: Any) -> Any:
    """The second function of the same package: its own role, its own routes."""
    return app(event, context)


@app.lambda_function(name="maintain")
def maintain(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Keys for every tenant, on a schedule; an event `{"rotate": "<tenant>"}` makes it another."""
    rotate = event.get("rotate")
    kept = wiring.maintain(os.environ, wiring.aws_client, wiring.telemetry(), rotate)
    return {"made": list(kept.made), "ready": list(kept.ready)}


@app.lambda_function(name="archive")
def archive(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """What is added to the audit table, into a bucket where nobody can change it."""
    return wiring.archive(event["Records"])


def _serve() -> Response:
    request = app.current_request
    assert request is not None  # noqa: S101  # Chalice sets it before it calls a view
    return _chalice(respond(_request(request), wiring.service, wiring.telemetry()))


def _request(request: Request) -> ApiRequest:
    identity = request.context.get("identity") or {}
    return ApiRequest(
        method=request.method,
        route=request.context["resourcePath"],
        path_parameters=_decoded(request.uri_params or {}),
        body=_body(request),
        claims=(request.context.get("authorizer") or {}).get("claims"),
        api_key_id=identity.get("apiKeyId"),
        request_id=request.context.get("requestId", ""),
        idempotency_key=request.headers.get("idempotency-key"),
    )


def _decoded(parameters: Mapping[str, str]) -> dict[str, str]:
    """Path parameters as the client meant them: API Gateway hands them on percent-encoded, as they came.

    https://github.com/serverless/serverless/issues/5037
    """
    return {name: unquote(text) for name, text in parameters.items()}


def _body(request: Request) -> bytes:
    try:
        raw = request.raw_body
    except UnicodeEncodeError:
        # Half of a surrogate pair has no UTF-8: the request is refused like any other that is not UTF-8.
        return b"\xff"
    return raw if isinstance(raw, bytes) else raw.encode()


def _chalice(answer: Any) -> Response:
    return Response(answer.body.decode(), answer.all_headers, answer.status)
