"""One secret for the records of one request, sealed once (form 2 of a record).

The secret is encapsulated with HPKE (RFC 9180, base mode, P-256 / HKDF-SHA-256 / AES-256-GCM) to the branch
key's public half, once for each request and key version, and overwritten when the request ends. Every record
has a key of its own, derived from the secret, the mix subkey and the subject's secret, if any, under the
record's context. A record carries the encapsulation under a *veil*, so that a thief of the table does not
learn which tokens came in one request. `docs/adr/0008-sealing-per-request.md` has the reasons, and
`docs/sealing.md` all of it in words.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import get_native_id
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from chalicelib.crypto.context import KeyContext, RecordContext, frame
from chalicelib.crypto.keys import KEY_BYTES, RevealingKey, TokenizingKey, derive
from chalicelib.errors import RecordCorrupt
from chalicelib.sources import RandomBytes

Fill = Callable[[bytearray], None]
"""Fills a buffer with random bytes from the kernel, in place: no copy of them is left in freed memory."""

FORM: Final = 2
SALT_BYTES: Final = 16
"""Of `n`, which tells encapsulations apart, and of `r`, which tells records apart: 128 random bits each."""

ENCAPSULATION_BYTES: Final = SALT_BYTES + 65 + KEY_BYTES + 16
"""`n`, an uncompressed point of P-256, the secret, and the tag of AES-GCM."""

SEALED_BYTES: Final = 1 + SALT_BYTES + ENCAPSULATION_BYTES
MAX_RECORDS: Final = 1000
"""Most records under one secret."""

_HPKE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True)
class RecordSeal:
    """What a record of form 2 carries: its own salt, and the encapsulation under its veil. Unverified."""

    salt: bytes = field(repr=False)
    veiled: bytes = field(repr=False)

    @classmethod
    def parse(cls, raw: bytes) -> "RecordSeal":
        """From the attribute `sealed`. Raises `RecordCorrupt` for another length or form."""
        if len(raw) != SEALED_BYTES or raw[0] != FORM:
            raise RecordCorrupt("a record's sealed attribute is not of a known form")
        return cls(raw[1 : 1 + SALT_BYTES], raw[1 + SALT_BYTES :])

    def encode(self) -> bytes:
        """The attribute `sealed`."""
        return bytes([FORM]) + self.salt + self.veiled


class RequestSecret:
    """The secret of one request for its records, under one version of a branch key.

    Made when the first record is sealed, and unusable once closed. It serves the thread that made it, since a
    request seals its records in a single thread, and so no process that was forked in mid-request.
    """

    def __init__(self, key: TokenizingKey, fill: Fill, random_bytes: RandomBytes) -> None:
        """Raises what `fill` and `random_bytes` raise; the secret is overwritten then, too."""
        self._key, self._random_bytes = key, random_bytes
        self._thread = get_native_id()
        self._secret = bytearray(KEY_BYTES)
        self.records = 0
        try:
            self._encapsulation = self._encapsulate(fill)
        except BaseException:
            self.close()
            raise

    def seal(self, context: RecordContext, subject_secret: bytes) -> tuple[RecordSeal, bytes, bytes]:
        """A new record's seal, the key that encrypts its value and the one that signs it."""
        if not any(self._secret):
            raise AssertionError("the secret of a request was overwritten, and asked for another record")
        if get_native_id() != self._thread:
            raise AssertionError(
                "the secret of a request was asked for a record by another thread or process"
            )
        self.records += 1
        salt = self._random_bytes(SALT_BYTES)
        signing_key, veil = signing_key_and_veil(self._key, context, salt)
        info = _record_info(context, self._encapsulation, salt)
        record_key = _record_key(self._secret, self._key, context, subject_secret, info)
        return RecordSeal(salt, _xor(self._encapsulation, veil)), record_key, signing_key

    def close(self) -> None:
        """Overwrites the secret."""
        self._secret[:] = bytes(KEY_BYTES)

    def _encapsulate(self, fill: Fill) -> bytes:
        fill(self._secret)
        nonce = self._random_bytes(SALT_BYTES)
        return nonce + _HPKE.encrypt(self._secret, self._key.public_key, info=_info(self._key.context, nonce))


class OpenedSecrets:
    """Secrets that were opened for one detokenize call, so that records of one request cost one opening.

    It lives for that call only: a longer life would outlast the deadline of the private key.
    """

    def __init__(self) -> None:
        self._opened: dict[tuple[KeyContext, bytes], bytes] = {}

    def record_key(
        self, key: RevealingKey, context: RecordContext, subject_secret: bytes, seal: RecordSeal, veil: bytes
    ) -> bytes:
        """The key that decrypts a record's value.

        Asked for only once the record's signature was verified. Raises `RecordCorrupt`.
        """
        encapsulation = _xor(seal.veiled, veil)
        secret = self._secret(key, encapsulation)
        info = _record_info(context, encapsulation, seal.salt)
        return _record_key(secret, key.tokenizing, context, subject_secret, info)

    def _secret(self, key: RevealingKey, encapsulation: bytes) -> bytes:
        place = key.tokenizing.context, encapsulation
        if place not in self._opened:
            nonce, sealed = encapsulation[:SALT_BYTES], encapsulation[SALT_BYTES:]
            try:
                opened = _HPKE.decrypt(sealed, key.private_key, info=_info(key.tokenizing.context, nonce))
            except (InvalidTag, ValueError):
                raise RecordCorrupt("a request's secret does not open") from None
            self._opened[place] = opened
        return self._opened[place]


def signing_key_and_veil(key: TokenizingKey, context: RecordContext, salt: bytes) -> tuple[bytes, bytes]:
    """What a record is signed with, and what hides its encapsulation: from the sign subkey, by its salt."""
    derived = derive(key.sign_subkey, _signature_info(context, salt), KEY_BYTES + ENCAPSULATION_BYTES)
    return derived[:KEY_BYTES], derived[KEY_BYTES:]


def signing_key_alone(key: TokenizingKey, context: RecordContext, salt: bytes) -> bytes:
    """What a record is signed with. A shorter output of HKDF begins a longer one (RFC 5869, section 2.3), and
    takes less time to make."""
    return derive(key.sign_subkey, _signature_info(context, salt))


def _info(key: KeyContext, nonce: bytes) -> bytes:
    """What an encapsulation is bound to.

    `nonce` comes from the kernel: were OpenSSL's generator cloned with its process, the same ephemeral key
    under the same `info` would be the same AES-GCM key and nonce.
    """
    return frame("request-secret", key.vault_id, key.tenant, key.key_id, nonce)


def _record_key(
    secret: bytes | bytearray, key: TokenizingKey, context: RecordContext, subject_secret: bytes, info: bytes
) -> bytes:
    """From the request's secret, the mix subkey and the subject's secret together, each of fixed length
    (NIST SP 800-56C, section 2: hybrid). The joined input is overwritten."""
    if len(secret) != KEY_BYTES or len(subject_secret) != (KEY_BYTES if context.secret_id else 0):
        raise RecordCorrupt("a key of a record has the wrong length")
    joined = bytearray(2 * KEY_BYTES + len(subject_secret))
    joined[:KEY_BYTES] = secret
    joined[KEY_BYTES:] = key.mix_subkey + subject_secret
    try:
        return derive(joined, info)
    finally:
        joined[:] = bytes(len(joined))


def _signature_info(context: RecordContext, salt: bytes) -> bytes:
    return frame("request-record-signature", context.encode(), salt)


def _record_info(context: RecordContext, encapsulation: bytes, salt: bytes) -> bytes:
    return frame("request-record-key", context.encode(), encapsulation, salt)


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(len(left))
