"""Free text: names, addresses, notes, or anything that has no shape of its own."""

import unicodedata
from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import FormatFacts, Options
from chalicelib.formats.opaque import Opaque, OpaqueTokens
from chalicelib.formats.options import OptionReader
from chalicelib.formats.shapes import byte_length, string

MAX_BYTES: Final = 4096


@dataclass(frozen=True)
class Text(Opaque):
    """1 to 4,096 bytes of UTF-8, taken as they are.

    By itself nothing is changed: two spellings of an accent are two texts, and what comes back is what was
    handed in. By `normalize = "NFC"` they are one text (UAX 15), and its composed form comes back: for names
    and addresses that are to be found again.
    """

    name: ClassVar[str] = "text"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="Ada Lovelace, 12 St James's Square",
        canonical="the text itself, or by `normalize` its NFC: 1 to 4,096 bytes of UTF-8",
        mask="constant; hides even the length",
        keeps="nothing",
        told_apart="a token begins with the type's name and `_`, and ends with a checksum",
    )

    composed: bool = False

    def canonicalize(self, value: object) -> str:
        text = string(value, MAX_BYTES)
        if self.composed:
            text = unicodedata.normalize("NFC", text)
        if not 1 <= byte_length(text) <= MAX_BYTES:
            raise InvalidValue(f"must have 1 to {MAX_BYTES} bytes in UTF-8")
        if self.recognizes(text):
            raise InvalidValue("is a token already")
        return text


def build(type_name: str, options: Options) -> Text:
    """A text format whose tokens begin with the type's name.

    Options: `normalize` (`none`, or `NFC`). Raises `ConfigurationError`.
    """
    read = OptionReader(options)
    normalize = read.choice("normalize", "none", ("none", "NFC"))
    read.close()
    return Text(OpaqueTokens(f"{type_name}_"), normalize == "NFC")
