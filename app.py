"""The table of contents: each route, who may call it, and the use case behind it.

The only file that knows Chalice. Every view hands the request to `chalicelib.api` and
returns what comes back; nothing of a request is looked at here.
"""

from typing import Any

from chalice import CognitoUserPoolAuthorizer
from chalice.app import Chalice, Response

app = Chalice(app_name="tokenvault")
app.api.binary_types = []
cognito = CognitoUserPoolAuthorizer("cognito", provider_arns=["${var.user_pool_arns}"])


@app.route("/v1/tokenize", methods=["POST"], authorizer=cognito.with_scopes(["vault/tokenize"]), api_key_required=True)
def tokenize() -> Response:
    return Response({})


@app.route("/v1/tokens/{token}", methods=["GET"], authorizer=cognito.with_scopes(["vault/read"]), api_key_required=True)
def facts(token: str) -> Response:
    return Response({})


@app.route("/v1/detokenize", methods=["POST"], authorizer=cognito.with_scopes(["vault/detokenize", "vault/detokenize.masked"]), api_key_required=True)
def detokenize() -> Response:
    return Response({})


@app.route("/v1/types", methods=["GET"], authorizer=cognito.with_scopes(["vault/tokenize", "vault/detokenize", "vault/detokenize.masked", "vault/search", "vault/read", "vault/erase"]), api_key_required=True)
def types() -> Response:
    return Response({})


@app.route("/v1/health", methods=["GET"])
def health() -> Response:
    return Response({"status": "ok"})


@app.lambda_function(name="reveal")
def reveal(event: dict[str, Any], context: Any) -> Any:
    return app(event, context)


@app.schedule("rate(1 day)", name="maintain")
def maintain(event: Any) -> Any:
    return {}
