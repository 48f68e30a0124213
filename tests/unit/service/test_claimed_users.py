"""Whom a client says that it asks for: what may stand in the audit trail for good."""

import pytest

from chalicelib.errors import InvalidRequest
from chalicelib.service.claimed_users import claimed_user


@pytest.mark.parametrize(
    "text",
    [
        "anna",
        "A",
        "0042",
        "anna.b+c@shop.example",
        "auth0|5f7c8ec7c33c6c004bbafe82",
        "x" * 128,
        "urn:emp:7_1",
    ],
)
def test_ids_of_people_are_taken_as_they_are(text: str) -> None:
    """Names, numbers, addresses, and subjects of identity providers."""
    assert claimed_user(text) == text


@pytest.mark.parametrize(
    "text",
    ["", " anna", "anna\n", "anna b", "-anna", "x" * 129, "\x1b[2J", "änna", "a/b", "<b>", 'a"b', "\ud800"],
)
def test_other_characters_are_refused_unquoted(text: str) -> None:
    """The rule is told, and the field; what was sent is not."""
    with pytest.raises(InvalidRequest) as refused:
        claimed_user(text)
    assert refused.value.pointer == "/on_behalf_of"
    assert refused.value.detail == (
        "on_behalf_of: 1 to 128 letters, digits and . _ : @ | + -, beginning with a letter or digit"
    )


@pytest.mark.parametrize("text", ["4111111111111111", "4111-1111-1111-1111", "user:4111.1111.1111.1111"])
def test_what_looks_like_a_card_number_is_refused_unquoted(text: str) -> None:
    """As in an id of a subject: the table would hold a card number in the clear."""
    with pytest.raises(InvalidRequest) as refused:
        claimed_user(text)
    assert refused.value.detail == "on_behalf_of: looks like a card number; put a letter before its digits"
