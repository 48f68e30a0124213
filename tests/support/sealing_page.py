"""A second implementation of `docs/sealing.md`, written from that page: primitives, and nothing of ours.

It can do what the product cannot: seal with an ephemeral key, a secret and salts that a test has chosen.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Item = dict[str, Any]
DESCRIPTION, SIGNATURE = "*amzn-ddb-map-desc*", "*amzn-ddb-map-sig*"
SUITE = b"HPKE" + bytes.fromhex("001000010002")
KEM = b"KEM" + bytes.fromhex("0010")


class Refused(Exception):
    """The item is not what the page calls a record."""


# --- building blocks ---


def frame(label: str, *parts: str | bytes) -> bytes:
    texts = [f"tokenvault/v1/{label}", *parts]
    return b"".join(sized(part.encode() if isinstance(part, str) else part) for part in texts)


def sized(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + raw


def extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), secret, "sha256")


def expand(key: bytes, info: bytes, length: int) -> bytes:
    block, out = b"", b""
    for counter in range(1, 256):
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        out += block
    return out[:length]


def derive(secret: bytes, info: bytes, length: int = 32) -> bytes:
    return expand(extract(b"", secret), info, length)


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


# --- HPKE, RFC 9180 ---


def labeled_extract(suite: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
    return extract(salt, b"HPKE-v1" + suite + label + secret)


def labeled_expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return expand(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def schedule(shared: bytes, encapsulated: bytes, receiver: bytes, info: bytes) -> tuple[bytes, bytes]:
    """The AES-GCM key and nonce of a single shot (sections 4.1 and 5.1)."""
    eae = labeled_extract(KEM, b"", b"eae_prk", shared)
    secret = labeled_expand(KEM, eae, b"shared_secret", encapsulated + receiver, 32)
    psk_hash = labeled_extract(SUITE, b"", b"psk_id_hash", b"")
    context = b"\0" + psk_hash + labeled_extract(SUITE, b"", b"info_hash", info)
    scheduled = labeled_extract(SUITE, secret, b"secret", b"")
    key = labeled_expand(SUITE, scheduled, b"key", context, 32)
    return key, labeled_expand(SUITE, scheduled, b"base_nonce", context, 12)


def hpke(
    public: ec.EllipticCurvePublicKey, info: bytes, plaintext: bytes, ephemeral: ec.EllipticCurvePrivateKey
) -> bytes:
    encapsulated = point(ephemeral.public_key())
    key, nonce = schedule(ephemeral.exchange(ec.ECDH(), public), encapsulated, point(public), info)
    return encapsulated + AESGCM(key).encrypt(nonce, plaintext, b"")


def hpke_open(private: ec.EllipticCurvePrivateKey, info: bytes, sealed: bytes) -> bytes:
    sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sealed[:65])
    shared = private.exchange(ec.ECDH(), sender)
    key, nonce = schedule(shared, sealed[:65], point(private.public_key()), info)
    return AESGCM(key).decrypt(nonce, sealed[65:], b"")


# --- items ---


def serialized(attribute: Item) -> bytes:
    [(kind, content)] = attribute.items()
    if kind == "M":
        entries = sorted((name.encode(), value) for name, value in content.items())
        named = [serialized({"S": name.decode()}) + serialized(value) for name, value in entries]
        return b"\0M" + len(entries).to_bytes(4, "big") + b"".join(named)
    return b"\0" + kind.lower().encode() + sized(content.encode() if isinstance(content, str) else content)


def text(serial: bytes) -> str:
    if serial[:2] != b"\0s" or serial[2:] != sized(serial[6:]):
        raise Refused("no text")
    return serial[6:].decode()


def signature(key: bytes, vault_id: str, item: Item) -> bytes:
    parts = [f"TABLE>{vault_id}<TABLE".encode()]
    for name in sorted(set(item) - {DESCRIPTION, SIGNATURE}):
        parts += [name.encode(), b"ENCRYPTED" if name == "value" else b"PLAINTEXT", serialized(item[name])]
    return hmac.digest(key, b"".join(hashlib.sha256(part).digest() for part in parts), "sha256")


def description(entries: dict[str, str]) -> bytes:
    whole = {"amzn-ddb-map-signingAlg": "HmacSHA256", "amzn-ddb-map-sym-mode": "/CBC/PKCS5Padding"} | entries
    return bytes(4) + b"".join(sized(n.encode()) + sized(t.encode()) for n, t in sorted(whole.items()))


def entries_of(raw: bytes) -> dict[str, str]:
    texts, left = [], raw[4:]
    while left:
        length = int.from_bytes(left[:4], "big")
        texts.append(left[4 : 4 + length].decode())
        left = left[4 + length :]
    entries = dict(zip(texts[::2], texts[1::2], strict=True))
    own = {name: entries[name] for name in entries if not name.startswith("amzn-ddb-")}
    if description(own) != raw:
        raise Refused("description")
    return own


# --- sealing and opening ---


@dataclass(frozen=True)
class BranchKey:
    """One version of a branch key, from what stands in the keys table, unwrapped."""

    vault_id: str
    tenant: str
    key_id: str
    root: bytes = field(repr=False)
    private: ec.EllipticCurvePrivateKey = field(repr=False)

    def subkey(self, use: str) -> bytes:
        return derive(self.root, frame(use, self.vault_id, self.tenant, self.key_id))

    def context(self, item: Item) -> bytes:
        token = item["pk"]["S"].removeprefix(f"{self.tenant}#")
        names = ("subject_secret", "short_lived_secret")
        secret_id = "/".join(item[name]["S"] for name in names if name in item)
        return frame("record", self.vault_id, self.tenant, self.key_id, item["type"]["S"], token, secret_id)

    def request_info(self, n: bytes) -> bytes:
        return frame("request-secret", self.vault_id, self.tenant, self.key_id, n)


def joined(subject_secret: bytes, short_lived_secret: bytes) -> bytes:
    """The secret of a record that has both."""
    return derive(subject_secret + short_lived_secret, frame("joined-secrets"))


@dataclass
class Chosen:
    """What is random when a record is sealed; a test may choose any of it."""

    ephemeral: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )
    secret: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    n: bytes = field(default_factory=lambda: os.urandom(16))
    r: bytes = field(default_factory=lambda: os.urandom(16))
    nonce: bytes = field(default_factory=lambda: os.urandom(12))


def seal_1(key: BranchKey, item: Item, record_secret: bytes, chosen: Chosen) -> Item:
    """A record of form 1; the chosen secret is the data key."""
    context = key.context(item)
    sealed = base64.b64encode(
        hpke(key.private.public_key(), context, chosen.secret, chosen.ephemeral)
    ).decode()
    joined = chosen.secret + key.subkey("mix") + record_secret
    record_key = derive(joined, frame("record-key", context))
    signing = derive(key.subkey("sign"), frame("record-signature", context, sealed))
    return _stored(key, item, record_key, signing, chosen.nonce, {"sealed": sealed})


def seal_2(key: BranchKey, item: Item, record_secret: bytes, chosen: Chosen) -> Item:
    """A record of form 2; the chosen secret is the request's."""
    context = key.context(item)
    info = key.request_info(chosen.n)
    encapsulation = chosen.n + hpke(key.private.public_key(), info, chosen.secret, chosen.ephemeral)
    signing, veil = _signing_and_veil(key, context, chosen.r)
    joined = chosen.secret + key.subkey("mix") + record_secret
    record_key = derive(joined, frame("request-record-key", context, encapsulation, chosen.r))
    sealed = b"\2" + chosen.r + xor(encapsulation, veil)
    return _stored(key, {**item, "sealed": {"B": sealed}}, record_key, signing, chosen.nonce, {})


