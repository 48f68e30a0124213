"""Whom an export is sealed to: a public key in PEM, and the fingerprint that people compare."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from tokenvault_client.errors import ConfigurationError

_PEM: Final = re.compile(
    rb"\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]{100,200})-----END PUBLIC KEY-----\s*"
)
_P256: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + b"\x04"
"""What the DER of an uncompressed P-256 public key begins with (RFC 5480, sections 2.1.1 and 2.2)."""
_DER_BYTES: Final = len(_P256) + 64


@dataclass(frozen=True)
class Recipient:
    """A recipient's key in PEM, and the SHA-256 of its DER in hexadecimal."""

    pem: str
    fingerprint: str


def read_recipient(content: bytes) -> Recipient:
    """A recipient from the content of a file. Raises `ConfigurationError`, without what is in it."""
    if b"PRIVATE KEY" in content:
        raise ConfigurationError(
            "the recipient's file holds a private key: only its public half belongs here"
        )
    found = _PEM.fullmatch(content)
    try:
        der = base64.b64decode(b"".join(found[1].split()), validate=True) if found else b""
    except binascii.Error:
        der = b""
    if len(der) != _DER_BYTES or not der.startswith(_P256):
        raise ConfigurationError("the recipient's file holds no P-256 public key in PEM (BEGIN PUBLIC KEY)")
    return Recipient(content.decode().strip() + "\n", hashlib.sha256(der).hexdigest())
