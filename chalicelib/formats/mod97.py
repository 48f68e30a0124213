"""The check digits of IBANs and others: ISO/IEC 7064, MOD 97-10."""

from typing import Final

MODULUS: Final = 97
_FEWEST, _MOST = 2, 98


def remainder(text: str) -> int:
    """What is left of digits and capital letters, A as 10 to Z as 35, divided by 97.

    1 where two check digits at the end are right.
    """
    return int("".join(str(int(character, 36)) for character in text)) % MODULUS


def check_digits(text: str) -> int:
    """The number from 2 to 98 that makes the text right, as two more digits at its end."""
    return MODULUS + 1 - remainder(text + "00")


def passes_mod97(text: str) -> bool:
    """Whether the last two characters are the check digits of those before them, as ISO/IEC 7064 makes them.

    00, 01 and 99, which count as 97, 98 and 02, are never made, and neither are letters (ISO 17442-1).
    """
    digits = text[-2:]
    return digits.isdigit() and _FEWEST <= int(digits) <= _MOST and remainder(text) == 1


def failing(before: str, choice: int, after: str) -> str:
    """The text with one digit put between, so that the check fails, even where 99 is read as 02.

    At any place at most one digit of ten passes: a digit counts so many times a power of ten, by which 97
    is not divisible. `choice` (0 to 8) tells the nine others apart, or the first nine where none passes.
    """
    made = [f"{before}{digit}{after}" for digit in range(10)]
    return [text for text in made if remainder(text) != 1][choice]
