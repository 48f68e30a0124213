"""Where something goes on, as its client carries it from one request to the next: signed by the vault.

Nothing is stored. Each use has a label of its own, so that a cursor of one is none of another.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.crypto.context import frame
from chalicelib.crypto.jws import Sign, base64url
from chalicelib.errors import InvalidRequest, RecordCorrupt

Verify = Callable[[bytes, bytes], None]
"""Raises `RecordCorrupt` unless the vault made this signature (second) of this message (first)."""

_MAX_SIGNATURE: Final = 72
"""Bytes of an ECDSA signature of P-256 in DER, at most. KMS takes no empty one."""


@dataclass(frozen=True)
class SignedCursors:
    """Writes what a cursor says, and reads it back. Both raise `KeyUnavailable`."""

    label: str
    sign: Sign
    verify: Verify

    def write(self, says: Mapping[str, Any]) -> str:
        """A cursor that says this."""
        payload = json.dumps(says, separators=(",", ":")).encode()
        return f"{base64url(payload)}.{base64url(self.sign(frame(self.label, payload)))}"

    def read(self, cursor: str) -> dict[str, Any]:
        """What a cursor says. Raises `InvalidRequest` for any that `write` did not make."""
        encoded, _, signature = cursor.partition(".")
        try:
            payload, signed = decoded(encoded), _signature(signature)
            self.verify(frame(self.label, payload), signed)
        except (ValueError, RecordCorrupt):
            raise InvalidRequest("cursor: it is none that this vault gave", "/cursor") from None
        parsed: dict[str, Any] = json.loads(payload)
        return parsed


def _signature(text: str) -> bytes:
    """Raises `ValueError` for what is none by its length."""
    signature = decoded(text)
    if not 0 < len(signature) <= _MAX_SIGNATURE:
        raise ValueError("no signature is of this length")
    return signature


def decoded(text: str) -> bytes:
    """Base64url without padding. Raises `ValueError`."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
