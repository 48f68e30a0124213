"""Receipts of erasings, read and checked without anything of ours."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.support.world import World


def parts(jws: str) -> tuple[bytes, bytes, bytes]:
    """Header, claims and signature."""
    header, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in jws.split("."))
    return header, claims, signature


def verify(account: World, jws: str) -> dict[str, Any]:
    """The claims of a receipt, checked with nothing but the public key (RFC 7515, RFC 7518)."""
    header, claims, signature = parts(jws)
    signed_by = json.loads(header)
    assert signed_by["alg"] == "ES256"
    public = load_der_public_key(account.kms.get_public_key(KeyId=signed_by["kid"])["PublicKey"])
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert len(signature) == 64
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    signed = jws.rpartition(".")[0].encode()
    public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    return dict(json.loads(claims))
