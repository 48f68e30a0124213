"""Formats that an adopter makes up in the policy: numbers of members, contracts, vehicles, devices."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats import luhn, mod97
from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.options import OptionReader
from chalicelib.formats.preserved import Limits, Preserved, read_preserved
from chalicelib.formats.shapes import DIGITS, is_digits, numbered, string

_CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FIT_FOR_URLS: Final = frozenset(DIGITS + _CAPITALS + _CAPITALS.lower() + "-._~")
"""Unreserved characters of RFC 3986: tokens stand in paths."""

_MARKS: Final = _CAPITALS.lower() + _CAPITALS + DIGITS + "~_."
"""No hyphen among them: people leave hyphens out."""

_SHORTEST: Final = 4
_LONGEST: Final = 128

_LEAST_REPLACED: Final = 3
"""However much a policy keeps or shows, so much of the shortest value it does not."""


@dataclass(frozen=True)
class Check:
    """A check digit: what it takes, which characters it knows, and how to make it fail at one place.

    `failing` puts one of ten digits between two texts, by a choice from 0 to 8, such that the whole does
    not pass. Two choices are two digits.
    """

    passes: Callable[[str], bool]
    knows: frozenset[str]
    failing: Callable[[str, int, str], str]


_CHECKS: Final = {
    "luhn": Check(luhn.passes_luhn, frozenset(DIGITS), luhn.failing),
    "mod97": Check(mod97.passes_mod97, frozenset(DIGITS + _CAPITALS), mod97.failing),
}
_CHOICES: Final = 9


@dataclass(frozen=True)
class Custom:
    """Values of an alphabet and of a range of lengths; tokens are as long.

    With a check digit, tokens are of the same alphabet and fail it. Without one, a mark that no value has,
    not even with its case folded, stands in a token where the replaced characters begin.
    """

    name: ClassVar[str] = "custom"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="004711000844",
        canonical="characters of `alphabet`, `length` or `min_length` to `max_length` of them, "
        "and by `check_digit` (`luhn`, `mod97`) a check they pass; case counts, no separators",
        mask="length; by `mask_first` and `mask_last` so many characters, at least 3 are starred",
        keeps="length; by `keep_first` and `keep_last` so many characters, at least 3 are replaced",
        told_apart="a token fails the check digit, or has a mark that is not in the alphabet",
    )
    alphabet: str
    shortest: int
    longest: int
    kept: Preserved
    shown: Preserved
    mark: str
    check: Check | None = None

    def canonicalize(self, value: object) -> str:
        text = string(value, self.longest)
        if len(text) < self.shortest:
            raise InvalidValue(f"must have at least {self.shortest} characters")
        if not set(text) <= set(self.alphabet):
            raise InvalidValue("has characters that are not in the alphabet")
        if self.check and not self.check.passes(text):
            raise InvalidValue("fails the check digit: mistyped, or a token already")
        return text

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        return self.shown.mask(canonical)

    def space(self, canonical: str) -> TokenSpace:
        head, tail = self.kept.head(canonical), self.kept.tail(canonical)
        drawn = [self.alphabet] * (self.kept.replaced(canonical) - 1)
        size = len(self.alphabet) ** len(drawn)
        if self.check is None:
            return TokenSpace(size, lambda point: f"{head}{self.mark}{numbered(point, drawn)}{tail}")
        failing = self.check.failing

        def token_at(point: int) -> str:
            rest, choice = divmod(point, _CHOICES)
            return failing(head + numbered(rest, drawn), choice, tail)

        return TokenSpace(_CHOICES * size, token_at)

    def capacity(self) -> Capacity:
        """Only of digits is it taken for granted that they fall evenly."""
        classes = 10**self.kept.last if is_digits(self.alphabet) else 1
        return Capacity(self.space(self.alphabet[0] * self.shortest).size, classes)

    def recognizes(self, text: str) -> bool:
        if not self.shortest <= len(text) <= self.longest:
            return False
        place = self.kept.first
        drawn = text if self.check else text[:place] + text[place + 1 :]
        if not set(drawn) <= set(self.alphabet):
            return False
        return not self.check.passes(text) if self.check else text[place] == self.mark


def build(_type_name: str, options: Options) -> Custom:
    """Options: `alphabet`; `length`, or `min_length` and `max_length`; `check_digit`; and `keep_first`,
    `keep_last`, `mask_first`, `mask_last`, all 0 where the policy does not say.

    Raises `ConfigurationError`, also where no character is left to mark tokens with.
    """
    read = OptionReader(options)
    alphabet = _alphabet(read)
    shortest, longest = _lengths(read, options)
    most = shortest - _LEAST_REPLACED
    kept, shown = read_preserved(read, Limits(first=most, last=most, default_shown=0))
    if max(kept.first + kept.last, shown.first + shown.last) > most:
        read.problem(f"must replace and mask at least {_LEAST_REPLACED} characters of the shortest value")
    check = _CHECKS.get(read.choice("check_digit", "none", ("none", *_CHECKS)))
    if check and not set(DIGITS) <= set(alphabet) <= check.knows:
        read.problem(
            "option check_digit needs an alphabet of digits, all of them, and for mod97 capital letters"
        )
    mark = next((one for one in _MARKS if not {one, one.lower(), one.upper()} & set(alphabet)), "")
    if not (check or mark):
        read.problem("option alphabet leaves no character to mark tokens with, and there is no check digit")
    read.close()
    return Custom(alphabet, shortest, longest, kept, shown, mark, check)


def _alphabet(read: OptionReader) -> str:
    alphabet = read.text("alphabet", "")
    if not (len(set(alphabet)) == len(alphabet) >= 2 and set(alphabet) <= _FIT_FOR_URLS):
        read.problem("option alphabet must be two or more of A-Z, a-z, 0-9, - . _ ~, each once")
        return DIGITS
    return alphabet


def _lengths(read: OptionReader, options: Options) -> tuple[int, int]:
    """The shortest and the longest value."""
    given = {name for name in ("length", "min_length", "max_length") if options.get(name) is not None}
    if given not in ({"length"}, {"min_length", "max_length"}):
        read.problem("needs option length, or min_length and max_length")
    if "length" in given:
        length = read.integer("length", _SHORTEST, _SHORTEST, _LONGEST)
        return length, length
    shortest = read.integer("min_length", _SHORTEST, _SHORTEST, _LONGEST)
    return shortest, read.integer("max_length", shortest, shortest, _LONGEST)
