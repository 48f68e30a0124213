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
    assert SHAPES[case.format_name](canonical) is None


@pytest.mark.parametrize("case", SHAPED, ids=str)
@given(data=st.data())
def test_a_shape_takes_whatever_spelling_in_ascii_its_format_takes(case: Case, data: st.DataObject) -> None:
    """With white space as it comes out of other programs; the service alone refuses."""
    spelled = data.draw(case.spell(data.draw(case.identities)))
    text = spaced(spelled.encode("ascii", "ignore").decode(), data)
    assert SHAPES[case.format_name](text) is None or not is_taken(case, text)


WRONG = [
    ("card_number", "4111 1111 1111 1112", "its check digit is wrong (Luhn): mistyped, or a token already"),
    ("card_number", "4111 1111 111", "it has fewer than 12 digits"),
    ("card_number", "4" * 20, "it has more than 19 digits"),
    ("card_number", "", "it has fewer than 12 digits"),
    (
        "card_number",
        "card 4111",
        "it has characters that are not digits from 0 to 9, spaces, dots or hyphens",
    ),
    (
        "iban",
        "DE00 3704 0044 0532 0130 00",
        "its check digits are wrong (mod 97): mistyped, or a token already",
    ),
    ("iban", "DE89 3704", "it has fewer than 15 characters"),
    ("iban", "DE89" + "1" * 31, "it has more than 34 characters"),
    (
        "iban",
        "370400440532013000",
        "it does not begin with the two letters of a country and two check digits",
    ),
    (
        "date",
        "31.01.2026",
        "it is not a year, a month and a day in this order, such as 2026-01-31 or 20260131",
    ),
    ("date", "2026-02-30", "there is no such day"),
    ("digits", "12-34", "it has characters that are not digits from 0 to 9, or single spaces between"),
    ("email", "ada.example", "it has no @"),
    ("email", "ada@", "it is not a name and a domain around an @"),
    ("phone", "030 1234567", "it does not begin with + and a country code"),
    ("phone", "+49 3", "it has fewer than 5 digits"),
    ("phone", "+" + "4" * 21, "it has more than 20 digits"),
    (
        "phone",
        "+49 30 1234567 ext 8",
        "it has characters that are not digits or separators, or too many separators in a row",
    ),
    ("us_ssn", "123-45-678", "it has another number of digits than 9"),
    ("us_ssn", "1234-5-6789", "it is not written as 3, 2 and 4 digits"),
    (
        "iban",
        "DE89 3704 0044 0532 0130 0*",
        "it has characters that are not letters from A to Z, digits, spaces, dots or hyphens",
    ),
]


@pytest.mark.parametrize(("shape", "text", "why"), WRONG)
def test_what_has_not_the_shape_is_told_by_the_rule_that_it_breaks(shape: str, text: str, why: str) -> None:
    """So that a spoilt column is told from one that is another's."""
    assert SHAPES[shape](text) == why


@pytest.mark.parametrize("shape", SHAPES)
@given(text=st.text(st.characters(codec="ascii"), max_size=40))
def test_the_reason_is_one_of_few_and_so_has_nothing_of_the_text(shape: str, text: str) -> None:
    """Whatever stands in the cell: rules have names and limits alone."""
    assert SHAPES[shape](text) in {None, *(why for _, _, why in WRONG)}
