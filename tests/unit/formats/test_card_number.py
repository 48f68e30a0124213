"""Card numbers in particular: what is one, and what is kept within the limits of PCI DSS."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn as stdnum_luhn

from chalicelib.errors import InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat
from chalicelib.formats.luhn import failing, passes_luhn


def cards(**options: object) -> TokenFormat:
    """The format with these options."""
    return registry.build("card_number", "card", options)


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",  # Visa
        "4222222222222",  # Visa of 13 digits
        "5555555555554444",  # Mastercard
        "2223003122003222",  # Mastercard, 2-series
        "378282246310005",  # American Express
        "6011111111111117",  # Discover
        "3530111333300000",  # JCB
        "30569309025904",  # Diners Club
        "6205500000000000004",  # UnionPay of 19 digits
        "6759649826438453",  # Maestro
        "501800000009",  # Maestro of 12 digits
        "5000550000000029",  # Maestro
        "5019717010103742",  # Dankort
        "5066991111111118",  # Elo
        "6062828888666688",  # Hipercard
        "2200000000000053",  # Mir
        "9792030394440796",  # Troy
        "3056930009020004",  # Diners Club of 16 digits
    ],
)
def test_numbers_of_all_networks_are_taken(number: str) -> None:
    """Published test numbers of the networks are card numbers."""
    assert cards().canonicalize(number) == number


@pytest.mark.parametrize(
    "value",
    [
        "411111111111111",
        "4111111111111112",
        "0" * 16,
        "0",
        "50180000000",
        "41111111111111111116",
        "4111--1111-1111-1111",
        "4111/1111/1111/1111",
        "\u0664111111111111111",
        "4111111111111111 12/27",
        "6221558812340000",
    ],
)
def test_other_text_is_refused(value: str) -> None:
    """Too short, too long, wrong check digit, zeros, odd separators, two scripts, a date behind it."""
    with pytest.raises(InvalidValue):
        cards().canonicalize(value)


@given(st.text("0123456789", min_size=2, max_size=30))
def test_the_luhn_check_is_the_one_of_stdnum(digits: str) -> None:
    """Ours and python-stdnum's agree, except for what only theirs takes."""
    assert passes_luhn(digits) == stdnum_luhn.is_valid(digits)


@pytest.mark.parametrize("lengths", list(product(range(3), repeat=2)), ids=str)
def test_nine_of_ten_digits_fail_luhn_at_any_place(lengths: tuple[int, int]) -> None:
    """All failing numbers are made, each once."""
    before, after = lengths
    made = [
        failing("".join(head), choice, "".join(tail))
        for head in product("0123456789", repeat=before)
        for tail in product("0123456789", repeat=after)
        for choice in range(9)
    ]
    numbers = ("".join(digits) for digits in product("0123456789", repeat=before + 1 + after))
    assert sorted(made) == [number for number in numbers if not passes_luhn(number)]


def test_a_whole_space_is_as_large_as_it_says() -> None:
    """Every point of a small space is another token, and no more would fit."""
    amex = cards(keep_first=6)
    space = amex.space("378282246310005")
    tokens = {space.token_at(point) for point in range(space.size)}
    expected = {number for middle in range(10**5) if not passes_luhn(number := f"378282{middle:05d}0005")}
    assert tokens == expected


@pytest.mark.parametrize(
    ("number", "token_starts", "mask"),
    [
        ("4222222222222", "4222", "4222*****2222"),
        ("30569309025904", "30569", "30569*****5904"),
        ("378282246310005", "378282", "378282*****0005"),
        ("4111111111111111", "411111", "411111******1111"),
        ("6205500000000000004", "", "620550*********0004"),
        ("501800000009", "501", "501*****0009"),
    ],
)
def test_five_digits_at_least_are_replaced(number: str, token_starts: str, mask: str) -> None:
    """A card keeps no more than PCI SSC lets it: a short one gives up first digits."""
    whole = cards(keep_first=6)
    token = whole.space(number).token_at(0)
    assert (token[: len(token_starts)], token[-4:], len(token)) == (token_starts, number[-4:], len(number))
    assert whole.mask(number) == mask


def test_the_last_four_are_kept_where_the_policy_says_nothing() -> None:
    """The default keeps and shows the last four, and no more."""
    assert cards().mask("4111111111111111") == "*" * 12 + "1111"
    space = cards().space("4111111111111111")
    assert space.size == 9 * 7 * 10**10
    assert {space.token_at(point)[-4:] for point in (0, 5, space.size - 1)} == {"1111"}
    assert not space.opaque


def test_a_mask_may_show_more_than_the_token_keeps() -> None:
    """Support sees the last four of a card whose token tells nothing."""
    kept_out = cards(keep_last=0, mask_last=4)
    assert kept_out.mask("4111111111111111") == "*" * 12 + "1111"
    assert kept_out.space("4111111111111111").size == 9 * 7 * 10**14
