"""Numbers of the service's answers: none becomes infinity, or another number's neighbour.

JS-04 of the values that users of other software met: https://github.com/ruby/json/issues/273,
https://github.com/samgiles/slumber/issues/55 and https://github.com/ultrajson/ultrajson/issues/401.
"""

from decimal import Decimal
from typing import Any

import pytest
from tokenvault_client.cli.printing import value_text
from tokenvault_client.parsing import load_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("0.0", 0.0),
        ("-0.0", 0.0),
        ("0E+400", 0.0),
        ("1E+400", Decimal("1E+400")),
        ("-1E+400", Decimal("-1E+400")),
        ("1E-400", Decimal("1E-400")),
        # Not so in every parser: findings/json-long-integers.sh.
        ("9163629425901111111", 9163629425901111111),
        ("20000000000000000001", 20000000000000000001),
        ("-" + "9" * 40, -int("9" * 40)),
    ],
)
def test_a_number_is_a_number(text: str, value: Any) -> None:
    """RFC 8259, section 6, lets a reader limit range and precision, not invent a value."""
    parsed = load_json(f"[{text}]")
    assert parsed == [value]
    assert type(parsed[0]) is type(value)


@pytest.mark.parametrize("text", ["1E+99999999999999999999", "-1E-99999999999999999999"])
def test_a_number_beyond_any_is_an_error_of_the_document(text: str) -> None:
    """And not one that callers do not expect of a parser."""
    with pytest.raises(ValueError, match="exponent"):
        load_json(f"[{text}]")


def test_the_tool_prints_every_digit_of_such_a_number() -> None:
    """As a text within the document: `Infinity` is no JSON."""
    assert value_text(load_json('{"a": 1E+400}')) == '{"a": "1E+400"}'
