"""Texts of cells: taken as they stand, or refused by a named rule."""

import pytest
from tokenvault_client.bulk import values
from tokenvault_client.bulk.errors import BadValue
from tokenvault_client.bulk.mapping import Column

CARD = Column("card", "card_number", subject="id")


def rule(text: str, column: Column, subject: str | None = "s-1") -> str | None:
    try:
        values.item(text, column, lambda name: subject)
    except BadValue as error:
        return error.rule
    return None


@pytest.mark.parametrize("text", ["4.11111E+15", "4,11111E+15", "4E+15", "-4.1e-5", "4.1E5"])
def test_scientific_notation_is_refused(text: str) -> None:
    """A spreadsheet has taken digits away."""
    assert rule(text, CARD) == "scientific_notation"


@pytest.mark.parametrize("text", ["4111111111111111.0", "4111.", "-1.5"])
def test_floats_are_refused(text: str) -> None:
    """A data frame with gaps makes floats of integers."""
    assert rule(text, CARD) == "float"


@pytest.mark.parametrize(
    "text", ["0012", "12345678E00131", "4111 1111 1111 1111", "+1.2025550123", "202.555.0123", "12E45"]
)
def test_what_only_looks_like_a_number_is_text(text: str) -> None:
    """Leading zeros, the number of a company that readers take for a float, telephone numbers."""
    assert values.item(text, CARD, lambda name: "s-1").value == text
    assert rule(text, CARD) is None


def test_a_map_may_say_that_decimals_are_meant() -> None:
    """Then they are texts like others."""
    assert rule("1.50", Column("a", "text", decimals="text")) is None


@pytest.mark.parametrize(("text", "found"), [("a\0b", "nul"), ("a\N{REPLACEMENT CHARACTER}b", "encoding")])
def test_text_of_another_encoding_is_refused(text: str, found: str) -> None:
    """It would be a value that nobody ever had."""
    assert rule(text, CARD) == found


@pytest.mark.parametrize(
    ("subject", "found"), [("", "subject_missing"), (None, "subject_missing"), ("a b", "subject")]
)
def test_a_value_without_its_subject_is_refused(subject: str | None, found: str) -> None:
    """Erasing the subject later would miss it."""
    assert rule("41", CARD, subject) == found


def test_a_fact_that_is_too_long_is_refused() -> None:
    """As the service has it; an empty one is left out."""
    column = Column("a", "text", metadata={"note": "notes"})
    with pytest.raises(BadValue, match="metadata: a fact has at most 128 characters"):
        values.item("41", column, lambda name: "x" * 129)
    assert values.item("41", column, lambda name: "x" * 128).metadata == {"note": "x" * 128}
    assert values.item("41", column, lambda name: "").metadata == {}


def test_a_value_that_no_format_takes_is_not_sent() -> None:
    """It could make a request too long for the service, which would end the run."""
    assert rule("é" * 8192, CARD) is None
    assert rule("é" * 8192 + "e", CARD) == "too_long"


@pytest.mark.parametrize(
    ("shape", "good", "bad"),
    [
        ("card_number", "4111-1111 1111 1111", "4111111111111112"),
        ("card_number", "501800000009", "41111111"),
        ("card_number", "4111.1111.1111.1111\t", "4111.1111.1111.1112"),
        ("digits", " 00 7", "0-07"),
        ("email", " ada@example.com\n", "ada lovelace@example.com"),
        ("iban", "gb82.west.1234.5698.7654.32", "GB82_WEST12345698765432"),
        ("digits", "007", "7a"),
        ("email", "ada@example.com", "ada.example.com"),
        ("date", "1815-12-10", "10.12.1815"),
        ("date", "20240229", "2023-02-29"),
        ("date", "0001-01-01", "0000-01-01"),
        ("date", "1815-12-10", "1815-1210"),
        ("phone", "+12025550123", "2025550123"),
        ("phone", "tel:+1-202-555-0123", "(202) 555-0123"),
        ("phone", "+44 (0)20 7946 0958", "020 7946 0958"),
        ("phone", "(+1) 202.555.0123", "00442079460958"),
        ("phone", "+290 2345", "+44 20 7946 0958 ext. 7"),
        ("iban", "GB82 WEST 1234 5698 7654 32", "GB83WEST12345698765432"),
        ("us_ssn", "219-09-9999", "2190-99-999"),
        ("us_ssn", "219-099999", "219--09-9999"),
    ],
)
def test_a_shape_that_the_map_asks_for(shape: str, good: str, bad: str) -> None:
    """Checked here, so that a wrong column is found without sending it."""
    column = Column("a", "t", shape=shape)
    assert (rule(good, column), rule(bad, column)) == (None, "shape")


@pytest.mark.parametrize(("text", "empty"), [("", True), (None, True), ("NULL", True), ("null", False)])
def test_an_empty_cell_is_no_value(text: str | None, empty: bool) -> None:
    """Nor is a text that the map lists as one for nothing."""
    assert values.is_empty(text, Column("a", "t", nulls=("NULL",))) == empty


def test_a_map_may_refuse_empty_cells() -> None:
    """By name."""
    with pytest.raises(BadValue, match="empty"):
        values.is_empty("", Column("a", "t", empty="refuse"))
