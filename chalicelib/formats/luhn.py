"""The check digit of card numbers: ISO/IEC 7812-1, annex B.

Written here since it is ten lines: python-stdnum's, which the tests compare it with, accepts "0", and its
package brings `pydoc` and `ssl` into a cold start, 25 ms in all.
"""

from typing import Final

_DOUBLED: Final = b"0246813579"
"""Twice a digit, its own digits added up."""

_DOUBLING: Final = bytes.maketrans(b"0123456789", _DOUBLED)


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the ones before it. ASCII digits only."""
    return _sum(digits) == 0


def failing(before: str, choice: int, after: str) -> str:
    """The digits with one more put between them, so that the Luhn check fails.

    At any place exactly one digit of ten passes, since counted single and counted double the digits
    0 to 9 count 0 to 9 in some order. `choice` (0 to 8) tells the nine others apart.
    """
    missing = -_sum(f"{before}0{after}") % 10
    right = _DOUBLED.index(b"%d" % missing) if len(after) % 2 else missing
    wrong = choice if choice < right else choice + 1
    return f"{before}{wrong}{after}"


def _sum(digits: str) -> int:
    codes = digits.encode()[::-1]
    return (sum(codes[::2]) + sum(codes[1::2].translate(_DOUBLING)) - ord("0") * len(codes)) % 10
