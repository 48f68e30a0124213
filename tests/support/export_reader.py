"""A second reader of export files, by docs/exports.md and the RFCs alone: nothing of ours is in it.

HPKE is done by hand here (RFC 9180, base mode), so that it is no part of a library either that both share.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEM = b"KEM" + (0x0010).to_bytes(2, "big")
SUITE = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (0x0010, 0x0001, 0x0002))


class Refused(Exception):
    """The file is not what the vault gave out."""


def read(
    lines: Sequence[str], private: ec.EllipticCurvePrivateKey, vault: Any, kind: str = "export"
) -> list[Any]:
    """All entries of one file. `vault` is the public half of the receipt key, `kind` what the file is of: an
    `export`, or a `retokenize`."""
    return read_all([lines], private, vault, kind)


def read_all(
    files: Sequence[Sequence[str]], private: ec.EllipticCurvePrivateKey, vault: Any, kind: str = "export"
) -> list[Any]:
    """All entries of an export, whose files may come in any order, once all of them were verified."""
    firsts = [json.loads(lines[0]) for lines in files if lines]
    if len({first["opening"] for first in firsts}) != 1 or len(firsts) != len(files):
        raise Refused("of several exports")
    opening = _claims(firsts[0]["opening"], f"tokenvault-{kind}-opening+jws", vault)
    parts = {1: [None], 2: list(range(1, opening.get("parts", 0) + 1))}[opening["version"]]
    if sorted(first.get("part") or 0 for first in firsts) != [part or 0 for part in parts]:
        raise Refused("a part is missing, doubled, or of another export")
    return [entry for lines in files for entry in _read(lines, opening, private, vault, kind)]


def _read(
    lines: Sequence[str], opening: Any, private: ec.EllipticCurvePrivateKey, vault: Any, kind: str
) -> list[Any]:
    if len(lines) < 3:
        raise Refused("cut")
    first, *chunks, last = (json.loads(line) for line in lines)
    if first.get("tokenvault_export") != opening["version"] or set(last) != {"receipt"}:
        raise Refused("not a whole export file of its version")
    receipt = _claims(last["receipt"], f"tokenvault-{kind}-receipt+jws", vault)
    if [receipt.get(name) for name in ("version", "parts", "part")] != [
        *(opening.get(name) for name in ("version", "parts")),
        first.get("part"),
    ]:
        raise Refused("the receipt is of another part")
    number = b"" if opening["version"] == 1 else first["part"].to_bytes(8, "big")
    label = f"tokenvault-export-{opening['version']} opening\n".encode()
    digest = hashlib.sha256(label + number + first["opening"].encode()).digest()
    if receipt["opening_sha256"] != digest.hex():
        raise Refused("the receipt is of another opening")
    if opening["recipient_sha256"] != _fingerprint(private):
        raise Refused("sealed to another key")
    entries: list[Any] = []
    for number, chunk in enumerate(chunks, 1):
        ends = number == len(chunks)
        if chunk["chunk"] != number or chunk.get("last", False) is not ends:
            raise Refused("a chunk is missing")
        sealed = base64.b64decode(chunk["sealed"], validate=True)
        place = digest + number.to_bytes(8, "big") + bytes([ends])
        info = b"tokenvault-export-1 chunk\n" + place + sealed[:16]
        entries += json.loads(_open(sealed[16:], private, info), parse_float=str)
        digest = hashlib.sha256(digest + sealed).digest()
    failed = sum("error" in entry for entry in entries)
    counted = {
        "chunks": len(chunks),
        "tokens": len(entries) - failed,
        "failed": failed,
        "sha256": digest.hex(),
    }
    if counted != {name: receipt[name] for name in counted}:
        raise Refused("the receipt counts something else")
    return entries


def _claims(jws: str, kind: str, vault: Any) -> Any:
    header, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in jws.split("."))
    if json.loads(header)["typ"] != kind or json.loads(header)["alg"] != "ES256":
        raise Refused("signed as something else")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    signed = jws.rpartition(".")[0].encode()
    try:
        vault.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refused("not signed by this vault") from None
    return json.loads(claims)


def _fingerprint(private: ec.EllipticCurvePrivateKey) -> str:
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def _open(sealed: bytes, private: ec.EllipticCurvePrivateKey, info: bytes) -> bytes:
    """RFC 9180, sections 4.1, 5.1 and 5.2, in base mode, for the first message of a context."""
    enc, ciphertext = sealed[:65], sealed[65:]
    ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), enc)
    own = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = private.exchange(ec.ECDH(), ephemeral)
    eae = _extract(KEM, b"", b"eae_prk", shared)
    secret = _expand(KEM, eae, b"shared_secret", enc + own, 32)
    about = b"\x00" + _extract(SUITE, b"", b"psk_id_hash", b"") + _extract(SUITE, b"", b"info_hash", info)
    schedule = _extract(SUITE, secret, b"secret", b"")
    key = _expand(SUITE, schedule, b"key", about, 32)
    nonce = _expand(SUITE, schedule, b"base_nonce", about, 12)
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, None)
    except InvalidTag:
        raise Refused("a chunk is not what was sealed in this place") from None


def _extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """A single block of HKDF-Expand is enough for what is asked of it here."""
    block = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01"
    return hmac.digest(key, block, "sha256")[:length]
