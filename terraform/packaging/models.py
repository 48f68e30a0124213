"""What API Gateway itself checks of a request, so that no function is started for what cannot be one.

The models are loose on purpose: a body is an object with the right kinds of fields on its first level. What
the service can explain, naming the field and the rule, it explains; API Gateway would only say `invalid`.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from chalicelib.api.approval_bodies import AskApprovalBody, DecisionBody
from chalicelib.api.bodies import ImportBody, SearchBody, TokenizeBody
from chalicelib.api.capture_bodies import CaptureBody, CaptureSessionBody
from chalicelib.api.export_bodies import AskExportBody, ExportBody, ExportPageBody
from chalicelib.api.revealing_bodies import DetokenizeBody

BODIES: Final[Mapping[str, type]] = {
    "/v1/tokenize": TokenizeBody,
    "/v1/import": ImportBody,
    "/v1/capture-sessions": CaptureSessionBody,
    "/v1/capture": CaptureBody,
    "/v1/search": SearchBody,
    "/v1/detokenize": DetokenizeBody,
    "/v1/approvals": AskApprovalBody,
    "/v1/approvals/{approval}/decision": DecisionBody,
    "/v1/exports/approvals": AskExportBody,
    "/v1/exports": ExportBody,
    "/v1/exports/pages": ExportPageBody,
}
"""The body of each route that takes one."""

VALIDATORS: Final = {
    "body": {"validateRequestBody": True, "validateRequestParameters": True},
    "parameters": {"validateRequestBody": False, "validateRequestParameters": True},
}

Document = dict[str, Any]


def models() -> Document:
    """The models by name, in the JSON schema (draft 4) that API Gateway understands."""
    return {body.__name__: _model(body) for body in BODIES.values()}


def model_of(path: str) -> str | None:
    """Name of the model that a route's body is checked against, None where it takes none."""
    return BODIES[path].__name__ if path in BODIES else None


def _model(body: type) -> Document:
    (_,), parts = msgspec.json.schema_components([body], ref_template="{name}")
    schema = parts[body.__name__]
    kinds = {name: kind["type"] for name, kind in schema["properties"].items() if "type" in kind}
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": body.__name__,
        "type": "object",
        "required": schema["required"],
        "properties": {name: _loose(kind) for name, kind in kinds.items()},
    }


def _loose(kind: str) -> Document:
    """A value of a kind, whatever is in it. Swagger wants an array's `items` said, if only to allow all.

    https://swagger.io/specification/v2/#schema-object
    """
    return {"type": kind, "items": {}} if kind == "array" else {"type": kind}