def open_record(key: BranchKey, item: Item, record_secret: bytes = b"") -> str:
    """The value of a record of either form. Raises `Refused`, or the error of a primitive."""
    entries, context = entries_of(bytes(item[DESCRIPTION]["B"])), key.context(item)
    if entries.pop("key") != key.key_id:
        raise Refused("key id")
    if set(entries) == {"sealed"} and "sealed" not in item:
        sealed = entries["sealed"]
        signing = derive(key.subkey("sign"), frame("record-signature", context, sealed))
        _check(key, item, signing)
        secret, info = hpke_open(key.private, context, base64.b64decode(sealed)), frame("record-key", context)
    elif not entries and len(raw := bytes(item["sealed"]["B"])) == 146 and raw[0] == 2:
        r = raw[1:17]
        signing, veil = _signing_and_veil(key, context, r)
        _check(key, item, signing)
        encapsulation = xor(raw[17:], veil)
        secret = hpke_open(key.private, key.request_info(encapsulation[:16]), encapsulation[16:])
        info = frame("request-record-key", context, encapsulation, r)
    else:
        raise Refused("form")
    record_key = derive(secret + key.subkey("mix") + record_secret, info)
    value = bytes(item["value"]["B"])
    return text(AESGCM(record_key).decrypt(value[:12], value[12:], frame("attribute", context, "value")))


def _signing_and_veil(key: BranchKey, context: bytes, r: bytes) -> tuple[bytes, bytes]:
    both = derive(key.subkey("sign"), frame("request-record-signature", context, r), 161)
    return both[:32], both[32:]


def _check(key: BranchKey, item: Item, signing: bytes) -> None:
    if not hmac.compare_digest(signature(signing, key.vault_id, item), bytes(item[SIGNATURE]["B"])):
        raise Refused("signature")


def _stored(
    key: BranchKey, item: Item, record_key: bytes, signing: bytes, nonce: bytes, entries: dict[str, str]
) -> Item:
    bound = frame("attribute", key.context(item), "value")
    value = nonce + AESGCM(record_key).encrypt(nonce, serialized(item["value"]), bound)
    stored = {**item, "value": {"B": value}}
    stored[SIGNATURE] = {"B": signature(signing, key.vault_id, stored)}
    stored[DESCRIPTION] = {"B": description({"key": key.key_id} | entries)}
    return stored
