"""Opening the files of an export: nothing is given out before all was verified. Needs `cryptography`."""

import binascii
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from tokenvault_client.receipts import (
    EXPORT_OPENING,
    EXPORT_RECEIPT,
    PAIRS_OPENING,
    PAIRS_RECEIPT,
    load_key,
    verified_claims,
)

_CHUNK: Final = b"tokenvault-export-1 chunk\n"
_SALT_BYTES: Final = 16
_SHARED: Final = ("export_id", "tenant", "types", "purpose", "vault_id", "version", "parts", "prf_key")
"""Claims of a receipt that are those of the opening."""
EXPORT: Final = (EXPORT_OPENING, EXPORT_RECEIPT)
PAIRS: Final = (PAIRS_OPENING, PAIRS_RECEIPT)
"""Media types of the papers of a file of old and new tokens."""
_HPKE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
Write = Callable[[str], None]
"""Takes an entry as the vault wrote it, in JSON: a parser might lose digits of a number in a value."""


@dataclass(frozen=True)
class OpenedExport:
    """What an export was verified to be: the claims of its opening, and of the receipt of each file."""

    opening: Mapping[str, Any]
    receipts: Sequence[Mapping[str, Any]]

    @property
    def parts(self) -> int:
        """How many files it has."""
        return len(self.receipts)

    @property
    def tokens(self) -> int:
        """Values that are in it."""
        return sum(receipt["tokens"] for receipt in self.receipts)

    @property
    def failed(self) -> int:
        """Tokens whose values are not in it."""
        return sum(receipt["failed"] for receipt in self.receipts)

    @property
    def finished(self) -> str:
        """When the last of its receipts was signed."""
        return max(str(receipt.get("finished")) for receipt in self.receipts)


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


def open_files(
    files: Sequence[BinaryIO],
    private: ec.EllipticCurvePrivateKey,
    vault_key: bytes,
    write: Write,
    papers: tuple[str, str] = EXPORT,
) -> OpenedExport:
    """Hands each entry to `write`, and at the end says what the files were verified to be: a whole export.

    **What was written is only good once this returns**: a forged or cut file may be noticed at its last
    line, and the last file may be it. `papers` are the media types of opening and receipt. `vault_key` is the
    public half of the vault's receipt key, and must come from somewhere else than the files. Raises
    `VerificationError` or `ConfigurationError`.
    """
    vault = load_key(vault_key)
    try:
        lines = [iter(file) for file in files]
        beginnings = [_beginning(next(each, b"")) for each in lines]
        opening_jws = beginnings[0].opening
        opening = verified_claims(vault, opening_jws, papers[0])
        _require_whole(beginnings, opening)
        _require(
            opening.get("recipient_sha256") == _fingerprint(private), "the file is sealed to another key"
        )
        receipts = []
        for begun, rest in zip(beginnings, lines, strict=True):
            reading = _Reading(private, begun, write)
            receipt = verified_claims(vault, reading.chunks(rest), papers[1])
            reading.require_counted(receipt, opening)
            receipts.append(receipt)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise VerificationError(_why(error)) from None
    return OpenedExport(opening, receipts)


@dataclass(frozen=True)
class _Beginning:
    """What the first line of a file says. `part` is None for an export in one piece."""

    opening: str
    version: int
    part: int | None


def _require_whole(beginnings: Sequence[_Beginning], opening: Mapping[str, Any]) -> None:
    """Raises `ValueError` unless the files are all parts of one export, each once."""
    version = opening.get("version")
    _require(
        version in (chain.VERSION, chain.VERSION_IN_PARTS),
        "the file is of a version that this tool does not know",
    )
    _require(
        all((each.opening, each.version) == (beginnings[0].opening, version) for each in beginnings),
        "the files are of different exports",
    )
    parts = [None] if version == chain.VERSION else list(range(1, opening["parts"] + 1))
    found = [each.part for each in beginnings]
    _require(len(set(found)) == len(found), "a part is there twice")
    missing = [str(part) for part in parts if part not in found]
    _require(not missing, f"of {len(parts)} parts these are missing: {', '.join(missing)}")
    _require(len(found) == len(parts), "a file is of a part that this export does not have")


class _Reading:
    """A file as far as it was read: the running digest, and what is counted."""

    def __init__(
        self,
        private: ec.EllipticCurvePrivateKey,
        begun: _Beginning,
        write: Write,
    ) -> None:
        self._private, self._part, self._write = private, begun.part, write
        self._first = self._digest = chain.first_digest(begun.opening, begun.part)
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
        """Raises `ValueError` unless the receipt is of this very file."""
        counted = {
            "opening_sha256": self._first.hex(),
            "chunks": self._chunks,
            "tokens": self._tokens,
            "failed": self._failed,
            "sha256": self._digest.hex(),
            "part": self._part,
            **{name: opening.get(name) for name in _SHARED},
        }
        _require(
            all(receipt.get(name) == value for name, value in counted.items()),
            "the receipt is not of this file",
        )

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


def _beginning(raw: bytes) -> _Beginning:
    line = chain.read_line(raw)
    version = line.get("tokenvault_export")
    _require(
        version in (chain.VERSION, chain.VERSION_IN_PARTS), "this is no export file that this tool knows"
    )
    part = int(line["part"]) if version == chain.VERSION_IN_PARTS else None
    return _Beginning(str(line["opening"]), int(version or 0), part)


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
