"""JSON Schemas of the API's types: what `msgspec` says of them, and what a Python type cannot say."""

from inspect import cleandoc
from typing import Any, Final

import msgspec

from chalicelib.api.bodies import (
    FailedBody,
    ImportItemBody,
    SearchItemBody,
    TokenizeItemBody,
)
from chalicelib.api.capture_bodies import CaptureItemBody
from chalicelib.api.problems import Problem, problem_type
from chalicelib.api.revealing_bodies import DetokenizeItemBody
from chalicelib.config import ORIGIN
from chalicelib.formats.card_networks import BRANDS
from chalicelib.formats.registry import FORMATS
from chalicelib.service.claimed_users import CLAIMED_USER
from chalicelib.service.subject_ids import SUBJECT
from chalicelib.vault.approvals import APPROVAL_ID
from local.openapi.operations import DESCRIBED, Errors
from local.openapi.problems import codes

Schema = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"


_FIELDS_OF_MASKS: Final[Schema] = {
    "not": {
        "properties": {"reveal": {"const": "masked"}, "fields": {"type": "array"}},
        "required": ["reveal", "fields"],
    }
}
"""A mask is not narrowed: what the two fields of a request may not say together."""


def pattern(expression: str) -> str:
    """A pattern of the code, which is always matched in full, as JSON Schema has it: anchored."""
    return f"^{expression}$"


def ref(kind: type) -> Schema:
    """A reference to the schema of a type."""
    return {"$ref": _REF.format(name=kind.__name__)}


def results(entry: type, item_errors: Errors) -> Schema:
    """The answer to a batch: an entry or an error for each item, in order."""
    failing = {"properties": {"code": {"enum": sorted({error.code for error in item_errors})}}}
    failed = {"allOf": [ref(FailedBody), {"properties": {"error": failing}}]}
    listed = {
        "description": "One entry for each item of the request, in the same order.",
        "type": "array",
        "items": {"oneOf": [ref(entry), failed]},
        "minItems": 1,
    }
    return {
        "type": "object",
        "properties": {"results": listed},
        "required": ["results"],
        "additionalProperties": False,
    }


def components() -> dict[str, Schema]:
    """The schemas of all types that are sent or answered, by name."""
    used = [kind for one in DESCRIBED.values() for kind in (one.request, one.answer) if kind is not None]
    items = [TokenizeItemBody, ImportItemBody, CaptureItemBody, SearchItemBody, DetokenizeItemBody]
    _, made = msgspec.json.schema_components([*used, *items, FailedBody, Problem], ref_template=_REF)
    for (name, field), more in _more().items():
        made[name]["properties"][field] |= more
    made["DetokenizeBody"] |= _FIELDS_OF_MASKS
    for schema in made.values():
        schema["additionalProperties"] = False
        schema["description"] = cleandoc(schema["description"])
    return dict(sorted(made.items()))


def _more() -> dict[tuple[str, str], Schema]:
    items = sorted({error.code for one in DESCRIBED.values() for error in one.item_errors})
    return {
        ("Problem", "type"): {"pattern": pattern(problem_type("[a-z_]+"))},
        ("Problem", "code"): {"enum": codes()},
        ("Problem", "errors"): {"minItems": 1},
        ("FieldProblem", "code"): {"enum": codes()},
        ("FieldProblem", "pointer"): {"format": "json-pointer"},
        ("ItemErrorBody", "code"): {"enum": items},
        ("DetokenizeBody", "on_behalf_of"): {"pattern": pattern(CLAIMED_USER.pattern)},
        ("CaptureSessionBody", "origin"): {"pattern": pattern(f"({ORIGIN.pattern})")},
        ("CaptureSessionBody", "subject"): {"pattern": pattern(SUBJECT.pattern)},
        ("OpenedSessionBody", "session_id"): {"pattern": pattern(r"[\w-]{22}")},
        ("OpenedSessionBody", "session"): {"pattern": pattern(r"[\w-]+\.[\w-]+")},
        ("ApprovalBody", "approval"): {"pattern": pattern(APPROVAL_ID.pattern)},
        ("BegunExportBody", "export_id"): {"pattern": pattern("[0-9a-f]{32}")},
        ("BegunExportBody", "recipient_sha256"): {"pattern": pattern("[0-9a-f]{64}")},
        ("ExportTermsBody", "recipient_sha256"): {"pattern": pattern("[0-9a-f]{64}")},
        ("ExportedPageBody", "number"): {"minimum": 1},
        ("ExportedPageBody", "walked"): {"minimum": 0, "maximum": 1},
        ("TypeBody", "format"): {"enum": sorted(FORMATS)},
        ("CardBody", "brand"): {"enum": list(BRANDS)},
        ("CardBody", "bin"): {"pattern": pattern("[0-9]{6}([0-9]{2})?")},
        ("CardBody", "fingerprint"): {"pattern": pattern("fp_[a-z2-7]{26}")},
        ("Receipt", "subject"): {"pattern": pattern(SUBJECT.pattern)},
        ("Receipt", "erased_at"): {"format": "date-time"},
        ("Receipt", "tokens_sha256"): {
            "pattern": pattern("[0-9a-f]{64}"),
            "description": "SHA-256 of the closed tokens in the order of their bytes, each with a line feed "
            "behind it; not there if an earlier release erased the subject.",
        },
        ("SignedReceipt", "jws"): {"pattern": pattern(r"[\w-]+\.[\w-]+\.[\w-]+")},
    }
