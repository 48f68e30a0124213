"""The Luhn check of ISO/IEC 7812-1, annex B.

Our own, in ten lines: python-stdnum's accepts "0", and importing it costs a cold start more than this.
"""

from typing import Final

_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""Twice a digit, its own digits added up."""


def luhn_sum(digits: str) -> int:
    """The Luhn sum modulo 10 of ASCII digits: 0 says that the last of them checks the others."""
    numbers = [ord(digit) - ord("0") for digit in reversed(digits)]
    return (sum(numbers[::2]) + sum(_DOUBLED[number] for number in numbers[1::2])) % 10
