"""The keys of one record, from its branch key.

Each record gets a fresh data key, sealed with HPKE (RFC 9180, base mode, P-256 / HKDF-SHA-256 /
AES-256-GCM) to the branch key's public half, with the record's context as `info`. What encrypts the
record is derived from the data key *and* the mix subkey, so a break of the key exchange alone
opens nothing; what signs it is derived from the sign subkey, so nobody who can merely write to
the table forges a record.
"""

import base64
import binascii
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from dynamodb_encryption_sdk.delegated_keys import DelegatedKey

from chalicelib.crypto.context import RecordContext, frame
from chalicelib.crypto.keys import KEY_BYTES, RevealingKey, TokenizingKey, derive
from chalicelib.errors import RecordCorrupt

SIGNING_ALGORITHM: Final = "HmacSHA256"

_HPKE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def seal_data_key(key: TokenizingKey, context: RecordContext, data_key: bytes) -> str:
    """The data key, sealed so that only the private half opens it, in base64."""
    return base64.b64encode(_HPKE.encrypt(data_key, key.public_key, info=context.encode())).decode()


def open_data_key(key: RevealingKey, context: RecordContext, sealed: str) -> bytes:
    """What `seal_data_key` sealed for the same context. Raises `RecordCorrupt` for anything else."""
    try:
        return _HPKE.decrypt(base64.b64decode(sealed, validate=True), key.private_key, info=context.encode())
    except (InvalidTag, ValueError, binascii.Error):
        raise RecordCorrupt("a record's data key does not open") from None


def record_key(key: TokenizingKey, context: RecordContext, data_key: bytes, secret: bytes) -> bytes:
    """The key that encrypts the record's value: from data key, mix subkey and person's secret together.

    Each is of fixed length, so joining them is unambiguous (NIST SP 800-56C, section 2: hybrid). The
    secret is empty for a record that belongs to nobody; the context says which it is.
    """
    if len(data_key) != KEY_BYTES or len(secret) != (KEY_BYTES if context.secret_id else 0):
        raise RecordCorrupt("a key of a record has the wrong length")
    return derive(data_key + key.mix_subkey + secret, frame("record-key", context.encode()))


class RecordSigningKey(DelegatedKey):  # type: ignore[misc]  # the library ships no types
    """HMAC-SHA-256, as the library's own local key makes it from this algorithm's name, in half the time."""

    algorithm = SIGNING_ALGORITHM
    allowed_for_raw_materials = True

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, algorithm: str, data: bytes) -> bytes:
        """The signature."""
        return self._hmac(data).finalize()

    def verify(self, algorithm: str, signature: bytes, data: bytes) -> None:
        """Compares in constant time. Raises `cryptography.exceptions.InvalidSignature`."""
        self._hmac(data).verify(signature)

    def signing_algorithm(self) -> str:
        """What the library writes into the material description."""
        return SIGNING_ALGORITHM

    def _hmac(self, data: bytes) -> HMAC:
        mac = HMAC(self._key, hashes.SHA256())
        mac.update(data)
        return mac


def signing_key(key: TokenizingKey, context: RecordContext, sealed: str) -> RecordSigningKey:
    """The key that signs the record: bound to its context and to its sealed data key.

    The library signs the attributes but not the material description, where the sealed data key
    stands; deriving the key from it closes that gap.
    """
    return RecordSigningKey(derive(key.sign_subkey, frame("record-signature", context.encode(), sealed)))
