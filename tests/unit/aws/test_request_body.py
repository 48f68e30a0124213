"""A request's body says what botocore's own would say."""

import json
from typing import Any

import pytest
from botocore.serialize import JSONSerializer
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.aws.fast_path import request_body

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
BYTES = st.binary(max_size=8)


def attribute(kind: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({kind: value})


LEAVES = (
    attribute("S", TEXTS)
    | attribute("N", st.integers().map(str))
    | attribute("B", BYTES)
    | attribute("BOOL", st.booleans())
)
ATTRIBUTES = st.recursive(
    LEAVES,
    lambda inner: (
        attribute("L", st.lists(inner, max_size=3))
        | attribute("M", st.dictionaries(TEXTS, inner, max_size=3))
    ),
    max_leaves=5,
)
ITEMS = st.dictionaries(TEXTS, ATTRIBUTES, max_size=4)
CONTEXTS = st.dictionaries(TEXTS, TEXTS, max_size=3)

REQUESTS = {
    "PutItem": attribute("Item", ITEMS),
    "BatchWriteItem": ITEMS.map(lambda item: {"RequestItems": {"vault": [{"PutRequest": {"Item": item}}]}}),
    "BatchGetItem": ITEMS.map(
        lambda key: {"RequestItems": {"vault": {"Keys": [key], "ConsistentRead": True}}}
    ),
    "Query": ITEMS.map(lambda values: {"Limit": 1, "ExpressionAttributeValues": values}),
    "GenerateMac": attribute("Message", BYTES),
    "Decrypt": st.fixed_dictionaries({"CiphertextBlob": BYTES, "EncryptionContext": CONTEXTS}),
}
MODELS = [Session().get_service_model(service) for service in ("dynamodb", "kms")]


@pytest.mark.parametrize("operation", REQUESTS)
@settings(max_examples=25)
@given(data=st.data())
def test_a_body_says_what_botocores_says(operation: str, data: st.DataObject) -> None:
    """Whatever is in it: names, texts, numbers, bytes, lists and maps."""
    asked = data.draw(REQUESTS[operation])
    model = next(each for each in MODELS if operation in each.operation_names).operation_model(operation)
    ours = request_body(asked)
    assert ours is not None
    assert json.loads(ours) == json.loads(JSONSerializer().serialize_to_request(asked, model)["body"])


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_what_has_no_utf_8_has_no_body_of_ours(text: str) -> None:
    """botocore sends it escaped."""
    assert request_body({"TableName": text}) is None
