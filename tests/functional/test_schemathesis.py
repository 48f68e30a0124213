"""Whatever is sent to the described API, it answers as described, never with a 500, and echoes no value.

schemathesis makes the requests, half of them such as fit the description and half such as do not; many are
then steered to types, tokens and subjects that exist, since it cannot know of these.
"""

import ast
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from schemathesis import GenerationMode

from local.openapi.document import PATH
from tests.support import policies
from tests.support.capturing import SHOP
from tests.support.capturing import session as new_session
from tests.support.exports import pem
from tests.support.faults import client_error
from tests.support.front import URL, credentials, session
from tests.support.world import World, world

DOCUMENT = json.loads(PATH.read_text())
OPERATIONS = {
    operation["operationId"]: (method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
OPEN = json.loads(PATH.read_text())
for methods in OPEN["paths"].values():
    for described in methods.values():
        del described["security"]
API = schemathesis.openapi.from_dict(OPEN)
"""The same without credentials, which schemathesis would make up; each request gets those of a client."""

CASES = {
    # operation: how many different requests it gets, out of how many examples
    "tokenize": (500, 1000),
    "search": (400, 850),
    "detokenize": (400, 780),
    "facts": (650, 1700),
    "erase_token": (650, 1700),
    "erase_person": (400, 1100),
    "subject_tokens": (150, 500),
    "import_tokens": (30, 80),
    "open_capture_session": (30, 80),
    "capture": (20, 80),
    "ask_approval": (20, 80),
    "approval": (20, 80),
    "decide_approval": (20, 80),
    "ask_export_approval": (20, 80),
    "begin_export": (20, 80),
    "export_page": (2, 80),
}
"""hypothesis makes many requests more than once; those are not sent again, and do not count."""

SHARE = 1 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 3
"""By day a third of them are made, and every night all."""

AS_DESCRIBED = schemathesis.checks.CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
REFUSED = {400, 413, 415, 422}
"""Statuses of a request that does not fit its description."""

OUR_WORDS = {
    node.value
    for source in (Path(__file__).resolve().parents[2] / "chalicelib").rglob("*.py")
    for node in ast.walk(ast.parse(source.read_text()))
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
}
"""What an answer may say by itself. Hypothesis likes to send the constants of the code that it tests."""

ODD_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text not in "..")


@pytest.fixture(scope="module")
def account() -> Iterator[World]:
    """One account for all cases."""
    written = policies.importing()
    written["tenants"]["clinic"]["clients"]["intake"]["actions"] += ["capture", "export"]
    with world(written) as made:
        yield made


@pytest.fixture(scope="module")
def sender(account: World) -> Iterator[requests.Session]:
    """Requests to that account."""
    with session(account) as made:
        yield made


@pytest.fixture(scope="module")
def values(account: World) -> dict[str, Any]:
    """A value of each information type, by its name."""
    types = account.services["tokenize"].policy.types
    return {
        name: info_type.format.present(info_type.format.facts.example) for name, info_type in types.items()
    }


@pytest.fixture
def tokens(account: World, values: dict[str, Any]) -> list[str]:
    """Tokens of the clinic's, and one of another tenant's."""
    items = [{"type": name, "value": value, "subject": "p1"} for name, value in values.items()]
    made = account.call(
        "tokenize", "POST", "/v1/tokenize", "intake", scopes=("tokenize",), json_body={"items": items}
    )
    others = account.tokenize({"type": "text", "value": "another tenant's"}).only["token"]
    return [others, *(result["token"] for result in made.body["results"] if "token" in result)]


@pytest.fixture(scope="module")
def export(account: World) -> dict[str, str]:
    """A recipient, and what the next page of an export of the clinic's is asked for with."""
    asked = {"recipient": pem(), "purpose": "treatment", "types": ["text"]}
    options = {"scopes": ("export",), "json_body": asked}
    begun = account.call("reveal", "POST", "/v1/exports", "intake", **options).body
    return {"recipient": pem(), "opening": begun["opening"], "cursor": begun["cursor"]}


def steer(
    data: st.DataObject, case: Any, values: dict[str, Any], tokens: list[str], known_texts: dict[str, str]
) -> None:
    """Puts what exists, or what is odd, in the place of what was made up, here and there."""
    for name, known in (("token", tokens), ("subject", ["p1", "p2"])):
        text = data.draw(st.none() | ODD_TEXT | st.sampled_from(known), name)
        if name in case.path_parameters and text is not None:
            case.path_parameters[name] = quote(text, safe="")
    if "Idempotency-Key" in case.headers and data.draw(st.booleans(), "steered"):
        case.headers["Idempotency-Key"] = data.draw(st.uuids()).hex
    for item in _items(case.body):
        if "value" in item and data.draw(st.booleans(), "steered"):
            item["type"] = data.draw(st.sampled_from(sorted(values)))
            item["value"] = data.draw(st.sampled_from([values[item["type"]], item["value"]]))
        if "token" in item and data.draw(st.booleans(), "steered"):
            item["token"] = data.draw(st.sampled_from(tokens))
    if isinstance(case.body, dict) and "purpose" in case.body and data.draw(st.booleans(), "steered"):
        case.body["purpose"] = "treatment"
    if isinstance(case.body, dict):
        # No schema says which texts these are: any other one fits it, and is refused.
        case.body |= {
            name: text for name, text in known_texts.items() if isinstance(case.body.get(name), str)
        }


def _items(body: Any) -> list[dict[str, Any]]:
    items = body.get("items") if isinstance(body, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def fits(operation: Any, case: Any, body: Any) -> bool:
    """Whether a request is one that the document describes."""
    for parameter in operation.get("parameters", []):
        name, pattern = parameter["name"], parameter["schema"].get("pattern", "(?s:.+)")
        text = case.headers.get(name) if parameter["in"] == "header" else unquote(case.path_parameters[name])
        if text is not None and not re.fullmatch(pattern, text):
            return False
    if "requestBody" not in operation:
        return True
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    try:
        # 60.0 is an integer to JSON Schema, but not to the API.
        parsed = json.loads(body or b"", parse_float=lambda _: 0.5)
    except ValueError:
        return False
    return bool(Draft202012Validator({**schema, "components": DOCUMENT["components"]}).is_valid(parsed))


def long_texts(node: Any) -> Iterator[str]:
    """Every text in what was sent that is too long to stand in an answer by chance."""
    if isinstance(node, str) and len(node) >= 8:
        yield node
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from long_texts(child)


def refusals(answer: Any) -> str:
    """All that an answer says of what it refused."""
    if answer is None or "code" in answer:
        return json.dumps(answer, ensure_ascii=False)
    failed = [entry for entry in answer.get("results", []) if "error" in entry]
    return json.dumps(failed, ensure_ascii=False)


def test_there_are_enough_cases() -> None:
    """3,000 different ones a night, and some for each operation except those that take nothing."""
    assert sum(different for different, _ in CASES.values()) >= 3000
    assert set(CASES) == set(OPERATIONS) - {"types", "health"}


@pytest.fixture(scope="module")
def by_session(account: World, values: dict[str, Any]) -> dict[str, str]:
    """The headers of a page with a capture session for all types."""
    terms = {"types": sorted(values), "max_values": 100, "single_use": False}
    return {"Authorization": f"Capture {new_session(account, client='intake', **terms)}", "Origin": SHOP}


@pytest.mark.parametrize("name", CASES)
def test_every_answer_is_as_described(
    sender: requests.Session,
    values: dict[str, Any],
    tokens: list[str],
    by_session: dict[str, str],
    export: dict[str, str],
    name: str,
) -> None:
    """Status, headers, content type and body of each are described; what fits is taken, the rest is not."""
    operation = API.find_operation_by_id(name)
    different, examples = (number // SHARE for number in CASES[name])
    client = "clinic_migration" if name == "import_tokens" else "intake"
    sent: set[str] = set()

    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        data=st.data(),
    )
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any, data: st.DataObject) -> None:
        steer(data, case, values, tokens, export)
        case.headers.update(by_session if name == "capture" else credentials(client))
        made = repr((case.path_parameters, case.query, case.headers, case.body))
        if made in sent:
            return
        sent.add(made)
        response = case.call(session=sender, base_url=URL)
        case.validate_response(response, checks=AS_DESCRIBED)
        taken = response.status_code not in REFUSED
        assert taken == fits(operation.definition.raw, case, response.request.body), response.text
        refused = refusals(response.json() if response.content else None)
        known = set(long_texts(values))
        echoed = {text for text in long_texts(case.body) if text in refused}
        assert not echoed - (OUR_WORDS - known)

    send()
    assert len(sent) >= different


def send_to(sender: requests.Session, name: str, text: str = "x", **options: Any) -> Any:
    """A request to an operation, this text percent-encoded in its path, and the description checked."""
    method, path = OPERATIONS[name]
    url = URL + re.sub(r"\{.+\}", quote(text, safe=""), path)
    options.setdefault("headers", credentials("intake"))
    answer = sender.request(method, url, **options)
    case = API.find_operation_by_id(name).Case(
        path_parameters={"token": text, "subject": text, "approval": text}
    )
    case.validate_response(answer, checks=AS_DESCRIBED)
    return answer


ODD_PATHS = ["%", "%41", "%2F", "a/b", "/", "?x=1", "#", "\x00", "é" * 200, "🂡", "\u202e", " ", "x" * 5000]


def long_keys_are_invalid(_: str, parameters: dict[str, Any]) -> Exception | None:
    """DynamoDB's limit of a partition key in bytes, which the emulator does not know."""
    long = [text for text in long_texts(parameters) if len(text.encode()) > 2048]
    return client_error("ValidationException", 400) if long else None


@pytest.mark.parametrize("text", ODD_PATHS, ids=lambda text: ascii(text)[:12])
def test_odd_paths_are_as_unknown_as_others(
    account: World, sender: requests.Session, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """No token, and no id of a subject, whatever their length and characters."""
    monkeypatch.setattr(account, "fault", long_keys_are_invalid)
    assert send_to(sender, "facts", text).status_code == 404
    assert send_to(sender, "erase_token", text).status_code == 204
    assert send_to(sender, "erase_person", text).status_code == 422


def test_paths_are_percent_decoded(sender: requests.Session) -> None:
    """`%3A` in the id of a subject is a colon, as clients encode it."""
    assert send_to(sender, "erase_person", "crm:17").json()["receipt"]["subject"] == "crm:17"


@pytest.mark.parametrize("key", ["x", "é" * 22, "k" * 129, "k" * 21 + " k", "=" * 22, "\xb2" * 22])
def test_odd_idempotency_keys_are_refused(sender: requests.Session, key: str) -> None:
    """Before anything of the request is carried out."""
    headers = {**credentials("intake"), "Idempotency-Key": key}
    body = {"items": [{"type": "text", "value": "x"}]}
    assert send_to(sender, "tokenize", headers=headers, json=body).json()["code"] == "invalid_request"


def test_refusals_of_sessions_are_described_too(sender: requests.Session, by_session: dict[str, str]) -> None:
    """Without one, of a page of another origin, and with a body of another kind."""
    answers = [
        send_to(sender, "capture", headers={}),
        send_to(sender, "capture", headers=credentials("intake"), json={"items": []}),
        send_to(sender, "capture", headers={**by_session, "Origin": "https://evil.example"}),
        send_to(sender, "capture", headers={**by_session, "Content-Type": "text/plain"}, data="x"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (401, "capture_session_invalid"),
        (401, "capture_session_invalid"),
        (403, "wrong_origin"),
        (415, "unsupported_media_type"),
    ]


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in {"health", "capture"}])
def test_refusals_before_the_functions_are_described_too(sender: requests.Session, name: str) -> None:
    """Without an access token, without its API key, and with a body of another kind."""
    nobody = send_to(sender, name, headers={})
    stranger = send_to(sender, name, headers={**credentials("intake"), "x-api-key": "another"})
    other_kind = {**credentials("intake"), "Content-Type": "text/plain"}
    answers = [nobody, stranger, send_to(sender, name, headers=other_kind, data="x")]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (401, "unauthenticated"),
        (403, "invalid_api_key"),
        (415, "unsupported_media_type"),
    ]
