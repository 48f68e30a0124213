"""A receipt verifies with the vault's key and no other, and not when a bit of it was changed."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tokenvault_client import ConfigurationError, VerificationError
from tokenvault_client.receipts import verify

from chalicelib.crypto import receipts
from tests.client import tool

KEY = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
OTHER = ec.derive_private_key(0xBEEF, ec.SECP256R1())
ERASED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RECEIPT = receipts.Receipt(
    1, "a-vault", "shop", "customer-1", ERASED_AT, 1, 3, receipts.remains(ERASED_AT, 35)
)


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey = KEY) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(receipt: receipts.Receipt = RECEIPT, key: ec.EllipticCurvePrivateKey = KEY) -> str:
    """As the service does it, with a key of the test's in the place of KMS."""
    return receipts.signed(receipt, "a-key", lambda message: key.sign(message, ec.ECDSA(SHA256())))


def resigned(header: dict[str, Any], claims: Any) -> str:
    """A JWS of the right key over anything."""
    signing_input = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    r, s = utils.decode_dss_signature(KEY.sign(signing_input.encode(), ec.ECDSA(SHA256())))
    return f"{signing_input}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def jwk() -> bytes:
    numbers = KEY.public_key().public_numbers()
    x, y = (encoded(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return json.dumps({"kty": "EC", "crv": "P-256", "x": x, "y": y}).encode()


DER = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("key", [pem(), DER, jwk()], ids=["pem", "der", "jwk"])
def test_what_the_service_signs_verifies(key: bytes) -> None:
    """With the public key in any of its usual forms."""
    told = verify(signed(), key, "a-key")
    assert told.receipt.subject == "customer-1"
    assert told.receipt.erased_at == ERASED_AT
    assert told.receipt.remains.in_backups_until == RECEIPT.remains.in_backups_until
    assert told.claims == RECEIPT.claims()


DEEP = "[" * 100_000
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256 (FIPS 186-5, NIST SP 800-186)."""


def deep(part: str) -> str:
    """A receipt of which a part is JSON that is nested too deeply for a parser."""
    header, _, signature = signed().split(".")
    return f"{header if part == 'claims' else encoded(DEEP.encode())}.{encoded(DEEP.encode())}.{signature}"


HEADER = {"alg": "ES256", "kid": "a-key", "typ": "tokenvault-receipt+jws"}
FORGED: dict[str, Callable[[], str]] = {
    "another key's": lambda: signed(key=OTHER),
    "no signature": lambda: signed().rpartition(".")[0] + ".",
    "a short signature": lambda: signed()[:-4],
    "nulls for a signature": lambda: signed().rpartition(".")[0] + "." + encoded(bytes(64)),
    "another payload": lambda: ".".join(
        [
            signed().split(".")[0],
            signed(replace(RECEIPT, tokens_closed=9)).split(".")[1],
            signed().split(".")[2],
        ]
    ),
    "alg none": lambda: resigned(HEADER | {"alg": "none"}, RECEIPT.claims()),
    "alg HS256": lambda: resigned(HEADER | {"alg": "HS256"}, RECEIPT.claims()),
    "another kind of JWS": lambda: resigned(HEADER | {"typ": "JWT"}, RECEIPT.claims()),
    "a critical extension": lambda: resigned(HEADER | {"crit": ["b64"], "b64": False}, RECEIPT.claims()),
    "another key id": lambda: resigned(HEADER | {"kid": "another"}, RECEIPT.claims()),
    "another version": lambda: resigned(HEADER, RECEIPT.claims() | {"version": 2}),
    "no receipt": lambda: resigned(HEADER, {"version": 1}),
    "deep claims": lambda: deep("claims"),
    "a deep header": lambda: deep("header"),
    "a list": lambda: resigned(HEADER, [1]),
    "padding": lambda: signed() + "=",
    "a line break": lambda: signed().replace(".", ".\n", 1),
    "two parts": lambda: signed().rpartition(".")[0],
    "nothing": lambda: "",
    "text outside ASCII": lambda: "ä.ö.ü",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_what_was_forged_does_not_verify(forge: Callable[[], str]) -> None:
    """Whatever the header asks for, only ES256 under the given key is a signature."""
    with pytest.raises(VerificationError):
        verify(forge(), pem(), "a-key")


def test_a_second_spelling_of_a_signature_says_the_same() -> None:
    """ECDSA has two, (r, s) and (r, n - s), and KMS gives either: both are ES256, over the same claims only.

    So the text of a receipt is no name for it, and a verifier that asked for one of the two would refuse
    half of the receipts that the vault has signed.
    """
    head, _, signature = signed().rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    other = encoded(raw[:32] + (N - int.from_bytes(raw[32:])).to_bytes(32))
    assert other != signature
    assert verify(f"{head}.{other}", pem()).claims == verify(signed(), pem()).claims
    for claims in (RECEIPT.claims() | {"tokens_closed": 9}, RECEIPT.claims() | {"subject": "customer-2"}):
        header = head.split(".")[0]
        with pytest.raises(VerificationError):
            verify(f"{header}.{encoded(json.dumps(claims).encode())}.{other}", pem())


def test_every_bit_counts() -> None:
    """A receipt with any one character replaced by another is refused."""
    whole = signed()
    for place, character in enumerate(whole):
        changed = whole[:place] + ("A" if character != "A" else "B") + whole[place + 1 :]
        with pytest.raises(VerificationError):
            verify(changed, pem(), "a-key")


P384 = ec.derive_private_key(7, ec.SECP384R1())
ED = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
BAD_KEYS = {
    "empty": b"",
    "text": b"secret",
    "P-384": pem(P384),
    "Ed25519": pem(ED),
    "off the curve": json.dumps({**json.loads(jwk()), "x": encoded(bytes(32))}).encode(),
    "RSA": b'{"kty": "RSA"}',
    "a deep JWK": b'{"kty": ' + b"[" * 100_000,
    "half a JWK": b'{"kty": "EC", "crv": "P-256"}',
}


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS.keys())
def test_a_key_of_another_kind_is_refused(key: bytes) -> None:
    """As what it is: a fault of the call, not of the receipt."""
    with pytest.raises(ConfigurationError, match="the public key is not"):
        verify(signed(), key)


def test_the_command_takes_a_jws_or_the_whole_answer(tmp_path: Path) -> None:
    """It needs no credentials; the readable receipt beside a JWS has to be the signed one."""
    (tmp_path / "key").write_bytes(pem())
    (tmp_path / "other").write_bytes(pem(OTHER))
    key, other = (["--public-key", str(tmp_path / name)] for name in ("key", "other"))
    answer = {"receipt": RECEIPT.claims(), "jws": signed()}
    lied = {**answer, "receipt": {**RECEIPT.claims(), "tokens_closed": 9}}
    valid = tool.run({}, "verify-receipt", *key, "--key-id", "a-key", stdin=signed() + "\n")
    assert (valid.code, valid.lines[0]) == (0, "valid")
    assert "subject customer-1 of tenant shop, vault a-vault" in valid.out
    (tmp_path / "receipt.json").write_text(json.dumps(answer))
    told = tool.run({}, "verify-receipt", str(tmp_path / "receipt.json"), *key, "--json")
    assert (told.code, told.objects) == (0, [{"valid": True, "receipt": RECEIPT.claims()}])
    for arguments, stdin in (
        (other, signed()),
        (key, json.dumps(lied)),
        ([*key, "--key-id", "x"], signed()),
        (key, "{}"),
        (key, b"\xff"),
        (key, '{"jws": ' + "[" * 60_000),
    ):
        refused = tool.run({}, "verify-receipt", *arguments, stdin=stdin)
        assert (refused.code, refused.out) == (5, ""), refused
