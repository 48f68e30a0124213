"""What the API answers differently once pages of other origins may read its answers.

Three places are left for Terraform to fill in (`modules/regional/cors.tf`), each a text:

- `local.cors.first`: the first allowed origin. A static value cannot depend on the request, so this is what
  an answer names unless a template knows better; to a page of another origin it is as good as none.
- `local.cors.listed`: a condition in VTL, whether `$origin` is allowed.
- `local.cors.repeated`: what API Gateway's own errors name. They know no templates that compute, so that they
  name the only origin, or repeat the request's where the firewall lets no other through (ADR 10).
"""

import json
from typing import Any, Final

from chalicelib.api.cors import EXPOSED_HEADERS

Document = dict[str, Any]

REQUEST_HEADERS: Final = "Authorization, Content-Type, Idempotency-Key, Page-Cursor, X-Api-Key"
"""What a page may send, besides the few headers that every page may."""

MAX_AGE_SECONDS: Final = 7200
"""How long a browser may go by a preflight. Chromium takes no more:
https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age"""

CHOICE: Final = (
    '#set($origin = $input.params("Origin"))\n'
    '#if($origin == "")#set($origin = $input.params("origin"))#end\n'
    "#if(${local.cors.listed})"
    "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)"
    "#end\n"
)
"""A template names the request's origin if that is allowed; HTTP/2 sends names of headers in lower case.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-override-request-response-parameters.html
"""

_FIRST: Final = "'${local.cors.first}'"
_REPEATED: Final = "${local.cors.repeated}"
_RESPONSES: Final = "x-amazon-apigateway-gateway-responses"
_INTEGRATION: Final = "x-amazon-apigateway-integration"


def readable(api: Document) -> Document:
    """The parts of the API that are others, whole: every path, and every gateway response."""
    copy: Document = json.loads(json.dumps(api))
    paths = {path: _with_preflight(methods) for path, methods in copy["paths"].items()}
    responses = {kind: _with_headers(kind, described) for kind, described in copy[_RESPONSES].items()}
    return {"paths": paths, _RESPONSES: responses}


def _with_preflight(methods: Document) -> Document:
    """The methods of a path, those that API Gateway answers itself made readable, and its preflight."""
    for operation in methods.values():
        if operation[_INTEGRATION]["type"] == "mock":
            _make_readable(operation, "200", {"Access-Control-Expose-Headers": f"'{EXPOSED_HEADERS}'"})
    preflight = _preflight(sorted(method.upper() for method in methods))
    if parameters := _of_the_path(next(iter(methods.values()))):
        preflight["parameters"] = parameters
    return methods | {"options": preflight}


def _of_the_path(operation: Document) -> list[Document]:
    """The parameters in a path, which each of its operations declares."""
    return [parameter for parameter in operation.get("parameters", []) if parameter["in"] == "path"]


def _preflight(methods: list[str]) -> Document:
    """Whoever may send the request is found out when it is sent: a browser sends no credentials before."""
    operation: Document = {
        "responses": {"204": {"description": "What pages of allowed origins may send."}},
        _INTEGRATION: {
            "type": "mock",
            "passthroughBehavior": "when_no_match",
            "requestTemplates": {"application/json": '{"statusCode": 204}'},
            "responses": {"default": {"statusCode": "204", "responseTemplates": {"application/json": ""}}},
        },
    }
    allowed = {
        "Access-Control-Allow-Methods": f"'{', '.join(methods)}'",
        "Access-Control-Allow-Headers": f"'{REQUEST_HEADERS}'",
        "Access-Control-Max-Age": f"'{MAX_AGE_SECONDS}'",
    }
    _make_readable(operation, "204", allowed)
    return operation


def _make_readable(operation: Document, status: str, more: dict[str, str]) -> None:
    """Gives an answer of a mock integration its headers; a header needs a declaration, too."""
    headers = {"Access-Control-Allow-Origin": _FIRST, **more, "Vary": "'Origin'"}
    answer = operation[_INTEGRATION]["responses"]["default"]
    templates = answer["responseTemplates"]
    templates["application/json"] = CHOICE + templates["application/json"]
    answer["responseParameters"] = {f"method.response.header.{name}": text for name, text in headers.items()}
    declared = operation.setdefault("responses", {}).setdefault(status, {})
    declared["headers"] = {name: {"type": "string"} for name in headers}


def _with_headers(kind: str, described: Document) -> Document:
    headers = {
        # The firewall refuses other origins, and they must not be repeated.
        "Access-Control-Allow-Origin": _FIRST if kind == "WAF_FILTERED" else _REPEATED,
        "Access-Control-Expose-Headers": f"'{EXPOSED_HEADERS}'",
        "Vary": "'Origin'",
    }
    named = {f"gatewayresponse.header.{name}": text for name, text in headers.items()}
    return described | {"responseParameters": described["responseParameters"] | named}
