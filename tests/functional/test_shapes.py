"""The rough checks of a map beside the formats of the service."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenvault_client.bulk.shapes import SHAPES

from chalicelib.errors import InvalidValue
from tests.unit.formats.cases.case import Case
from tests.unit.formats.cases.every import CASES

WIDER = {"accept_partial", "accept_unionpay_without_luhn"}
"""Options by which a policy takes what no longer looks like its format: `docs/bulk.md` names both."""

SHAPED = [case for case in CASES if case.format_name in SHAPES and not case.options.keys() & WIDER]
SPACES = ["", " ", "  ", "\t", "\r\n"]


def spaced(text: str, data: st.DataObject) -> str:
    """With white space around, and between or beside separators."""
    before, after, within = (data.draw(st.sampled_from(SPACES)) for _ in range(3))
    separator = data.draw(st.sampled_from(" .-/:()"))
    return before + text.replace(separator, f"{within}{separator}{within}") + after


def is_taken(case: Case, text: str) -> bool:
    try:
        case.format.canonicalize(text)
    except InvalidValue:
        return False
    return True


def test_each_shape_is_named_after_a_format() -> None:
    """So a map may name as its shape what its type is of."""
    assert {case.format_name for case in SHAPED} == set(SHAPES)


@pytest.mark.parametrize("case", SHAPED, ids=str)
@given(data=st.data())
def test_a_shape_takes_what_its_format_makes_of_any_spelling(case: Case, data: st.DataObject) -> None:
    """A check that refused values which the service takes would leave rows out."""
    canonical = case.format.canonicalize(data.draw(case.spell(data.draw(case.identities))))
    assert SHAPES[case.format_name](canonical)


@pytest.mark.parametrize("case", SHAPED, ids=str)
@given(data=st.data())
def test_a_shape_takes_whatever_spelling_in_ascii_its_format_takes(case: Case, data: st.DataObject) -> None:
    """With white space as it comes out of other programs; the service alone refuses."""
    spelled = data.draw(case.spell(data.draw(case.identities)))
    text = spaced(spelled.encode("ascii", "ignore").decode(), data)
    assert SHAPES[case.format_name](text) or not is_taken(case, text)
