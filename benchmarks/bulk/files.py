"""The file that is taken in: four columns, the same rows in every run, no card twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

COLUMN: Final = "card"
MAP: Final = '[columns.card]\ntype = "{kind}"\n'
"""The map of an import that gives the column this information type."""

_COUNTRIES: Final = ("DE", "FR", "US", "BR", "IN", "JP", "ZA")
_DOUBLED: Final = str.maketrans("0123456789", "0246813579")


def write(path: Path, rows: int) -> None:
    """A CSV file of so many rows."""
    with path.open("w") as file:
        file.write(f"customer,country,{COLUMN},amount\n")
        for number, card in enumerate(_cards(rows)):
            country = _COUNTRIES[number % len(_COUNTRIES)]
            file.write(f"c-{number:08},{country},{card},{number % 90_000 / 100:.2f}\n")


def cards(path: Path) -> Iterator[str]:
    """The column, as `cut` gives it."""
    with path.open() as file:
        next(file)
        yield from (line.split(",")[2] for line in file)


def _cards(rows: int) -> Iterator[str]:
    """Numbers of 16 digits that pass the Luhn check (ISO/IEC 7812-1, annex B)."""
    for number in range(rows):
        digits = f"4{number:014}"
        total = sum(map(int, digits[::2].translate(_DOUBLED))) + sum(map(int, digits[1::2]))
        yield f"{digits}{-total % 10}"
