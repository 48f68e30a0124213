"""Checking an erasure receipt: a JWS in compact form (RFC 7515) with ES256 (RFC 7518, 3.4).

Needs the package `cryptography`.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

try:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key
except ImportError:
    raise ImportError("checking signatures needs cryptography: pip install cryptography") from None

from tokenvault_client import results
from tokenvault_client.errors import ConfigurationError, VerificationError
from tokenvault_client.parsing import load_json
from tokenvault_client.results import SignedReceipt

_TYPE: Final = "tokenvault-receipt+jws"
EXPORT_OPENING: Final = "tokenvault-export-opening+jws"
EXPORT_RECEIPT: Final = "tokenvault-export-receipt+jws"
PAIRS_OPENING: Final = "tokenvault-retokenize-opening+jws"
PAIRS_RECEIPT: Final = "tokenvault-retokenize-receipt+jws"
_KINDS: Final = {
    _TYPE: "an erasure receipt",
    EXPORT_OPENING: "the opening of an export",
    EXPORT_RECEIPT: "the receipt of an export",
    PAIRS_OPENING: "the opening of a file of old and new tokens",
    PAIRS_RECEIPT: "the receipt of a file of old and new tokens",
}
_VERSION: Final = 1
_COORDINATE_BYTES: Final = 32


@dataclass(frozen=True)
class _Jws:
    """The parts of a JWS, nothing of it trusted yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signing_input: bytes
    signature: bytes


def verify(jws: str, public_key: bytes, key_id: str | None = None) -> SignedReceipt:
    """The receipt, if it is signed with the private half of this key.

    `public_key` is a file's content: PEM, DER (what `kms:GetPublicKey` gives) or a JWK. It has to come from
    somewhere else than the receipt; so has `key_id`, which the receipt must name if it is given.

    Compare receipts by their `claims`, not by their text: with a signature (r, s), (r, n - s) is one as well,
    and anyone can compute it. ES256 allows both, and KMS gives either.

    Raises `VerificationError`, and `ConfigurationError` for what is not such a public key.
    """
    claims = verified_claims(load_key(public_key), jws, _TYPE, key_id)
    if claims.get("version") != _VERSION:
        raise VerificationError("the receipt is of a version that this tool does not know")
    try:
        return SignedReceipt(results.receipt(claims), jws, claims)
    except (KeyError, TypeError, ValueError):
        raise VerificationError("what is signed is not an erasure receipt") from None


def verified_claims(
    key: ec.EllipticCurvePublicKey, jws: str, kind: str, key_id: str | None = None
) -> Mapping[str, Any]:
    """What a JWS of this media type says that the vault signed. Raises `VerificationError`."""
    parts = _parts(jws)
    if parts.header.get("alg") != "ES256" or parts.header.get("typ") != kind or "crit" in parts.header:
        raise VerificationError(f"the header is not that of {_KINDS[kind]}")
    if key_id is not None and parts.header.get("kid") != key_id:
        raise VerificationError("the receipt names another key")
    _check_signature(key, parts)
    return parts.claims


def load_key(content: bytes) -> ec.EllipticCurvePublicKey:
    """A P-256 public key from PEM, DER or a JWK. Raises `ConfigurationError`."""
    try:
        key = _loaded(content)
    except (KeyError, TypeError, ValueError, UnsupportedAlgorithm):
        raise ConfigurationError("the public key is not PEM, DER or a JWK of a P-256 key") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ConfigurationError("the public key is not a P-256 key")
    return key


def _loaded(content: bytes) -> object:
    if content.lstrip().startswith(b"{"):
        return _from_jwk(load_json(content))
    if content.lstrip().startswith(b"-----BEGIN"):
        return load_pem_public_key(content)
    return load_der_public_key(content)


def _from_jwk(jwk: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    """RFC 7518, 6.2.1."""
    if (jwk["kty"], jwk["crv"]) != ("EC", "P-256"):
        raise ValueError("another kind of key")
    x, y = (int.from_bytes(_base64url(jwk[name])) for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _parts(jws: str) -> _Jws:
    try:
        header, payload, signature = jws.split(".")
        return _Jws(
            header=_object(header),
            claims=_object(payload),
            signing_input=f"{header}.{payload}".encode("ascii"),
            signature=_base64url(signature),
        )
    except ValueError:
        raise VerificationError("this is not a JWS in compact form") from None


def _check_signature(key: ec.EllipticCurvePublicKey, parts: _Jws) -> None:
    if len(parts.signature) != 2 * _COORDINATE_BYTES:
        raise VerificationError("the signature does not have the length of ES256")
    r, s = parts.signature[:_COORDINATE_BYTES], parts.signature[_COORDINATE_BYTES:]
    der = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
    try:
        key.verify(der, parts.signing_input, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise VerificationError("the signature is not that of this key over this receipt") from None


def _object(encoded: str) -> Mapping[str, Any]:
    parsed = load_json(_base64url(encoded))
    return parsed if isinstance(parsed, dict) else {}


def _base64url(text: str) -> bytes:
    """Strict: no other text decodes to the same bytes, so that what is signed has a single spelling."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise binascii.Error("not base64url")
    return raw
