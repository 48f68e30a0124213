"""Reading a standard number: from any usual spelling to the canonical form, or the rule that it breaks."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from stdnum.exceptions import (
    InvalidChecksum,
    InvalidComponent,
    InvalidFormat,
    InvalidLength,
    ValidationError,
)

from chalicelib.errors import InvalidValue
from chalicelib.formats.spelling import plain, refused
from chalicelib.formats.standard_numbers.corrections import LATER, OURS

LONGEST: Final = 64
"""More characters than any of the numbers has, with its separators."""

_RULES: Final = {
    InvalidChecksum: "fails the check digits: mistyped, or a token already",
    InvalidLength: "has not the length of such a number",
    InvalidComponent: "has a part that no such number has",
    InvalidFormat: "has not the form of such a number",
}

_SEPARATORS: Final = re.compile(r"(?<=[0-9A-Za-z])[-./ ]{1,2}(?=[0-9A-Za-z])")

_SEPARATORS_COUNT: Final = frozenset(
    (
        "casrn", "cr.cpf", "cz.bankaccount", "de.leitweg", "eu.ecnumber", "eu.eic",
        "fi.hetu", "fr.rcs", "isil", "mac",
        "nz.bankaccount", "ro.onrc", "se.personnummer",
    )
)  # fmt: skip
"""Schemes in which a separator tells something: a century, or the end of a part that zeros fill up."""

_SPACES_COUNT: Final = "nz.bankaccount"
"""The only one of them in which a space is such a separator."""

_BEYOND_ASCII: Final = frozenset(("by.unp", "mk.edb", "mx.rfc"))
"""Schemes with Cyrillic spellings, and with the letter Ñ."""


_IN_SMALL: Final = "at.businessid"
"""The only scheme whose letter is small."""

_RENAMED: Final = {"iso9362": "bic"}
"""Modules that are deprecated, and what they are called now."""


@dataclass(frozen=True)
class Reader:
    """Reads the numbers of one scheme: python-stdnum's judgement, and what is corrected of it."""

    scheme: str
    validate: Callable[[str], str]

    def read(self, value: object) -> str:
        """The canonical form. Reading it gives it again. Raises `InvalidValue`."""
        canonical = self._judged(self._spelled(value))
        if not canonical.strip("0"):
            raise InvalidValue("must not be zeros only")
        if self._judged(canonical) != canonical:
            raise InvalidValue("is no number that would be read the same again")
        return canonical

    def _spelled(self, value: object) -> str:
        text = self._in_capitals(plain(value, LONGEST))
        if self.scheme == _IN_SMALL:
            text = text.lower()
        if self.scheme not in _SEPARATORS_COUNT:
            return _SEPARATORS.sub("", text)
        return text if self.scheme == _SPACES_COUNT else text.replace(" ", "")

    def _in_capitals(self, text: str) -> str:
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
            if strange := [sign for sign in text if not (sign.isascii() or self._has(sign))]:
                raise refused("".join(strange), "", "must be of ASCII letters and digits")
        return text.upper()

    def _has(self, letter: str) -> bool:
        """Whether numbers may have a letter beyond ASCII. None does whose capital is an ASCII one: it would
        pass for that, as a long s or a dotless i. Neither does one whose capital is several letters."""
        capital = letter.upper()
        return self.scheme in _BEYOND_ASCII and len(capital) == 1 and not capital.isascii()

    def _judged(self, text: str) -> str:
        canonical = self._validated(text)
        for correct in LATER.get(self.scheme, ()):
            canonical = correct(canonical)
        return canonical

    def _validated(self, text: str) -> str:
        try:
            return self.validate(text)
        except ValidationError as error:
            rule = next((_RULES[kind] for kind in _RULES if isinstance(error, kind)), _RULES[InvalidFormat])
            # Its message and traceback may hold parts of the number.
            raise InvalidValue(rule) from None
        except (ArithmeticError, LookupError, TypeError, ValueError):
            # Some modules take a text apart before they look whether it has these parts.
            raise InvalidValue(_RULES[InvalidFormat]) from None


def reader(scheme: str) -> Reader:
    """The reader of a scheme. Imports the module of this scheme only."""
    return Reader(scheme, OURS.get(scheme) or _theirs(scheme))


def _theirs(scheme: str) -> Callable[[str], str]:
    validate: Callable[[str], str] = import_module(f"stdnum.{_RENAMED.get(scheme, scheme)}").validate
    return validate
