"""Text of any kind, with opaque tokens: what no other format describes."""

from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import Options, TokenSpace
from chalicelib.formats.opaque import OpaqueTokens
from chalicelib.formats.options import read_options

MOST_BYTES: Final = 4096


@dataclass(frozen=True)
class Text:
    """Any text of 1 to 4,096 bytes in UTF-8, to the letter: nothing is normalised."""

    name: ClassVar[str] = "text"
    tokens: OpaqueTokens

    @classmethod
    def build(cls, type_name: str, options: Options) -> "Text":
        """Takes no options. Raises `ConfigurationError` where there are some."""
        read_options(options)
        return cls(OpaqueTokens(type_name))

    def canonicalize(self, value: object) -> str:
        """The text as it is."""
        if not isinstance(value, str):
            raise InvalidValue("text must be a string")
        if not 1 <= len(value) <= MOST_BYTES or not 1 <= _utf8_length(value) <= MOST_BYTES:
            raise InvalidValue(f"text has 1 to {MOST_BYTES} bytes in UTF-8")
        if self.tokens.recognizes(value):
            raise InvalidValue("this is a token already")
        return value

    def present(self, canonical: str) -> object:
        """The text, as a string."""
        return canonical

    def mask(self, canonical: str) -> str:
        """The same for every text: not even its length shows."""
        return "********"

    def space(self, canonical: str) -> TokenSpace:
        """All opaque tokens of the type."""
        return self.tokens.space

    def recognizes(self, text: str) -> bool:
        """Whether a text is a token of this type."""
        return self.tokens.recognizes(text)


def _utf8_length(text: str) -> int:
    """The length in UTF-8. Raises `InvalidValue` for half of a surrogate pair, which has none."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise InvalidValue("text holds half of a surrogate pair") from None
