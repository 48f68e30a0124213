"""AES-256-GCM in the place where the encryption library would use CBC.

The library's own attribute encryption is AES-CBC under a signature. With a signing key that lives
longer than a record, the holder of that key can change CBC ciphertexts and sign them again, and a
masked reveal becomes an oracle for the value. GCM leaves nothing to change.
"""

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from dynamodb_encryption_sdk.delegated_keys import DelegatedKey

from chalicelib.crypto.context import frame
from chalicelib.sources import RandomBytes

NONCE_BYTES = 12
"""NIST SP 800-38D, 8.2.2: 96 random bits. A record key encrypts one attribute, so they never repeat."""


class GcmAttributeKey(DelegatedKey):  # type: ignore[misc]  # the library ships no types
    """Encrypts the attributes of one record; context and attribute name are authenticated with each.

    `decrypt` raises `cryptography.exceptions.InvalidTag` where anything differs.
    """

    algorithm = "AES"
    allowed_for_raw_materials = True

    def __init__(self, record_key: bytes, context: bytes, random_bytes: RandomBytes) -> None:
        self._aead = AESGCM(record_key)
        self._context = context
        self._random_bytes = random_bytes

    def encrypt(
        self, algorithm: str, name: str, plaintext: bytes, additional_associated_data: Any = None
    ) -> bytes:
        """The nonce, then the ciphertext with its tag."""
        nonce = self._random_bytes(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plaintext, self._associated_data(name))

    def decrypt(
        self, algorithm: str, name: str, ciphertext: bytes, additional_associated_data: Any = None
    ) -> bytes:
        """What `encrypt` was given, for the same context and attribute name."""
        sealed = bytes(ciphertext)
        return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._associated_data(name))

    def _associated_data(self, name: str) -> bytes:
        return frame("attribute", self._context, name)


class LazyAttributeKey(DelegatedKey):  # type: ignore[misc]  # the library ships no types
    """The key to read one record, which is asked for when the first attribute is decrypted.

    The library wants a decryption key before it checks the signature, and decrypts after. So `open_key` uses
    the private half of a branch key for verified records only.
    """

    algorithm = GcmAttributeKey.algorithm
    allowed_for_raw_materials = True

    def __init__(self, open_key: Callable[[], bytes], context: bytes) -> None:
        self._open_key, self._context = open_key, context

    def decrypt(
        self, algorithm: str, name: str, ciphertext: bytes, additional_associated_data: Any = None
    ) -> bytes:
        """As `GcmAttributeKey.decrypt`. Raises what `open_key` raises, too."""
        key = GcmAttributeKey(self._open_key(), self._context, _no_randomness)
        return key.decrypt(algorithm, name, ciphertext, additional_associated_data)


def _no_randomness(count: int) -> bytes:
    raise AssertionError("reading a record draws no randomness")
