"""What is said of a field that is not as it must be."""

import json
import re
from typing import Any

import pytest

from chalicelib.api.approval_bodies import DecisionBody
from chalicelib.api.bodies import TokenizeBody, TokenizeItemBody
from chalicelib.api.reading import read, read_items
from chalicelib.api.revealing_bodies import DetokenizeBody
from chalicelib.errors import BatchTooLarge, InvalidRequest

TOKENS = {"items": [{"token": "t"}]}


@pytest.mark.parametrize(
    ("kind", "body", "pointer", "allowed"),
    [
        (DetokenizeBody, {**TOKENS, "reveal": "mask"}, "/reveal", "full, masked"),
        (DetokenizeBody, {**TOKENS, "fields": ["number", "mask"]}, "/fields/1", "number, expiry, holder"),
        (DecisionBody, {"decision": "mask"}, "/decision", "approve, refuse"),
    ],
)
def test_a_value_that_is_none_of_a_few_is_told_which_they_are(
    kind: type, body: dict[str, Any], pointer: str, allowed: str
) -> None:
    """Our own names alone: what the caller wrote may be a value in the wrong place."""
    with pytest.raises(InvalidRequest) as raised:
        read(json.dumps(body).encode(), kind)
    assert raised.value.pointer == pointer
    assert str(raised.value) == f"The field has a value that is not allowed; allowed: {allowed}"


@pytest.mark.parametrize(
    ("kind", "body", "pointer", "said"),
    [
        (TokenizeBody, [], "", "The body must be an object, and is an array"),
        (TokenizeBody, {}, "", "The body lacks the field 'items'"),
        (TokenizeBody, {"items": None}, "/items", "The field must be an array, and is null"),
        (TokenizeBody, {"items": []}, "/items", "The field must have at least 1 entry"),
        (DetokenizeBody, {**TOKENS, "purpose": 1}, "/purpose", "must be a string or null, and is a whole"),
        (DetokenizeBody, {**TOKENS, "purpose": "x" * 65}, "/purpose", "must have at most 64 characters"),
        (
            DetokenizeBody,
            {**TOKENS, "fields": "number"},
            "/fields",
            "must be an array or null, and is a string",
        ),
        (DetokenizeBody, {**TOKENS, "fields": ["number"] * 4}, "/fields", "must have at most 3 entries"),
        (DetokenizeBody, {**TOKENS, "fields": [1]}, "/fields/0", "must be a string, and is a whole number"),
    ],
)
def test_a_body_of_another_shape_is_told_in_the_words_of_json(
    kind: type, body: Any, pointer: str, said: str
) -> None:
    """Whoever reads it may know no Python; what is not as it must be is named by the pointer."""
    with pytest.raises(InvalidRequest) as raised:
        read(json.dumps(body).encode(), kind)
    assert raised.value.pointer == pointer
    assert said in str(raised.value)


VALUE = {"type": "text", "value": "x"}


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (7, "item: must be an object, and is a whole number"),
        ({"type": "text"}, "item: lacks the field 'value'"),
        ({**VALUE, "type": ""}, "type: must have at least 1 character"),
        ({**VALUE, "subject": True}, "subject: must be a string or null, and is true or false"),
        (
            {**VALUE, "ttl_seconds": 1.5},
            "ttl_seconds: must be a whole number or null, and is a number with a",
        ),
        ({**VALUE, "ttl_seconds": 0}, "ttl_seconds: must be at least 1"),
        ({**VALUE, "metadata": []}, "metadata: must be an object, and is an array"),
        (
            {**VALUE, "metadata": {"4111": 1}},
            "metadata: each entry must be a string, and one is a whole number",
        ),
    ],
)
def test_an_item_of_another_shape_is_told_with_its_field(item: Any, said: str) -> None:
    """And never with what the caller wrote, the names of metadata among it."""
    [problem] = read_items([item], TokenizeItemBody)
    assert str(problem).startswith(said)


def refusal(body: Any) -> str:
    """Why a body is refused, or nothing."""
    try:
        read(json.dumps(body).encode(), DetokenizeBody)
    except (InvalidRequest, BatchTooLarge) as problem:
        return str(problem)
    return ""


@pytest.mark.parametrize("field", ["items", "purpose", "reveal", "fields", "approval", "assertion"])
def test_no_refusal_names_a_type_of_python(field: str) -> None:
    """Whatever JSON stands at whatever field."""
    for value in (None, True, 1, 1.5, "x" * 9000, [], [[]] * 200, {}, {"a": 1}):
        words = set(re.findall("[a-z]+", refusal({**TOKENS, field: value})))
        assert not words & {"str", "int", "bool", "float", "dict"}
