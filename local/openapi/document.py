"""The OpenAPI 3.1 document: routes, types and errors put together."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from chalicelib.api.cursors import CURSOR
from chalicelib.api.messages import JSON_TYPE
from chalicelib.api.routes import SERVICE_ROUTES, Route
from chalicelib.auth.scopes import scope
from chalicelib.model import ACTIONS
from chalicelib.service.requests import REQUEST_KEY
from chalicelib.service.subject_ids import SUBJECT
from local.openapi import examples, problems, schemas
from local.openapi.operations import DESCRIBED, Described

PATH: Final = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"

_SCOPES: Final = {
    "tokenize": "take values in and get tokens",
    "import": "store values under tokens that they have from elsewhere",
    "capture": "begin capture sessions, by which pages hand values in",
    "detokenize": "turn tokens back into values",
    "detokenize.masked": "see masks of values",
    "search": "find the token of a known value",
    "read": "see facts about tokens",
    "subjects.read": "see tokens, types and times of subjects",
    "erase": "erase tokens and persons",
    "approve": "approve what somebody else asks to reveal or to export",
    "export": "take all tokens out with their values, sealed to a recipient",
}
_HEALTH: Final = {
    "type": "object",
    "properties": {"status": {"const": "ok"}},
    "required": ["status"],
    "additionalProperties": False,
}
_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "token": {
        "name": "token",
        "in": "path",
        "required": True,
        "description": "A token, percent-encoded. What is no token is as unknown as one that never was.",
        "schema": {"type": "string", "minLength": 1},
    },
    "subject": {
        "name": "subject",
        "in": "path",
        "required": True,
        "description": "The application's own id of a subject. Erasing an unknown one that looks like a card "
        "number is refused; one that was taken in can be read and erased, whatever it looks like.",
        "schema": {"type": "string", "pattern": schemas.pattern(SUBJECT.pattern)},
    },
    "approval": {
        "name": "approval",
        "in": "path",
        "required": True,
        "description": "The id of an approval. What is none is as unknown as one that never was.",
        "schema": {"type": "string", "minLength": 1},
    },
    "Page-Cursor": {
        "name": "Page-Cursor",
        "in": "header",
        "description": "`next_cursor` of the page before. No route takes a query string.",
        "schema": {"type": "string", "pattern": schemas.pattern(CURSOR.pattern)},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Makes a retry of the same request return the same tokens: at least 128 random bits, "
        "for example 22 characters of base64url. For another body it is a conflict.",
        "schema": {"type": "string", "pattern": schemas.pattern(REQUEST_KEY.pattern)},
    },
}


def written() -> str:
    """The document as it stands in the file."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, Any] = {}
    for route in SERVICE_ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    shared = _share_responses(paths)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "tokenvault",
            "version": "1",
            "description": "Values in, tokens out; and back, for those who may. Sensitive values travel in "
            "bodies only. Errors are problem documents (RFC 9457) with a stable `code`; they name the field "
            "and the rule, never the value. API Gateway refuses what is no route of the API with 404.",
        },
        "servers": [
            {
                "url": "https://{host}",
                "description": "The address that Terraform prints, or a domain of your own.",
                "variables": {"host": {"default": "api.example.com"}},
            },
            {"url": "http://127.0.0.1:8000", "description": "`make run`"},
            {
                "url": "https://{host}/people",
                "description": "For people who signed in (authorization code with PKCE), where the vault has "
                "a client for them: the access token is theirs, and there is no API key.",
                "variables": {"host": {"default": "api.example.com"}},
            },
        ],
        "paths": paths,
        "components": {
            "schemas": schemas.components(),
            "responses": shared,
            "headers": problems.DESCRIBED_HEADERS,
            "securitySchemes": _security_schemes(),
        },
    }


def _share_responses(paths: dict[str, Any]) -> dict[str, Any]:
    """Takes problems that several operations have in common out of them; by name, to be referred to."""
    answers = [operation["responses"] for methods in paths.values() for operation in methods.values()]
    shared = {}
    for status in sorted({status for one in answers for status in one if status >= "400"}):
        told = [json.dumps(one[status]) for one in answers if status in one]
        [(common, times)] = Counter(told).most_common(1)
        if times > 1:
            shared[f"Problem{status}"] = json.loads(common)
    for one in answers:
        for status in one:
            if one[status] == shared.get(f"Problem{status}"):
                one[status] = {"$ref": f"#/components/responses/Problem{status}"}
    return shared


def _operation(route: Route) -> dict[str, Any]:
    described = DESCRIBED.get(route.name, Described())
    told = examples.of(route.name)
    parameters = list(_parameters(route, described, told))
    return {
        "operationId": route.name,
        "summary": route.summary,
        "security": _security(route),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": _request(described.request, told)} if described.request else {}),
        "responses": dict([_success(route, described, told), *problems.responses(route, _problems(told))]),
    }


def _security(route: Route) -> list[dict[str, list[str]]]:
    """Any one of the scopes will do; the API key is always the same client's."""
    if route.takes_session:
        return [{"capture_session": []}]
    key: dict[str, list[str]] = {"api_key": []} if route.api_key else {}
    return [{"oauth2": [name]} | key for name in route.scopes]


def _parameters(route: Route, described: Described, told: examples.Examples) -> Iterator[dict[str, Any]]:
    names = [name for name in ("token", "subject", "approval") if f"{{{name}}}" in route.path]
    if described.takes_idempotency_key:
        names.append("Idempotency-Key")
    if described.is_paged:
        names.append("Page-Cursor")
    for name in names:
        shown = {key: {"value": one.parameters[name]} for key, one in told.items() if name in one.parameters}
        yield _PARAMETERS[name] | ({"examples": shown} if shown else {})


def _request(body: type, told: examples.Examples) -> dict[str, Any]:
    shown = {name: {"summary": one.summary, "value": one.body} for name, one in told.items()}
    return {"required": True, "content": {JSON_TYPE: {"schema": schemas.ref(body), "examples": shown}}}


def _success(route: Route, described: Described, told: examples.Examples) -> tuple[str, dict[str, Any]]:
    if route.function == "gateway":
        schema, headers = _HEALTH, {}
    elif described.answer is None:
        return "204", {"description": "Done.", "headers": problems.HEADERS}
    elif described.item_errors:
        schema, headers = schemas.results(described.answer, described.item_errors), problems.HEADERS
    else:
        schema, headers = schemas.ref(described.answer), problems.HEADERS
    content = {JSON_TYPE: {"schema": schema, "examples": _answers(told, route.status)}}
    return str(route.status), {"description": "Done.", "headers": headers, "content": content}


def _answers(told: examples.Examples, status: int) -> dict[str, Any]:
    return {
        name: {"summary": one.summary, "value": one.answer}
        for name, one in told.items()
        if one.status == status
    }


def _problems(told: examples.Examples) -> dict[int, dict[str, Any]]:
    return {one.status: _answers(told, one.status) for one in told.values() if one.status >= 400}


def _security_schemes() -> dict[str, Any]:
    return {
        "oauth2": {
            "type": "oauth2",
            "description": "An access token of the vault's Cognito user pool.",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "https://auth.example.com/oauth2/token",
                    "scopes": {scope(action): _SCOPES[action] for action in ACTIONS},
                }
            },
        },
        "api_key": {
            "type": "apiKey",
            "in": "header",
            "name": "x-api-key",
            "description": "The API key of the same client.",
        },
        "capture_session": {
            "type": "http",
            "scheme": "Capture",
            "description": "A capture session, as `Authorization: Capture <session>`, from a page of the "
            "origin that the session is for: the `Origin` header, which the browser sets.",
        },
    }
