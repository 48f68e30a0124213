"""What the answers for a token may tell of a card: its brand, and the digits of its BIN."""

from itertools import product

import pytest

from chalicelib.errors import ConfigurationError
from chalicelib.formats import registry
from chalicelib.formats.base import DescribesCards
from chalicelib.formats.card_networks import RANGES, brand


def cards(**options: object) -> DescribesCards:
    """The format with these options."""
    built = registry.build("card_number", "card", options)
    assert isinstance(built, DescribesCards)
    return built


@pytest.mark.parametrize(
    ("number", "named"),
    [
        ("4111111111111111", "visa"),
        ("4222222222222", "visa"),
        ("5555555555554444", "mastercard"),
        ("2223003122003222", "mastercard"),
        ("2720999999999996", "mastercard"),
        ("378282246310005", "american_express"),
        ("6011111111111117", "discover"),
        ("6445644564456445", "discover"),
        ("3530111333300000", "jcb"),
        ("30569309025904", "diners_club"),
        ("36227206271667", "diners_club"),
        ("6205500000000000004", "unionpay"),
        ("6759649826438453", "maestro"),
        ("501800000009", "maestro"),
        ("2200000000000004", "mir"),
        ("9792030394440796", "troy"),
    ],
)
def test_published_test_numbers_name_their_network(number: str, named: str) -> None:
    """The networks' own test numbers are of their brand."""
    assert brand(number) == named
    assert cards(brand=True).brand(number) == named


SHARED = ["6069990000000004", "8111111111111111", "6500020000000000", "6521500000000000", "6550000000000000"]
OF_ELO = ["4011780000000000", "4389350000000000", "6277800000000000"]


@pytest.mark.parametrize("number", [*SHARED, *OF_ELO, "1000000000000008", "41111"])
def test_no_brand_is_guessed(number: str) -> None:
    """First digits that several networks issue, that none does, or in another length have no brand."""
    assert brand(number) is None


def test_six_digits_and_the_length_name_the_brand() -> None:
    """No range looks further than six digits, so a BIN says no less than the number does."""
    assert max(len(known.first) for known in RANGES) <= 6


def test_a_type_tells_nothing_unless_the_policy_says_so() -> None:
    """Neither brand nor BIN by default."""
    assert (cards().brand("4111111111111111"), cards().bin("4111111111111111")) == (None, None)


@pytest.mark.parametrize(
    ("length", "six", "eight"),
    [(12, None, None), (14, None, None), (15, 6, 6), (16, 6, 8), (17, 6, 6), (19, 6, 6)],
)
def test_a_bin_is_as_long_as_the_number_allows(length: int, six: int | None, eight: int | None) -> None:
    """Eight digits of a number of 16, six of 15 and of more than 16, none of shorter ones (FAQ 1091)."""
    number = "4" * length
    for digits, expected in ((6, six), (8, eight)):
        shown = cards(bin_digits=digits).bin(number)
        assert (None if shown is None else len(shown)) == expected
        assert shown is None or number.startswith(shown)


def test_what_is_stored_in_the_clear_never_exceeds_a_truncation() -> None:
    """Token and BIN together leave out four digits of 16, five of any other number, whatever the policy."""
    for length, first, last, digits in product(range(12, 20), range(7), range(5), (6, 8)):
        number = "4" * (length - 1) + "1"
        format_ = cards(bin_digits=digits, keep_first=first, keep_last=last, mask_last=4)
        head = max(len(format_.bin(number) or ""), min(first, max(0, length - last - 5)))
        assert length - head - last >= (4 if length == 16 else 5)


@pytest.mark.parametrize(
    ("options", "named"),
    [({"bin_digits": 7}, "bin_digits"), ({"bin_digits": True}, "bin_digits"), ({"brand": 1}, "brand")],
)
def test_other_options_are_refused(options: dict[str, object], named: str) -> None:
    """A BIN has six or eight digits; a brand is told or is not."""
    with pytest.raises(ConfigurationError) as refused:
        cards(**options)
    assert named in str(refused.value.problems)


def test_no_other_format_tells_of_cards() -> None:
    """A policy that asks another format for a brand is refused."""
    with pytest.raises(ConfigurationError):
        registry.build("digits", "number", {"brand": True})
