"""Opaque tokens: a type's name, 130 random bits, and a checksum.

Modelled on GitHub's token format: a prefix that secret scanners can look for, and a CRC-32 so that
a typo is told apart from an unknown token without asking the vault.
https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
"""

import zlib
from dataclasses import dataclass
from typing import Final

from chalicelib.formats.base import TokenSpace

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32, in lower case: no i, l, o or u to misread. https://www.crockford.com/base32.html"""

BODY: Final = 26
CHECKSUM: Final = 7


@dataclass(frozen=True)
class OpaqueTokens:
    """The opaque tokens of one information type."""

    type_name: str

    @property
    def space(self) -> TokenSpace:
        """All of them: the same for every value, so a token tells nothing of its value."""
        return TokenSpace(32**BODY, self._token_at)

    def recognizes(self, text: str) -> bool:
        """Whether a text is a token of this type, its checksum included."""
        shaped = len(text) == len(self.type_name) + 1 + BODY + CHECKSUM and text.startswith(
            f"{self.type_name}_"
        )
        return shaped and text.isascii() and text[-CHECKSUM:] == _checksum(text[:-CHECKSUM])

    def _token_at(self, point: int) -> str:
        unchecked = f"{self.type_name}_{_base32(point, BODY)}"
        return unchecked + _checksum(unchecked)


def _checksum(text: str) -> str:
    return _base32(zlib.crc32(text.encode()), CHECKSUM)


def _base32(number: int, length: int) -> str:
    return "".join(ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(length)))
