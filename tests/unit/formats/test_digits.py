"""Strings of digits in particular: their limits, and what a short one keeps."""

import pytest

from chalicelib.errors import InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat


def digits(**options: object) -> TokenFormat:
    """The format with these options."""
    return registry.build("digits", "account", options)


@pytest.mark.parametrize("value", ["000000", "123456", "9" * 32])
def test_digits_at_their_limits_are_taken_as_they_are(value: str) -> None:
    """Leading zeros count."""
    assert digits().canonicalize(value) == value


@pytest.mark.parametrize("value", ["", "12345", "1" * 33, "123-456", "12345a", "\u0661" + "23456", "²234567"])
def test_other_text_is_refused(value: str) -> None:
    """Too short, too long, separators, letters, digits of two scripts, superscripts."""
    with pytest.raises(InvalidValue):
        digits().canonicalize(value)


@pytest.mark.parametrize(
    ("value", "length", "kept", "mask"),
    [
        ("123456", 11, "456", "***456"),
        ("1234567", 11, "567", "****567"),
        ("12345678", 12, "5678", "****5678"),
        ("1234567890123", 13, "0123", "*********0123"),
        ("9" * 32, 32, "9999", "*" * 28 + "9999"),
    ],
)
def test_half_of_the_digits_are_hidden(value: str, length: int, kept: str, mask: str) -> None:
    """A short value keeps and shows fewer digits, and its token is longer."""
    keeping = digits(keep_last=4)
    token = keeping.space(value).token_at(12345)
    assert (len(token), token[-len(kept) :]) == (length, kept)
    assert keeping.mask(value) == mask
