"""The rough checks of a map beside the formats of the service."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenvault_client.bulk.shapes import SHAPES

from tests.unit.formats.cases.case import Case
from tests.unit.formats.cases.every import CASES

PLAIN = [case for case in CASES if case.format_name in SHAPES and not case.options]
"""Each format that a shape is named after, with what a policy does not say."""


def test_each_shape_is_named_after_a_format() -> None:
    """So a map may name as its shape what its type is of."""
    assert {case.format_name for case in PLAIN} == set(SHAPES)


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.format_name)
@given(data=st.data())
def test_a_shape_takes_what_its_format_makes_of_any_spelling(case: Case, data: st.DataObject) -> None:
    """A check that refused values which the service takes would leave rows out."""
    identity = data.draw(case.identities)
    canonical = case.format.canonicalize(data.draw(case.spell(identity)))
    assert SHAPES[case.format_name](canonical)
