"""`docs/openapi.json` says what the API does: its routes, its errors and its examples, to the last field."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import validate

import app as table_of_contents
from chalicelib import errors
from chalicelib.api.routes import PEOPLE_ROUTES, ROUTES, SERVICE_ROUTES, USER_PREFIX
from local.openapi.document import PATH, written
from local.openapi.example import Example
from local.openapi.examples import EXAMPLES, TYPES
from local.openapi.operations import every_error
from local.openapi.problems import by_gateway
from tests.support import policies
from tests.support.front import URL, credentials, session
from tests.support.world import world

DOCUMENT = json.loads(PATH.read_text())
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
WHO = {"tokenize": "checkout", "facts": "checkout", "types": "checkout", "detokenize": "settlement"} | {
    "import_tokens": "migration",
    "open_capture_session": "checkout",
    "ask_approval": "settlement",
    "approval": "officer",
    "decide_approval": "officer",
    "ask_export_approval": "mover",
    "begin_export": "mover",
    "export_page": "mover",
}
"""Which client sends the examples of an operation; the others are the privacy officer's."""

MADE_UP = {
    "token",
    "created",
    "expires_at",
    "request_id",
    "jws",
    "erased_at",
    "vault_id",
    "in_backups_until",
} | {"fingerprint", "tokens_sha256", "approval", "asked_at", "decided_at", "session", "expires", "session_id"}
MADE_UP |= {"export_id", "opening", "cursor", "cursors", "begun_at", "sealed", "receipt"}
"""Fields that differ each time."""

LEARNT_FROM = {"tokenize", "ask_approval", "open_capture_session", "ask_export_approval", "begin_export"}
"""Operations whose answers later requests need something of."""


def test_the_file_is_what_the_code_says() -> None:
    """Stale? `make openapi` writes it anew."""
    assert PATH.read_text() == written()


def test_it_is_openapi() -> None:
    """The document follows OpenAPI 3.1, and each schema in it JSON Schema 2020-12."""
    validate(DOCUMENT)


def test_routes_are_those_of_the_app() -> None:
    """Methods, paths, scopes and API keys are those that `app.py` declares, and the other way round."""
    declared = {
        (entry.view_name, method, path): (
            frozenset(entry.authorizer.scopes if entry.authorizer else ()),
            bool(entry.api_key_required),
        )
        for path, methods in table_of_contents.app.routes.items()
        for method, entry in methods.items()
        if not path.startswith(USER_PREFIX)
    }
    described = {
        (name, method, path): (
            frozenset(scope for demand in operation["security"] for scope in demand.get("oauth2", ())),
            bool(operation["security"]) and all("api_key" in demand for demand in operation["security"]),
        )
        for name, (method, path, operation) in OPERATIONS.items()
    }
    assert described == declared
    flow = DOCUMENT["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert set(flow["scopes"]) == {scope for route in ROUTES for scope in route.scopes}


def test_people_have_every_route_that_asks_for_an_access_token() -> None:
    """At an address of the document's own, with the same scopes and without an API key."""
    assert f"https://{{host}}{USER_PREFIX}" in {server["url"] for server in DOCUMENT["servers"]}
    asked = {
        (route.method, USER_PREFIX + route.path, route.scopes) for route in SERVICE_ROUTES if route.scopes
    }
    assert {(route.method, route.path, route.scopes) for route in PEOPLE_ROUTES} == asked
    assert not any(route.api_key for route in PEOPLE_ROUTES)


def resolved(node: Any) -> Any:
    """The node, or what it refers to."""
    while "$ref" in node:
        node = DOCUMENT["components"][node["$ref"].split("/")[2]][node["$ref"].split("/")[3]]
    return node


def problem_kinds(operation: Any) -> set[tuple[int, str]]:
    """The statuses and codes of an operation's problems."""
    problems = [resolved(answer) for status, answer in operation["responses"].items() if status >= "400"]
    narrowed = [answer["content"]["application/problem+json"]["schema"]["allOf"][1] for answer in problems]
    return {
        (schema["properties"]["status"]["const"], code)
        for schema in narrowed
        for code in schema["properties"]["code"]["enum"]
    }


def item_codes(operation: Any) -> set[str]:
    """The codes of an operation's items."""
    content = resolved(operation["responses"].get("200", {})).get("content", {})
    results = content.get("application/json", {}).get("schema", {}).get("properties", {}).get("results")
    if results is None:
        return set()
    return set(results["items"]["oneOf"][1]["allOf"][1]["properties"]["error"]["properties"]["code"]["enum"])


def test_problems_are_the_errors() -> None:
    """Each error of the tree is described with its status, or for items, and nothing else is."""
    described = {kind for _, _, operation in OPERATIONS.values() for kind in problem_kinds(operation)}
    of_items = {code for _, _, operation in OPERATIONS.values() for code in item_codes(operation)}
    made = {(error.status, error.code) for error in every_error()}
    by_api_gateway = {(kind.status, kind.code) for kind in by_gateway().values()}
    no_route = {(404, "not_found"), (405, "method_not_allowed")}
    assert described == {kind for kind in made | by_api_gateway if kind[1] not in ITEMS_ONLY} - no_route
    assert ITEMS_ONLY <= of_items <= {code for _, code in made}
    schemas = DOCUMENT["components"]["schemas"]
    assert set(schemas["Problem"]["properties"]["code"]["enum"]) == {
        code for _, code in made | by_api_gateway
    }
    assert set(schemas["ItemErrorBody"]["properties"]["code"]["enum"]) == of_items


ITEMS_ONLY = {
    error.code
    for error in (errors.UnknownType, errors.TokenSpaceExhausted, errors.SubjectErased, errors.TokenTaken)
}
"""Errors that never concern a request as a whole."""


def objects(node: Any) -> Iterator[Any]:
    """Every schema of an object in the document that lists properties of its own."""
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            yield node
        for child in node.values():
            yield from objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from objects(child)


def test_no_object_takes_fields_that_are_not_described() -> None:
    """What is not in the description is neither taken nor answered."""
    found = list(objects(DOCUMENT["components"]["schemas"])) + list(objects(DOCUMENT["paths"]))
    assert len(found) > 15
    assert all(described["additionalProperties"] is False for described in found)


def test_every_operation_has_examples() -> None:
    """For its success at least; and the examples in the document are those of the code."""
    assert {example.operation for example in EXAMPLES if example.status < 300} == set(OPERATIONS)
    assert len({(example.operation, example.name) for example in EXAMPLES}) == len(EXAMPLES)


def schema_errors(schema: Any, instance: Any) -> list[str]:
    """How a JSON value breaks a schema of the document."""
    validator = Draft202012Validator({**schema, "components": DOCUMENT["components"]}, validate_formats=True)
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(instance)]


