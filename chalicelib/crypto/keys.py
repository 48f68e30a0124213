"""The keys of a tenant in memory: what sealing needs, and what opening needs. Pure.

The public half and the root travel as one *tokenizing bundle* under one KEK, so that neither can
be swapped for another. The root is never used as it is, only through labelled HKDF subkeys
(RFC 5869; labels as NIST SP 800-108 asks for).
"""

from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from chalicelib.crypto.context import KeyContext, frame
from chalicelib.errors import RecordCorrupt

KEY_BYTES: Final = 32
"""Length of every symmetric key here: 256 bits."""


def derive(secret: bytes | bytearray, info: bytes, length: int = KEY_BYTES) -> bytes:
    """`length` bytes from a uniformly random secret, by HKDF-SHA-256 (RFC 5869)."""
    return HKDF(hashes.SHA256(), length, salt=None, info=info).derive(secret)


@dataclass(frozen=True)
class TokenizingKey:
    """One version of a branch key, as the path that takes values in holds it.

    It seals records and checks their signatures. It opens none: the private half is not in it.
    """

    context: KeyContext
    public_key: ec.EllipticCurvePublicKey = field(repr=False)
    sign_subkey: bytes = field(repr=False)
    mix_subkey: bytes = field(repr=False)


@dataclass(frozen=True)
class RevealingKey:
    """One version of a branch key with its private half: it opens what the other half sealed."""

    tokenizing: TokenizingKey
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)


def pack_bundle(public_key: ec.EllipticCurvePublicKey, root: bytes) -> bytes:
    """The plaintext of a tokenizing bundle: the root, then the public half as DER."""
    return root + public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def unpack_bundle(context: KeyContext, bundle: bytes) -> TokenizingKey:
    """The tokenizing key of an unwrapped bundle. Raises `RecordCorrupt` where it is none."""
    root, public = bundle[:KEY_BYTES], load_public_key(bundle[KEY_BYTES:])
    return TokenizingKey(
        context=context,
        public_key=public,
        sign_subkey=derive(root, frame("sign", context.vault_id, context.tenant, context.key_id)),
        mix_subkey=derive(root, frame("mix", context.vault_id, context.tenant, context.key_id)),
    )


def load_public_key(der: bytes) -> ec.EllipticCurvePublicKey:
    """A P-256 public key from SubjectPublicKeyInfo. Raises `RecordCorrupt` for anything else."""
    try:
        key = load_der_public_key(der)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise RecordCorrupt("a branch key's public half does not parse") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise RecordCorrupt("a branch key's public half is not a P-256 key")
    return key


def revealing_key(tokenizing: TokenizingKey, private_der: bytes) -> RevealingKey:
    """Joins the unwrapped private half (PKCS #8) with its bundle.

    Raises `RecordCorrupt` where the halves do not belong together: somebody swapped one.
    """
    try:
        private = load_der_private_key(private_der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise RecordCorrupt("a branch key's private half does not parse") from None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != tokenizing.public_key:
        raise RecordCorrupt("a branch key's halves do not belong together")
    return RevealingKey(tokenizing, private)
