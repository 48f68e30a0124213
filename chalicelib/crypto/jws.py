"""What the vault signs for others to check: JWS in compact form (RFC 7515) with ES256 (RFC 7518, 3.4).

Any JOSE library verifies one with the public half of the vault's receipt key.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

Sign = Callable[[bytes], bytes]
"""An ECDSA signature (P-256, SHA-256, DER) of a message. Raises `KeyUnavailable`."""

MAX_SIGNED: Final = 4096
"""Most bytes that KMS signs as they are (`RAW`).
https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html"""

_COORDINATE_BYTES: Final = 32


def signed_claims(kind: str, claims: Mapping[str, Any], key_id: str, sign: Sign) -> str:
    """The claims as a JWS of the media type `kind`. `key_id` tells which public key verifies it."""
    to_sign = signing_input(kind, claims, key_id)
    return f"{to_sign}.{base64url(_raw(sign(to_sign.encode())))}"


def signing_input(kind: str, claims: Mapping[str, Any], key_id: str) -> str:
    """What the signature of a JWS is of: all but the signature itself."""
    return f"{_encoded({'alg': 'ES256', 'kid': key_id, 'typ': kind})}.{_encoded(claims)}"


def claims_of(jws: str) -> dict[str, Any]:
    """What a JWS of this vault says; whether it is one has to be known already. Raises nothing then."""
    encoded = jws.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return claims


def base64url(raw: bytes) -> str:
    """Without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(der: bytes) -> bytes:
    """KMS answers in DER; a JWS carries both numbers one behind the other (RFC 7518, 3.4)."""
    return b"".join(number.to_bytes(_COORDINATE_BYTES, "big") for number in decode_dss_signature(der))


def _encoded(value: Mapping[str, Any]) -> str:
    return base64url(json.dumps(value, separators=(",", ":"), sort_keys=True).encode())
