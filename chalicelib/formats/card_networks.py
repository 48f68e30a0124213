"""Which first digits and lengths the card networks issue.

ISO/IEC 7812-1 gives issuers a number of six or eight digits; the networks' own ranges are in their public
processing rules, collected in https://en.wikipedia.org/wiki/Payment_card_number and in Braintree's
credit-card-type (https://github.com/braintree/credit-card-type). UATP (first digit 1) is left out: it is no
brand of the PCI Security Standards Council, and nearly all long numbers that begin with 1 are times and ids.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Range:
    """Numbers whose first digits lie from `first` to `last` (as many digits each), in these lengths.

    `brand` is the network that they are of; None where several networks issue them, or one of no brand here.
    """

    first: str
    last: str
    lengths: frozenset[int]
    brand: str | None = None

    def holds(self, digits: str) -> bool:
        """Whether a number lies in it."""
        return len(digits) in self.lengths and self.first <= digits[: len(self.first)] <= self.last


def _ranges(brand: str | None, first_digits: str, *lengths: int) -> list[Range]:
    """Ranges from words like `51-55`."""
    ends = [word.partition("-") for word in first_digits.split()]
    return [Range(first, last or first, frozenset(lengths), brand) for first, _, last in ends]


_SIXTEEN_ON: Final = (16, 17, 18, 19)
_TWELVE_ON: Final = (12, 13, 14, 15, 16, 17, 18, 19)

RANGES: Final = (
    *_ranges("visa", "4", 13, 16, 18, 19),
    *_ranges("mastercard", "51-55 2221-2720", 16),
    *_ranges("american_express", "34 37", 15),
    *_ranges("diners_club", "36", 14, *_SIXTEEN_ON),
    *_ranges("diners_club", "300-305 3095 38 39", 14, *_SIXTEEN_ON),
    *_ranges("jcb", "3528-3589", *_SIXTEEN_ON),
    *_ranges("unionpay", "62", 14, 15, *_SIXTEEN_ON),
    *_ranges(None, "8100-8171", 14, 15, *_SIXTEEN_ON),  # UnionPay, and RuPay of 16 digits
    *_ranges("discover", "6011 644-649", *_SIXTEEN_ON),
    *_ranges(None, "65", *_SIXTEEN_ON),  # Discover, RuPay, Elo, Verve, Troy
    *_ranges(None, "401178-401179 431274 438935 451416 457393 457631-457632 627780", 16),  # Elo
    *_ranges("maestro", "5018 5020 5038 5893 6304 6759 6761-6763", *_TWELVE_ON),
    *_ranges(None, "50 56-59 63 67", *_TWELVE_ON),  # Maestro, Elo, Verve, RuPay
    *_ranges(None, "60 61 64 66 68 69", 16, 19),  # Maestro, RuPay, Hipercard
    *_ranges(None, "81 82", 16),  # RuPay
    *_ranges("jcb", "353 356", 16),  # RuPay's cards that JCB runs abroad
    *_ranges("mir", "2200-2204", *_SIXTEEN_ON),
    *_ranges(None, "2205", 16),  # Borica, PayPak
    *_ranges(None, "31", 19),  # China T-Union
    *_ranges("troy", "9792", 16, 19),
    *_ranges(None, "9860 8600 9704", 16, 19),  # Humo, Uzcard, Napas
)

BRANDS: Final = tuple(sorted({known.brand for known in RANGES if known.brand is not None}))
"""Names of the networks that a number may be told to be of."""

WITHOUT_CHECK_DIGIT: Final = ("62", "81")
"""First digits of UnionPay, which let issuers give out numbers that fail the Luhn check
(https://github.com/braintree/card-validator/issues/112). So digits that begin with these and fail the check
may be a card, and no token begins with them."""

_UNIONPAY_LENGTHS: Final = range(14, 20)


def is_issued(digits: str) -> bool:
    """Whether any network issues numbers of these first digits and this length."""
    return any(known.holds(digits) for known in RANGES)


def may_lack_check_digit(digits: str) -> bool:
    """Whether a number may be a card though it fails the Luhn check."""
    return digits.startswith(WITHOUT_CHECK_DIGIT) and len(digits) in _UNIONPAY_LENGTHS


def brand(digits: str) -> str | None:
    """The network of the narrowest range that holds a number; None where no range does, or several share it.

    That is what the digits say: of a card that two networks serve, the one whose number it is.
    """
    holding = [known for known in RANGES if known.holds(digits)]
    return max(holding, key=lambda known: len(known.first)).brand if holding else None
