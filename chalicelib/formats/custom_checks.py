"""The check digits that a custom format may have."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.formats import luhn, mod97, mrz
from chalicelib.formats.custom_places import CAPITALS, FILLER
from chalicelib.formats.shapes import DIGITS

CHOICES: Final = 9
"""At any place nine of ten digits fail a check."""


@dataclass(frozen=True)
class Check:
    """A check: what it takes, which characters it knows, how to make it fail at one place, and how many check
    digits stand at the end.

    `failing` puts one of ten digits between two texts, by a choice from 0 to 8, such that the whole does
    not pass. Two choices are two digits.
    """

    passes: Callable[[str], bool]
    knows: frozenset[str]
    failing: Callable[[str, int, str], str]
    digits: int = 1

    def behind(self, prefix: str) -> "Check":
        """The same check over a value with a fixed text in front: CMS has 80840 before an NPI."""
        return replace(
            self,
            passes=lambda text: self.passes(prefix + text),
            failing=lambda before, choice, after: self.failing(prefix + before, choice, after)[len(prefix) :],
        )


def _passes_luhn(text: str) -> bool:
    """Zeros alone pass the sum, and no number is made of them."""
    return luhn.passes_luhn(text) and text.strip("0") != ""


def _passes_mrz(text: str) -> bool:
    """An empty field has a right check digit too."""
    return mrz.passes_mrz(text) and text.strip("0<") != ""


CHECKS: Final = {
    "luhn": Check(_passes_luhn, frozenset(DIGITS), luhn.failing),
    "mod97": Check(mod97.passes_mod97, frozenset(DIGITS + CAPITALS), mod97.failing, digits=2),
    "mrz": Check(_passes_mrz, frozenset(DIGITS + CAPITALS + FILLER), mrz.failing),
}
