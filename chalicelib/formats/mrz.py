"""The check digit of machine-readable travel documents: ICAO Doc 9303, part 3, 4.9."""

from typing import Final

_WEIGHTS: Final = (7, 3, 1)


def passes_mrz(text: str) -> bool:
    """Whether the last character is the check digit of the ones before it.

    Digits count as they are, A to Z 10 to 35, and the filler `<` nothing.
    """
    return text[-1:].isdigit() and _sum(text[:-1]) == int(text[-1])


def failing(before: str, choice: int, after: str) -> str:
    """The text with one digit put between, so that the check fails.

    No weight has a divisor in common with 10, so at any place exactly one digit of ten passes. `choice` (0 to
    8) tells the nine others apart.
    """
    made = [f"{before}{digit}{after}" for digit in range(10)]
    return [text for text in made if not passes_mrz(text)][choice]


def _sum(text: str) -> int:
    values = (0 if character == "<" else int(character, 36) for character in text)
    return sum(value * _WEIGHTS[place % 3] for place, value in enumerate(values)) % 10
