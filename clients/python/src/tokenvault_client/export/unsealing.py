"""Opening an export file: nothing is given out before all of it was verified. Needs `cryptography`."""

import binascii
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
        load_pem_private_key,
    )
except ImportError:
    raise ImportError("opening exports needs cryptography: pip install cryptography") from None

from tokenvault_client.errors import ConfigurationError, VerificationError
from tokenvault_client.export import chain
from tokenvault_client.receipts import EXPORT_OPENING, EXPORT_RECEIPT, load_key, verified_claims

_CHUNK: Final = b"tokenvault-export-1 chunk\n"
_SALT_BYTES: Final = 16
_HPKE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
Write = Callable[[str], None]
"""Takes an entry as the vault wrote it, in JSON: a parser might lose digits of a number in a value."""


@dataclass(frozen=True)
class OpenedExport:
    """What an export file was verified to be: the claims of its opening and of its receipt."""

    opening: Mapping[str, Any]
    receipt: Mapping[str, Any]


def new_key() -> tuple[bytes, bytes]:
    """A new key pair: the private half (PKCS #8) and the public one (SubjectPublicKeyInfo), both in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_private(content: bytes, passphrase: bytes | None = None) -> ec.EllipticCurvePrivateKey:
    """A recipient's private key in PEM. Raises `ConfigurationError`."""
    try:
        key = load_pem_private_key(content, passphrase)
    except (ValueError, TypeError):
        raise ConfigurationError(
            "the recipient's private key does not open: PEM, and its passphrase"
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ConfigurationError("the recipient's private key is not a P-256 key")
    return key


def open_file(
    file: BinaryIO,
    private: ec.EllipticCurvePrivateKey,
    vault_key: bytes,
    write: Write,
) -> OpenedExport:
    """Hands each entry to `write`, and at the end says what the file was verified to be.

    **What was written is only good once this returns**: a forged or cut file may be noticed at its last
    line. `vault_key` is the public half of the vault's receipt key, and must come from somewhere else than
    the file. Raises `VerificationError` or `ConfigurationError`.
    """
    vault = load_key(vault_key)
    try:
        lines = iter(file)
        opening_jws = _opening(next(lines, b""))
        opening = verified_claims(vault, opening_jws, EXPORT_OPENING)
        _require(
            opening.get("version") == chain.VERSION, "the file is of a version that this tool does not know"
        )
        _require(
            opening.get("recipient_sha256") == _fingerprint(private), "the file is sealed to another key"
        )
        reading = _Reading(private, chain.first_digest(opening_jws), write)
        receipt_jws = reading.chunks(lines)
        receipt = verified_claims(vault, receipt_jws, EXPORT_RECEIPT)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise VerificationError(_why(error)) from None
    reading.require_counted(receipt, opening)
    return OpenedExport(opening, receipt)


class _Reading:
    """A file as far as it was read: the running digest, and what is counted."""

    def __init__(
        self,
        private: ec.EllipticCurvePrivateKey,
        digest: bytes,
        write: Write,
    ) -> None:
        self._private, self._first, self._digest, self._write = private, digest, digest, write
        self._chunks = self._tokens = self._failed = 0

    def chunks(self, lines: Iterator[bytes]) -> str:
        """Opens each chunk, up to the receipt, which is returned. Raises `ValueError`."""
        ended = False
        for raw in lines:
            line = chain.read_line(raw)
            if "receipt" in line:
                _require(
                    ended and next(lines, None) is None, "the file goes on where it should end, or is cut"
                )
                return str(line["receipt"])
            _require(
                not ended and line.get("chunk") == self._chunks + 1, "a chunk is missing or out of place"
            )
            ended = line.get("last", False) is True
            self._chunk(chain.sealed_of(line), last=ended)
        raise ValueError("the file is cut: it has no receipt")

    def require_counted(self, receipt: Mapping[str, Any], opening: Mapping[str, Any]) -> None:
        """Raises `VerificationError` unless the receipt is of this very file."""
        counted = {
            "opening_sha256": self._first.hex(),
            "chunks": self._chunks,
            "tokens": self._tokens,
            "failed": self._failed,
            "sha256": self._digest.hex(),
            **{name: opening.get(name) for name in ("export_id", "tenant", "types", "purpose", "vault_id")},
        }
        if any(receipt.get(name) != value for name, value in counted.items()):
            raise VerificationError("the receipt is not of this file")

    def _chunk(self, sealed: bytes, *, last: bool) -> None:
        number, salt = self._chunks + 1, sealed[:_SALT_BYTES]
        info = _CHUNK + self._digest + number.to_bytes(8, "big") + bytes([last]) + salt
        try:
            plaintext = _HPKE.decrypt(sealed[_SALT_BYTES:], self._private, info=info)
        except InvalidTag:
            raise ValueError("a chunk is not what the vault sealed in this place") from None
        for written, entry in _entries(plaintext.decode()):
            self._failed += "error" in entry
            self._tokens += "error" not in entry
            self._write(written)
        self._chunks, self._digest = number, chain.next_digest(self._digest, sealed)


def _entries(array: str) -> Iterator[tuple[str, Any]]:
    """Each entry of an array as it is written, and parsed. Raises `ValueError`."""
    at, decoder = 1, json.JSONDecoder()
    while array[at:] != "]":
        entry, end = decoder.raw_decode(array, at)
        yield array[at:end], entry
        at = end + (array[end] == ",")


def _opening(raw: bytes) -> str:
    line = chain.read_line(raw)
    _require(line.get("tokenvault_export") == chain.VERSION, "this is no export file that this tool knows")
    return str(line["opening"])


def _fingerprint(private: ec.EllipticCurvePrivateKey) -> str:
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


def _why(error: Exception) -> str:
    """Our own sentence; that of a parser may quote what it read."""
    ours = isinstance(error, ValueError) and not isinstance(
        error, (json.JSONDecodeError, UnicodeError, binascii.Error)
    )
    return str(error) if ours and error.args else "the file is not an export file, or is cut"
