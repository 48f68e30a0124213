"""Text in particular: its limits, and what an opaque token is."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import InvalidValue
from chalicelib.formats import registry

NOTES = registry.build("text", "notes", {})
points = st.integers(0, 2**130 - 1)


@pytest.mark.parametrize("value", ["x", "x" * 4096, "é" * 2048, "\0", " ", "notes_", "\u202ex", "e\u0301"])
def test_text_at_its_limits_is_taken_as_it_is(value: str) -> None:
    """Nothing is normalised, trimmed or cleaned."""
    assert NOTES.canonicalize(value) == value


@pytest.mark.parametrize("value", ["", "x" * 4097, "é" * 2049, "\ud800", "\udfff\ud800"])
def test_text_beyond_them_is_refused(value: str) -> None:
    """Empty, too long in bytes, or half of a surrogate pair."""
    with pytest.raises(InvalidValue):
        NOTES.canonicalize(value)


@given(points)
def test_a_token_names_its_type_and_is_fit_for_any_place(point: int) -> None:
    """A prefix, then letters that are not misread: URL-safe, and one word to a double click."""
    token = NOTES.space("x").token_at(point)
    assert re.fullmatch("notes_[0-9a-hjkmnp-tv-z]{33}", token)
    assert not registry.build("text", "note", {}).recognizes(token)


@given(points, st.data())
def test_a_typo_is_told_from_an_unknown_token(point: int, data: st.DataObject) -> None:
    """No single character of a token can be changed, and no two neighbours swapped, unnoticed."""
    token = NOTES.space("x").token_at(point)
    place = data.draw(st.integers(6, len(token) - 2))
    other = data.draw(st.sampled_from(string.printable))
    for typed in (
        token[:place] + other + token[place + 1 :],
        token[:place] + token[place + 1] + token[place] + token[place + 2 :],
    ):
        assert NOTES.recognizes(typed) == (typed == token)


@pytest.mark.parametrize("text", ["", "notes_", "notes", "notes_" + "0" * 33, "notes_" + "0" * 34])
def test_what_has_no_checksum_is_no_token(text: str) -> None:
    """Too short, too long, or with a checksum that does not fit."""
    assert not NOTES.recognizes(text)


def test_the_space_holds_as_many_tokens_as_opaque_takes() -> None:
    """130 random bits: drawn tokens never meet."""
    space = NOTES.space("x")
    assert space.size == 2**130
    assert space.opaque
    assert NOTES.capacity().tokens == space.size


def test_the_mask_hides_even_the_length() -> None:
    """Two texts have one mask."""
    assert NOTES.mask("a") == NOTES.mask("b" * 4096) == "********"
