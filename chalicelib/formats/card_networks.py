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
    """Numbers whose first digits lie from `first` to `last` (as many digits each), in these lengths."""

    first: str
    last: str
    lengths: frozenset[int]

    def holds(self, digits: str) -> bool:
        """Whether a number lies in it."""
        return len(digits) in self.lengths and self.first <= digits[: len(self.first)] <= self.last


def _ranges(first_digits: str, *lengths: int) -> list[Range]:
    """Ranges from words like `51-55`."""
    ends = [word.partition("-") for word in first_digits.split()]
    return [Range(first, last or first, frozenset(lengths)) for first, _, last in ends]


_SIXTEEN_ON: Final = (16, 17, 18, 19)
_TWELVE_ON: Final = (12, 13, 14, 15, 16, 17, 18, 19)

RANGES: Final = (
    *_ranges("4", 13, 16, 18, 19),  # Visa
    *_ranges("51-55 2221-2720", 16),  # Mastercard
    *_ranges("34 37", 15),  # American Express
    *_ranges("36", 14, *_SIXTEEN_ON),  # Diners Club
    *_ranges("300-305 3095 38 39", 14, *_SIXTEEN_ON),  # Diners Club
    *_ranges("3528-3589", *_SIXTEEN_ON),  # JCB
    *_ranges("62 8100-8171", 14, 15, *_SIXTEEN_ON),  # UnionPay
    *_ranges("6011 644-649 65", *_SIXTEEN_ON),  # Discover
    *_ranges("50 56-59 63 67", *_TWELVE_ON),  # Maestro
    *_ranges("60 61 64 66 68 69", 16, 19),  # Maestro, RuPay, Hipercard
    *_ranges("81 82 353 356", 16),  # RuPay
    *_ranges("2200-2204", *_SIXTEEN_ON),  # Mir
    *_ranges("2205", 16),  # Borica, PayPak
    *_ranges("31", 19),  # China T-Union
    *_ranges("9792 9860 8600 9704", 16, 19),  # Troy, Humo, Uzcard, Napas
)

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