def answer_errors(operation: Any, status: int, answer: Any) -> list[str]:
    """How the body of an answer breaks its description."""
    content = resolved(operation["responses"][str(status)]).get("content", {})
    if not content:
        return [] if answer is None else ["there is a body"]
    [described] = content.values()
    return schema_errors(described["schema"], answer)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.operation}-{example.name}")
def test_examples_fit_the_schemas(example: Example) -> None:
    """Bodies and answers alike; a request that is refused as malformed does not fit."""
    _, _, operation = OPERATIONS[example.operation]
    if "requestBody" in operation:
        broken = schema_errors(
            operation["requestBody"]["content"]["application/json"]["schema"], example.body
        )
        assert bool(broken) == (example.status == 400), broken
    assert answer_errors(operation, example.status, example.answer) == []


def send(sender: requests.Session, example: Example, tokens: dict[str, str]) -> tuple[int, str | None, Any]:
    """Sends an example, with the tokens that were really made for those that it names."""
    method, path, _ = OPERATIONS[example.operation]
    known = {name: tokens.get(text, text) for name, text in example.parameters.items()}
    for name, text in known.items():
        path = path.replace(f"{{{name}}}", quote(text, safe=""))
    body = json.dumps(example.body)
    for shown, made in tokens.items():
        body = body.replace(shown, made)
    headers = {**credentials(WHO.get(example.operation, "privacy")), "Content-Type": "application/json"}
    headers |= {name: text for name, text in known.items() if name in {"Idempotency-Key", "Origin"}}
    if "session" in known:
        headers["Authorization"] = f"Capture {known['session']}"
    answer = sender.request(
        method, URL + path, headers=headers, data=None if example.body is None else body.encode()
    )
    return (
        answer.status_code,
        answer.headers.get("Content-Type"),
        answer.json() if answer.content else None,
    )


def learn(shown: Any, made: Any, tokens: dict[str, str]) -> None:
    """Notes which token was made for which one of the examples."""
    if "approval" in shown:
        tokens[shown["approval"]] = made["approval"]
    for name in ("session", "opening", "cursor"):
        if name in shown:
            tokens[shown[name]] = made[name]
    for entry, really in zip(shown.get("results", ()), made.get("results", ()), strict=True):
        if "token" in entry:
            tokens[entry["token"]] = really["token"]


def plain(node: Any) -> Any:
    """An answer without what differs each time: null stays null, the rest is a word."""
    if isinstance(node, dict):
        return {
            name: (None if child is None else "made up") if name in MADE_UP else plain(child)
            for name, child in node.items()
        }
    return [plain(child) for child in node] if isinstance(node, list) else node


def test_examples_are_what_happens() -> None:
    """Each example, sent in turn, is answered as it says, in the fields that do not differ each time."""
    tokens: dict[str, str] = {}
    written_types = {name: dict(info_type) for name, info_type in TYPES.items()}
    written_policy = policies.migrating(policies.approving(written_types, over_per_hour=100))
    written_policy = policies.exporting(written_policy, approval={})
    written_policy["tenants"]["shop"]["clients"]["settlement"]["on_behalf_of"] = True
    with world(written_policy) as account, session(account) as sender:
        for example in EXAMPLES:
            status, content_type, answer = send(sender, example, tokens)
            assert (status, plain(answer)) == (example.status, plain(example.answer)), example
            operation = OPERATIONS[example.operation][2]
            described = resolved(operation["responses"][str(status)]).get("content", {})
            assert answer is None or content_type in described
            assert answer_errors(operation, status, answer) == []
            if example.operation in LEARNT_FROM and status < 300:
                learn(example.answer, answer, tokens)
    assert len(tokens) == 10
