"""What is said of a field that has none of the values that it may have."""

import json
from typing import Any

import pytest

from chalicelib.api.approval_bodies import DecisionBody
from chalicelib.api.reading import read
from chalicelib.api.revealing_bodies import DetokenizeBody
from chalicelib.errors import InvalidRequest

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
