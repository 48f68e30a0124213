"""An identity provider of a service: it signs who somebody is, as theirs do."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm

ISSUER, AUDIENCE, KEY_ID = "https://login.shop.example", "tokenvault", "key-1"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def pem(key: Key) -> str:
    """The public half, as it stands in a policy."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass
class IdentityProvider:
    """One that signs with ES256."""

    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def policy(self) -> dict[str, Any]:
        """What a client's policy says of it."""
        return {"issuer": ISSUER, "audience": AUDIENCE, "keys": {KEY_ID: pem(self.key)}}

    def assertion(self, now: float, sub: Any = "anna", *, kid: str | None = KEY_ID, **claims: Any) -> str:
        """A minute long, for the vault; a claim of None is left out."""
        said = {"iss": ISSUER, "aud": AUDIENCE, "sub": sub, "iat": int(now), "exp": int(now) + 60, **claims}
        claims = {name: claim for name, claim in said.items() if claim is not None}
        algorithm = "ES256" if isinstance(self.key, ec.EllipticCurvePrivateKey) else "RS256"
        return jwt.encode(claims, self.key, algorithm=algorithm, headers={} if kid is None else {"kid": kid})

    def signed(self, header: str, claims: str) -> str:
        """A header and claims to the last byte, signed with ES256 (RFC 7515, section 3.1)."""
        said = f"{_base64url(header.encode())}.{_base64url(claims.encode())}"
        es256 = ECAlgorithm(ECAlgorithm.SHA256)
        return f"{said}.{_base64url(es256.sign(said.encode(), self.key))}"


def _base64url(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()
