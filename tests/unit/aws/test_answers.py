"""An answer of DynamoDB is parsed as botocore parses it."""

import base64
import json
from typing import Any

import pytest
from botocore.parsers import create_parser
from botocore.session import Session
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.aws.answers import parse_dynamodb

# Names that stand for types, too, since attributes and tables may be called so.
NAMES = st.sampled_from(["B", "BS", "S", "M", "Item"]) | st.text(max_size=8)
BASE64 = st.binary(max_size=8).map(lambda raw: base64.b64encode(raw).decode())


def attribute(kind: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({kind: value})


LEAVES = (
    attribute("S", st.text(max_size=8))
    | attribute("N", st.integers().map(str))
    | attribute("B", BASE64)
    | attribute("BS", st.lists(BASE64, min_size=1, max_size=3))
    | attribute("SS", st.lists(st.text(max_size=4), min_size=1, max_size=3))
    | attribute("BOOL", st.booleans())
    | attribute("NULL", st.just(value=True))
)
ATTRIBUTES = st.recursive(
    LEAVES,
    lambda inner: (
        attribute("L", st.lists(inner, max_size=3))
        | attribute("M", st.dictionaries(NAMES, inner, max_size=3))
    ),
    max_leaves=5,
)
ITEMS = st.dictionaries(NAMES, ATTRIBUTES, max_size=4)
UNDONE = ITEMS.map(lambda item: {"PutRequest": {"Item": item}})

ANSWERS = {
    "PutItem": attribute("Attributes", ITEMS),
    "GetItem": attribute("Item", ITEMS),
    "Query": st.fixed_dictionaries(
        {"Items": st.lists(ITEMS, max_size=3), "Count": st.integers(0, 9), "LastEvaluatedKey": ITEMS}
    ),
    "BatchGetItem": st.fixed_dictionaries(
        {
            "Responses": st.dictionaries(NAMES, st.lists(ITEMS, max_size=2), max_size=2),
            "UnprocessedKeys": st.dictionaries(
                NAMES, ITEMS.map(lambda key: {"Keys": [key], "ConsistentRead": True}), max_size=2
            ),
        }
    ),
    "BatchWriteItem": attribute(
        "UnprocessedItems", st.dictionaries(NAMES, st.lists(UNDONE, max_size=2), max_size=2)
    ),
}
MODEL = Session().get_service_model("dynamodb")


@pytest.mark.parametrize("operation", ANSWERS)
@settings(max_examples=25)
@given(data=st.data())
def test_an_answer_is_parsed_as_botocore_parses_it(operation: str, data: st.DataObject) -> None:
    """Whatever stands in the table, whatever its tables and attributes are called; a null is nothing."""
    shape = MODEL.operation_model(operation).output_shape
    nulls = st.dictionaries(st.sampled_from(sorted(shape.members)), st.none(), max_size=2)
    body = json.dumps(data.draw(ANSWERS[operation]) | data.draw(nulls)).encode()
    response = {"status_code": 200, "headers": {}, "body": body}
    theirs = create_parser("json").parse(response, shape)
    theirs.pop("ResponseMetadata")
    assert parse_dynamodb(body) == theirs


@pytest.mark.parametrize("body", [b"null", b"[]", b'[["Item", {}]]', b"7", b'"Item"'])
def test_what_is_no_object_is_no_answer(body: bytes) -> None:
    """It is left to botocore."""
    with pytest.raises(ValueError, match="no object"):
        parse_dynamodb(body)
