"""JSON documents: RFC 8259, of any structure."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import FormatFacts, Options
from chalicelib.formats.opaque import Opaque, OpaqueTokens
from chalicelib.formats.options import no_options
from chalicelib.formats.shapes import byte_length

MAX_BYTES: Final = 16 * 1024
MAX_DEPTH: Final = 32
"""Arrays and objects within one another."""

MAX_DIGITS: Final = 4300
"""Digits of a number, zeros at its ends aside: as many as Python's own reader takes in a whole number, and so
what anything that is written in Python can read back. RFC 8259, section 6, lets a limit be set."""

_PLAIN_DIGITS: Final = 21
"""Up to so many digits a whole number is written out, as ECMAScript does; longer ones lose their last zeros
to an exponent, so that one of a million zeros stays short."""


@dataclass(frozen=True)
class Json(Opaque):
    """Any JSON value of up to 16 KB, returned equal.

    Equal means: the same text, the same numbers with all their digits (at most 4,300), the same names with
    equal values in whatever order. 1.10, 1.1 and 11e-1 are one number. Unicode is not normalised.
    """

    name: ClassVar[str] = "json"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example='{"born":"1815-12-10","name":"Ada Lovelace"}',
        canonical="names sorted, no spaces, each number in one spelling of its exact value; "
        "at most 16,384 bytes of UTF-8, 32 levels deep",
        mask="constant; hides even the length",
        keeps="nothing",
        told_apart="a token begins with the type's name and `_`, and ends with a checksum",
    )

    def canonicalize(self, value: object) -> str:
        if isinstance(value, str) and self.recognizes(value):
            raise InvalidValue("is a token already")
        document = _written(value, MAX_DEPTH)
        if byte_length(document) > MAX_BYTES:
            raise InvalidValue(f"must have at most {MAX_BYTES} bytes in its canonical form")
        return document

    def present(self, canonical: str) -> object:
        """Numbers come as `Decimal`, which has neither the limits of a float nor Python's on long numbers."""
        try:
            return json.loads(canonical, parse_int=Decimal, parse_float=Decimal)
        except (ValueError, ArithmeticError, RecursionError):
            # A text from when the policy had the type as another format; the errors would quote it.
            raise InvalidValue("must be JSON") from None


def build(type_name: str, options: Options) -> Json:
    """Tokens begin with the type's name; no options. Raises `ConfigurationError`."""
    no_options(options)
    return Json(OpaqueTokens(f"{type_name}_"))


def _written(value: object, depth: int) -> str:
    """The one spelling of a value. `float` is refused, since it may have lost digits already."""
    match value:
        case None | bool():
            return json.dumps(value)
        case int() | Decimal():
            return _number(Decimal(value))
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list() | dict() if depth == 0:
            raise InvalidValue(f"must have at most {MAX_DEPTH} levels of arrays and objects")
        case list():
            return f"[{','.join(_written(each, depth - 1) for each in value)}]"
        case dict() if all(isinstance(name, str) for name in value):
            members = (f"{_written(name, 0)}:{_written(value[name], depth - 1)}" for name in sorted(value))
            return f"{{{','.join(members)}}}"
    raise InvalidValue("must be JSON")


def _number(number: Decimal) -> str:
    """The one spelling of a number: no zeros at its end, but in whole numbers that stay short."""
    if not number.is_finite():
        raise InvalidValue("has a number with an exponent of more than 18 digits, or that is none")
    if not number:
        return "0"
    sign, digits, exponent = number.as_tuple()
    significant = "".join(map(str, digits)).rstrip("0")
    if len(significant.lstrip("0")) > MAX_DIGITS:
        raise InvalidValue(f"has a number of more than {MAX_DIGITS} digits")
    scale = int(exponent) + len(digits) - len(significant)
    if 0 < scale <= _PLAIN_DIGITS - len(significant):
        significant, scale = significant + "0" * scale, 0
    return str(Decimal((sign, tuple(map(int, significant)), scale)))
