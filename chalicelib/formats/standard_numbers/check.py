"""Check digits, as arithmetic alone."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.formats.mod97 import remainder
from chalicelib.formats.shapes import DIGITS


@dataclass(frozen=True)
class Check:
    """What is calculated of a text, and what it must be.

    No date and no table of ranges has a say. So a token that fails the check fails it in all years to come,
    and the same point of a token space is the same token for good.
    """

    calculated: Callable[[str], object]
    wanted: Callable[[str], object]

    def passes(self, text: str) -> bool:
        """Whether the check digits are right. What cannot be calculated does not pass."""
        try:
            return self.calculated(text) == self.wanted(text)
        except (ArithmeticError, LookupError, ValueError):
            # A letter in the place of a digit: python-stdnum's `ValidationError` is a `ValueError` too.
            return False

    def tells_digits(self, text: str, place: int) -> bool:
        """Whether most digits at a place make a difference, as in all checks without idle weights."""
        made = (f"{text[:place]}{digit}{text[place + 1 :]}" for digit in DIGITS)
        try:
            return len({self.calculated(each) for each in made}) >= len(DIGITS) // 2
        except (ArithmeticError, LookupError, ValueError):
            # A text made up does not always have a part that the calculation looks up.
            return False


def at_the_end(calculate: Callable[[str], str], count: int) -> Check:
    """The last so many characters are what is calculated from those before."""
    return Check(lambda text: calculate(text[:-count]), lambda text: text[-count:])


def over_all(calculate: Callable[[str], int], wanted: int) -> Check:
    """A calculation over the whole leaves this remainder."""
    return Check(calculate, lambda _: wanted)


def front_remainder(text: str) -> int:
    """1 where the check digits behind the first two letters are right: ISO 13616 and ISO 11649."""
    return remainder(text[4:] + text[:4])


def creditor_remainder(text: str) -> int:
    """The same for creditor identifiers, in which three characters of a business do not count: EPC AT-02."""
    return remainder(text[7:] + text[:4])
