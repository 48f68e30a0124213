"""Opaque tokens: a prefix, random bits, and a checksum, after GitHub's token format.

https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/:
the prefix tells what a token found in a log or a repository is of, and the checksum tells a mistyped
token from an unknown one without a look into the vault. The checksum is no protection against forgery,
and needs none: to guess a token is to guess its random bits.
"""

import re
import zlib
from dataclasses import dataclass
from typing import Final

from chalicelib.formats.base import Capacity, TokenSpace
from chalicelib.formats.shapes import CROCKFORD, HIDDEN, numbered

_RANDOM: Final = [CROCKFORD] * 26
"""130 bits."""

_CHECKSUM: Final = [CROCKFORD] * 7
"""Capacity for the 32 bits of a CRC."""

_BODY: Final = re.compile(f"[{CROCKFORD}]{{{len(_RANDOM) + len(_CHECKSUM)}}}")
_SIZE: Final = len(CROCKFORD) ** len(_RANDOM)


@dataclass(frozen=True)
class OpaqueTokens:
    """All tokens with this prefix and suffix, which the checksum covers too."""

    prefix: str
    suffix: str = ""

    @property
    def space(self) -> TokenSpace:
        """The same for every value, so that a token tells nothing of its value."""
        return TokenSpace(_SIZE, self._token_at)

    @property
    def capacity(self) -> Capacity:
        """As much as there is."""
        return Capacity(_SIZE)

    def recognizes(self, text: str) -> bool:
        """Whether a text is one of these, its checksum included."""
        body = text[len(self.prefix) : len(text) - len(self.suffix)]
        # The slices overlap where the text is shorter than prefix and suffix, and then the body is empty.
        if not (text.startswith(self.prefix) and text.endswith(self.suffix) and _BODY.fullmatch(body)):
            return False
        random, checksum = body[: len(_RANDOM)], body[len(_RANDOM) :]
        return checksum == self._checksum(random)

    def _token_at(self, point: int) -> str:
        random = numbered(point, _RANDOM)
        return f"{self.prefix}{random}{self._checksum(random)}{self.suffix}"

    def _checksum(self, random: str) -> str:
        return numbered(zlib.crc32(f"{self.prefix}{random}{self.suffix}".encode()), _CHECKSUM)


@dataclass(frozen=True)
class Opaque:
    """What formats have in common whose tokens tell nothing of a value, and whose masks show nothing."""

    tokens: OpaqueTokens

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        return HIDDEN

    def space(self, canonical: str) -> TokenSpace:
        return self.tokens.space

    def capacity(self) -> Capacity:
        return self.tokens.capacity

    def recognizes(self, text: str) -> bool:
        return self.tokens.recognizes(text)
