"""The check digits of IBANs and others: ISO/IEC 7064, MOD 97-10."""

from typing import Final

MODULUS: Final = 97


def remainder(text: str) -> int:
    """What is left of digits and capital letters, A as 10 to Z as 35, divided by 97.

    1 where two check digits at the end are right.
    """
    return int("".join(str(int(character, 36)) for character in text)) % MODULUS


def check_digits(text: str) -> int:
    """The number from 2 to 98 that makes the text right, as two more digits at its end."""
    return MODULUS + 1 - remainder(text + "00")
