"""Numbers of countries and institutions, by the name of their standard: `br.cnpj`, `fi.hetu`, `lei`."""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.errors import ConfigurationError, InvalidValue
from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.options import OptionReader
from chalicelib.formats.preserved import Limits, Preserved, read_preserved
from chalicelib.formats.standard_numbers.reading import LONGEST
from chalicelib.formats.standard_numbers.scheme import Scheme, scheme
from chalicelib.formats.standard_numbers.shape import ANY_LENGTH
from chalicelib.formats.standard_numbers.tokens import TokenShape, token_shape

_LIMITS: Final = Limits(last=4)

_CHARACTERS: Final = re.compile(r"[0-9A-Za-z._~-]+")
"""Of tokens: letters and digits, and separators that tell something."""

_TRIED: Final = 16
"""So many tokens are made and judged when a policy loads."""


@dataclass(frozen=True)
class StandardNumber:
    """A number that its scheme takes; tokens look alike place by place, and the scheme takes none of them.

    `scheme` is the name of a module of python-stdnum, with what this project corrects and adds:
    docs/standard-numbers.md lists all, with the shapes of their numbers and tokens. Where a scheme has check
    digits and digits enough, its tokens fail them; else a letter stands where numbers have a digit. Case
    does not count. Letters beyond ASCII are refused where a scheme has none, and everywhere those whose
    capital is an ASCII one.
    """

    name: ClassVar[str] = "standard_number"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="12ABC34501DE35",
        canonical="capital letters and digits without separators, with the check digits and ranges of the "
        "scheme; the few schemes in which a separator tells something keep it",
        mask="the last 4 characters (`mask_last`, 0 to 4), at most half of them, and the length",
        keeps="length, in most schemes; whether a place has a letter or a digit; letters that all "
        "numbers of the scheme have; by `keep_last` up to 4 last characters, at most half of them",
        told_apart="a token fails the check digits, or has a letter where numbers have a digit, or a digit "
        "where they have a letter",
    )
    scheme: Scheme
    kept: Preserved
    shown: Preserved

    def canonicalize(self, value: object) -> str:
        canonical = self.scheme.reader.read(value)
        self.scheme.form(canonical)
        return canonical

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        return _halved(self.shown, len(canonical)).mask(canonical)

    def space(self, canonical: str) -> TokenSpace:
        return self._tokens(len(canonical)).space(canonical)

    def capacity(self) -> Capacity:
        """Whether ends of numbers fall evenly is not taken for granted: many are branches or years."""
        sizes = [self._tokens(length).size("0" * length) for length in self._lengths(LONGEST)]
        return Capacity(min(sizes), room=self.kept.room)

    def sample_spaces(self) -> list[TokenSpace]:
        """Of each length that values of the scheme have."""
        return [self._tokens(length).space("0" * length) for length in sorted(self._lengths(LONGEST))]

    def recognizes(self, text: str) -> bool:
        if not _CHARACTERS.fullmatch(text):
            return False
        return any(self._tokens(length).has(text) for length in self._lengths(len(text)))

    def _tokens(self, length: int) -> TokenShape:
        return token_shape(self.scheme.forms, length, _halved(self.kept, length).last)

    def _lengths(self, most: int) -> set[int]:
        """Of values, up to a length."""
        shapes = [form.shape for form in self.scheme.forms]
        if ANY_LENGTH in shapes:
            return set(range(1, most + 1))
        return {len(shape) for shape in shapes if len(shape) <= most}


def _halved(preserved: Preserved, length: int) -> Preserved:
    """Short values keep and show fewer characters, so that at least half of one stays hidden."""
    return Preserved(last=min(preserved.last, length // 2))


def build(_type_name: str, options: Options) -> StandardNumber:
    """Options: `scheme` (required), `keep_last`, `mask_last`.

    Raises `ConfigurationError`, also if a scheme cannot be used: with the reason.
    """
    read = OptionReader(options)
    kept, shown = read_preserved(read, _LIMITS)
    name = read.text("scheme", "")
    if not name:
        read.problem("needs option scheme, the name of a standard")
    read.close()
    made = StandardNumber(scheme(name), kept, shown)
    _try(made)
    return made


def _try(made: StandardNumber) -> None:
    """Looks at the example and at tokens for it. Raises `ConfigurationError`."""
    example = made.scheme.example
    if made.canonicalize(example) != example:
        raise ConfigurationError([f"option scheme: {made.scheme.name} does not take its own example"])
    space = made.space(example)
    for number in range(_TRIED):
        token = space.token_at(number * (space.size - 1) // (_TRIED - 1))
        if token.startswith("0") or not made.recognizes(token) or _is_value(made, token):
            raise ConfigurationError([f"option scheme: {made.scheme.name} would take its own tokens"])


def _is_value(made: StandardNumber, text: str) -> bool:
    try:
        made.canonicalize(text)
    except InvalidValue:
        return False
    return True
