"""JSON documents in particular: limits, numbers, and what comes back."""

import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.json_body import parse
from chalicelib.errors import InvalidRequest, InvalidValue
from chalicelib.formats import registry

DOCUMENTS = registry.build("json", "profile", {})
encode = msgspec.json.Encoder(decimal_format="number").encode


def canonical(text: str) -> str:
    """The canonical form of what a request body brings."""
    return DOCUMENTS.canonicalize(parse(text.encode()))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("null", "null"),
        (" [ true , false ] ", "[true,false]"),
        ('{"b": 1, "a": {"d": [], "c": {}}}', '{"a":{"c":{},"d":[]},"b":1}'),
        ('"\\u00e9\\/\\u0000"', '"é/\\u0000"'),
        ("1.10", "1.1"),
        ("1.0", "1"),
        ("-0", "0"),
        ("-0.0e5", "0"),
        ("11e-1", "1.1"),
        ("1e2", "100"),
        ("100", "100"),
        ("1e20", "1" + "0" * 20),
        ("1e21", "1E+21"),
        ("1" + "0" * 21, "1E+21"),
        ("1e400", "1E+400"),
        ("0.0000001", "1E-7"),
        ("123456789012345678901234567890", "12345678901234567890123456789E+1"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ("1e999999999999999999", "1E+999999999999999999"),
        ("9" * 4300, "9" * 4300),
    ],
)
def test_a_document_has_one_spelling(written: str, expected: str) -> None:
    """Names sorted, no spaces, numbers exact: none passes through a float."""
    if expected.endswith("E+1"):
        expected = str(Decimal(expected))
    assert canonical(written) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(
    "written", ["1e400", "-1.5E-4000", "9" * 4300, "0.1", "1" + "0" * 40, "9007199254740993", '{"a": [1.10]}']
)
def test_what_is_answered_is_equal(written: str) -> None:
    """The bytes of the answer parse to the exact numbers that were sent."""

    def exact(text: str) -> object:
        return json.loads(text, parse_int=Decimal, parse_float=Decimal)

    answered = encode(DOCUMENTS.present(canonical(written))).decode()
    assert exact(answered) == exact(written)


@pytest.mark.parametrize(
    "written",
    [
        "1e99999999999999999999",
        "[1e-99999999999999999999]",
        "1e1000000000000000000",
        "9" * 4301,
        "9" * 5000 + ".0",
        "-" + "9" * 5000,
        "0." + "9" * 4301,
        "9" * 4301 + "e7",
    ],
)
def test_numbers_beyond_reason_are_refused_by_their_item(written: str) -> None:
    """An exponent of 19 digits or more, a number of 4,301: a value is refused in each of its spellings.

    The body is JSON, and the other items of the request are none the worse. JS-03:
    https://github.com/miguelgrinberg/python-socketio/issues/1420
    """
    with pytest.raises(InvalidValue, match="has a number"):
        canonical(written)


def test_zeros_at_the_ends_of_a_number_do_not_count() -> None:
    """One of five thousand digits is short if all but one are zeros."""
    assert canonical("1" + "0" * 5000) == "1E+5000"
    assert canonical("0." + "0" * 5000 + "1") == "1E-5001"


@pytest.mark.parametrize("written", ["", "[", "{1: 2}", "NaN", "Infinity", "01", "+1", "1.", ".5", "0x10"])
def test_what_is_no_json_at_all_is_a_bad_request(written: str) -> None:
    """The grammar of RFC 8259, whatever Python's own reader takes."""
    with pytest.raises(InvalidRequest):
        parse(written.encode())


def nested(levels: int) -> object:
    """Arrays within arrays."""
    return [] if levels == 1 else [nested(levels - 1)]


def test_the_limits_are_those_that_are_stated() -> None:
    """16 KB of UTF-8 in canonical form, 32 levels."""
    for fits in ("x" * 16382, "é" * 8191, [0] * 8191, nested(32)):
        assert DOCUMENTS.present(DOCUMENTS.canonicalize(fits)) == fits
    for over in ("x" * 16383, "é" * 8191 + "x", [0] * 8192, nested(33), nested(900)):
        with pytest.raises(InvalidValue, match="at most"):
            DOCUMENTS.canonicalize(over)


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), Decimal("NaN"), Decimal("-Infinity"), {1: 2}, b"x", (1,), "\ud800", {"\ud800": 1}],
)
def test_what_is_no_json_is_refused(value: object) -> None:
    """A float may have lost digits, and the body parser makes none."""
    with pytest.raises(InvalidValue):
        DOCUMENTS.canonicalize(value)


@given(st.integers(0, 2**130 - 1))
def test_a_token_is_refused_as_a_document_but_not_within_one(point: int) -> None:
    """A document may hold tokens of other values; by itself a token is one."""
    token = DOCUMENTS.space("null").token_at(point)
    with pytest.raises(InvalidValue, match="token already"):
        DOCUMENTS.canonicalize(token)
    assert DOCUMENTS.canonicalize([token]) == f'["{token}"]'
