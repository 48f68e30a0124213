"""Export files as cryptography has them: chunks sealed to the recipient's key, each chained to all before it.

A chunk is a message of HPKE of its own (RFC 9180, base mode, P-256 / HKDF-SHA-256 / AES-256-GCM). Base mode
says nothing of who sealed it: what makes a file the vault's are the signatures at its beginning and its end,
the second of which covers the digest of everything between. `docs/exports.md` has the format in words.
"""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from chalicelib.crypto.context import frame
from chalicelib.crypto.keys import RevealingKey, TokenizingKey
from chalicelib.errors import InvalidRequest
from chalicelib.sources import RandomBytes

VERSION: Final = 1
VERSION_IN_PARTS: Final = 2
SALT_BYTES: Final = 16
_OPENING: Final = b"tokenvault-export-1 opening\n"
_OPENING_OF_A_PART: Final = b"tokenvault-export-2 opening\n"
_CHUNK: Final = b"tokenvault-export-1 chunk\n"
_PEM: Final = re.compile(r"-----BEGIN PUBLIC KEY-----\s+[A-Za-z0-9+/=\s]{100,200}-----END PUBLIC KEY-----\s*")
_HPKE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True)
class Recipient:
    """Whom an export is sealed to: a P-256 public key, and its one spelling (SubjectPublicKeyInfo, DER)."""

    key: ec.EllipticCurvePublicKey = field(repr=False)
    der: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the DER, in hexadecimal: what people compare before they approve."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def pem(self) -> str:
        """The key as people and tools exchange it (RFC 7468, section 13)."""
        return self.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def read_recipient(pem: str) -> Recipient:
    """The key of a PEM text, as `openssl pkey -pubout` writes it. Raises `InvalidRequest`.

    A point that is written in another way would have another fingerprint, so it is refused.
    """
    try:
        key = load_pem_public_key(pem.encode()) if _PEM.fullmatch(pem) else None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InvalidRequest(
            "recipient: a P-256 public key in PEM (BEGIN PUBLIC KEY); never a private key", "/recipient"
        )
    return Recipient(key, key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def first_digest(opening: str, part: int | None = None) -> bytes:
    """The digest that the chain begins with: of the opening, which says what is exported and to whom.

    Each part of an export has a chain of its own, from the opening that they share and its number.
    """
    if part is None:
        return hashlib.sha256(_OPENING + opening.encode()).digest()
    return hashlib.sha256(_OPENING_OF_A_PART + part.to_bytes(8, "big") + opening.encode()).digest()


def next_digest(digest: bytes, sealed: bytes) -> bytes:
    """The digest behind a chunk, from the one before it."""
    return hashlib.sha256(digest + sealed).digest()


def seal_chunk(
    recipient: Recipient,
    plaintext: bytes,
    digest: bytes,
    number: int,
    *,
    last: bool,
    random_bytes: RandomBytes,
) -> bytes:
    """A chunk: its salt, then the encapsulation and the ciphertext of HPKE.

    `digest` is the one before it, `number` counts from 1. The salt comes from the kernel, as that of a
    request's secret does (`request_secret`): a cloned generator of OpenSSL must not seal twice alike.
    """
    salt = random_bytes(SALT_BYTES)
    return salt + _HPKE.encrypt(plaintext, recipient.key, info=chunk_info(digest, number, salt, last=last))


def chunk_info(digest: bytes, number: int, salt: bytes, *, last: bool) -> bytes:
    """What a chunk is bound to: all that is before it, its place, and whether the file ends with it."""
    return _CHUNK + digest + number.to_bytes(8, "big") + bytes([last]) + salt


def seal_position(key: TokenizingKey, position: bytes, digest: bytes, random_bytes: RandomBytes) -> bytes:
    """A place in the vault table, which may be another tenant's token, so that only the vault reads it."""
    salt = random_bytes(SALT_BYTES)
    return salt + _HPKE.encrypt(position, key.public_key, info=_position_info(key, digest, salt))


def open_position(key: RevealingKey, sealed: bytes, digest: bytes) -> bytes:
    """What `seal_position` sealed. Raises `InvalidRequest`."""
    salt, sealed = sealed[:SALT_BYTES], sealed[SALT_BYTES:]
    try:
        return _HPKE.decrypt(sealed, key.private_key, info=_position_info(key.tokenizing, digest, salt))
    except (InvalidTag, ValueError):
        raise InvalidRequest("cursor: it does not open; begin the export anew", "/cursor") from None


def _position_info(key: TokenizingKey, digest: bytes, salt: bytes) -> bytes:
    context = key.context
    return frame("export-position", context.vault_id, context.tenant, context.key_id, digest, salt)
