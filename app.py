"""The app as Chalice sees it: the routes of `chalicelib/api/routes.py`, and the Lambda functions.

The only file that knows Chalice. A view hands the request to `chalicelib.api` and returns what
comes back; nothing of a request is looked at here.
"""

# ruff: noqa: E402  # what is imported shall not be searched for garbage

import gc

gc.disable()

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from chalice.app import Chalice, CognitoUserPoolAuthorizer, Request, Response

from chalicelib import wiring
from chalicelib.api import cors, problems
from chalicelib.api.handler import respond
from chalicelib.api.messages import JSON_TYPE, ApiRequest, capture_session
from chalicelib.api.routes import ROUTES, Route
from chalicelib.telemetry import framework_logger


class Vault(Chalice):
    """Chalice, except that what it refuses before any view is called is a problem document too.

    Pages of allowed origins may read every answer, also one of a container that cannot be built.
    """

    def __call__(self, event: Any, context: Any) -> Any:
        answer = self._answer(event, context)
        answer["headers"] |= cors.headers(_origin(event), wiring.allowed_origins())
        return answer

    def _answer(self, event: Any, context: Any) -> Any:
        answer = super().__call__(event, context)
        if answer["statusCode"] < 400 or answer["headers"].get("Content-Type") == problems.PROBLEM_TYPE:
            return answer
        request_id = event.get("requestContext", {}).get("requestId", "")
        return _chalice(problems.response(problems.for_status(answer["statusCode"]), request_id)).to_dict([])


app = Vault(app_name="tokenvault", configure_logs=False)
app.log = framework_logger()
app.api.binary_types = []
cognito = CognitoUserPoolAuthorizer("cognito", provider_arns=["${var.user_pool_arns}"])


def declare(route: Route) -> None:
    """Declares a route of the table in `chalicelib/api/routes.py` to Chalice, by its name there."""
    app.route(
        route.path,
        name=route.name,
        methods=[route.method],
        authorizer=cognito.with_scopes(list(route.scopes)) if route.scopes else None,
        api_key_required=route.api_key,
    )(health if route.function == "gateway" else serve)


def serve(**path_parameters: str) -> Response:
    """Hands the current request to the API; it holds the path's parameters, too."""
    request = app.current_request
    assert request is not None  # noqa: S101  # Chalice sets it before it calls a view
    return _chalice(respond(_request(request), wiring.service, wiring.telemetry()))


def health() -> Response:
    """Liveness on a developer's machine. In AWS, API Gateway answers this by itself."""
    return Response({"status": "ok"})


for _route in ROUTES:
    declare(_route)


@app.lambda_function(name="reveal")
def reveal(event: dict[str, Any], context: Any) -> Any:
    """The second function of the same package: its own role, its own routes.

    An operator's event `{"rewrap": "<tenant>"}` has it seal a page of records again; with the number of a
    segment as `part`, the page of that segment's walk. Events `retokenize` have it give values of a type
    their tokens under another PRF key (`service.retokenize_events`). No request can be one: API Gateway
    decides on the names of an event, and puts what a caller sends below them.
    """
    if "rewrap" in event:
        return wiring.rewrap(event, context.aws_request_id)
    if "retokenize" in event:
        return wiring.retokenize(event, context.aws_request_id)
    return app(event, context)


@app.lambda_function(name="maintain")
def maintain(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Keys for every tenant, on a schedule; an event `{"rotate": "<tenant>"}` makes it another, and
    `{"prf_key": <number>}` makes each tenant the PRF key of that number before the policy names it, and says
    of which tenants it was there before, and of which it is not ready.

    Events about the versions of a key are `key_events.MAINTENANCE_EVENTS`, those about new tokens for a type
    `retokenize`.
    """
    from chalicelib.service import key_events  # noqa: PLC0415  # no other function needs it

    if "retokenize" in event:
        return wiring.walk_over_tokens(event)
    if any(name in event for name in key_events.MAINTENANCE_EVENTS):
        return wiring.answer_about_keys(event)
    if (prf_key := key_events.read_prf_key(event)) is not None:
        return wiring.prepare(os.environ, wiring.aws_client, wiring.telemetry(), prf_key)
    run = wiring.maintain(os.environ, wiring.aws_client, wiring.telemetry(), event.get("rotate"))
    return {"made": list(run.keys_made), "ready": list(run.keys_ready)}


@app.lambda_function(name="archive")
def archive(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Copies what is added to the audit table into a bucket where nobody can change it."""
    return wiring.archive(event["Records"])


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
        content_type=request.headers.get("content-type", JSON_TYPE),
        cursor=request.headers.get("page-cursor"),
        capture_session=capture_session(request.headers.get("authorization")),
        origin=request.headers.get("origin"),
    )


def _origin(event: Any) -> str | None:
    """API Gateway hands names of headers on as they came: HTTP/2 sends them in lower case."""
    headers: dict[str, str] = event.get("headers") or {}
    return next((text for name, text in headers.items() if name.lower() == "origin"), None)


def _decoded(parameters: Mapping[str, str]) -> dict[str, str]:
    """Path parameters as the client meant them: API Gateway hands them on percent-encoded, as they came.

    https://github.com/serverless/serverless/issues/5037
    """
    return {name: unquote(text) for name, text in parameters.items()}


def _body(request: Request) -> bytes:
    try:
        raw = request.raw_body
    except ValueError:
        # Half of a surrogate pair has no UTF-8, and `isBase64Encoded` can come with what is no base64: the
        # request is refused like any other that is not UTF-8.
        return b"\xff"
    return raw if isinstance(raw, bytes) else raw.encode()


def _chalice(answer: Any) -> Response:
    return Response(answer.body.decode(), answer.all_headers, answer.status)


wiring.load()
# What was imported stays as long as the container: no later search for garbage looks through it either.
gc.freeze()
gc.enable()
