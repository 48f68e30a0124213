"""Sealing a vault item and opening it again, with the AWS Database Encryption SDK family's Python member.

Used at item level only. The library's `EncryptedClient` lets `transact_write_items`,
`update_item` and PartiQL through in plaintext. https://github.com/aws/aws-dynamodb-encryption-python
"""

import logging
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from dynamodb_encryption_sdk.encrypted import CryptoConfig
from dynamodb_encryption_sdk.encrypted.item import decrypt_dynamodb_item, encrypt_dynamodb_item
from dynamodb_encryption_sdk.identifiers import LOGGER_NAME, CryptoAction
from dynamodb_encryption_sdk.internal.crypto.authentication import verify_item_signature
from dynamodb_encryption_sdk.internal.formatting.material_description import deserialize, serialize
from dynamodb_encryption_sdk.material_providers import CryptographicMaterialsProvider
from dynamodb_encryption_sdk.materials.raw import RawDecryptionMaterials, RawEncryptionMaterials
from dynamodb_encryption_sdk.structures import AttributeActions, EncryptionContext

from chalicelib.crypto.attribute_key import GcmAttributeKey
from chalicelib.crypto.context import RecordContext
from chalicelib.crypto.keys import KEY_BYTES, RevealingKey, TokenizingKey
from chalicelib.crypto.materials import (
    SIGNING_ALGORITHM,
    open_data_key,
    record_key,
    seal_data_key,
    signing_key,
)
from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item
from chalicelib.sources import RandomBytes

SECRET_ATTRIBUTES: Final = ("value",)
"""Attributes that are encrypted. All others are signed, and readable by whoever may read the table."""

DESCRIPTION: Final = "*amzn-ddb-map-desc*"
SIGNATURE: Final = "*amzn-ddb-map-sig*"

# The library writes these two by itself. It has no name for our GCM key, so the stored mode says
# CBC; `GcmAttributeKey` never runs it, and the entry is compared, not believed.
_FIXED_ENTRIES: Final = {
    "amzn-ddb-map-signingAlg": SIGNING_ALGORITHM,
    "amzn-ddb-map-sym-mode": "/CBC/PKCS5Padding",
}
_KEY_ID: Final = re.compile(r"[0-9a-f]{32}")

# Its messages quote attribute values and key material.
logging.getLogger(LOGGER_NAME).disabled = True


@dataclass(frozen=True)
class SealedItem:
    """A stored item whose material description was parsed, and nothing of it verified.

    `key_id` names the branch key version that is to verify or open it.
    """

    item: Item = field(repr=False)
    key_id: str
    data_key: str = field(repr=False)


class _Sealing(CryptographicMaterialsProvider):  # type: ignore[misc]  # the library ships no types
    """The materials of one record to write."""

    def __init__(
        self, key: TokenizingKey, context: RecordContext, secret: bytes, random_bytes: RandomBytes
    ) -> None:
        self._key, self._context, self._secret, self._random_bytes = key, context, secret, random_bytes

    def encryption_materials(self, encryption_context: EncryptionContext) -> RawEncryptionMaterials:
        data_key = self._random_bytes(KEY_BYTES)
        sealed = seal_data_key(self._key, self._context, data_key)
        return RawEncryptionMaterials(
            signing_key=signing_key(self._key, self._context, sealed),
            encryption_key=GcmAttributeKey(
                record_key(self._key, self._context, data_key, self._secret),
                self._context.encode(),
                self._random_bytes,
            ),
            material_description={"key": self._key.context.key_id, "sealed": sealed},
        )


class _Opening(CryptographicMaterialsProvider):  # type: ignore[misc]  # the library ships no types
    """The materials of one record to read."""

    def __init__(self, key: RevealingKey, context: RecordContext, secret: bytes, sealed: str) -> None:
        self._key, self._context, self._secret, self._sealed = key, context, secret, sealed

    def decryption_materials(self, encryption_context: EncryptionContext) -> RawDecryptionMaterials:
        data_key = open_data_key(self._key, self._context, self._sealed)
        key = self._key.tokenizing
        return RawDecryptionMaterials(
            verification_key=signing_key(key, self._context, self._sealed),
            decryption_key=GcmAttributeKey(
                record_key(key, self._context, data_key, self._secret), self._context.encode(), _no_randomness
            ),
            material_description=encryption_context.material_description,
        )


def seal_item(
    item: Item, key: TokenizingKey, context: RecordContext, random_bytes: RandomBytes, secret: bytes = b""
) -> Item:
    """The item as it may be stored: secret attributes encrypted, all of them signed.

    `secret` is that of the subject that the context names, empty if it names none.
    """
    config = _config(_Sealing(key, context, secret, random_bytes), context)
    return dict(encrypt_dynamodb_item(item, config))


def parse_sealed(item: Item) -> SealedItem:
    """A stored item, its material description taken apart: it must be spelled exactly as the library does.

    Raises `RecordCorrupt`.
    """
    try:
        raw = bytes(item[DESCRIPTION]["B"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RecordCorrupt("a record has no material description") from None
    entries = _entries(raw)
    expected = {"key", "sealed", *_FIXED_ENTRIES}
    fixed = {name: entries.get(name) for name in _FIXED_ENTRIES} == _FIXED_ENTRIES
    if not fixed or set(entries) != expected or not _KEY_ID.fullmatch(entries["key"]):
        raise RecordCorrupt("a record's material description has other entries than it should")
    return SealedItem(item, entries["key"], entries["sealed"])


def verify_item(sealed: SealedItem, key: TokenizingKey, context: RecordContext) -> Item:
    """The signed attributes of a stored item, once its signature holds; secret ones stay closed.

    Raises `RecordCorrupt` if one byte differs from what was signed for this context.
    """
    _require_key(sealed, context)
    verification_key = signing_key(key, context, sealed.data_key)
    signed = {name: value for name, value in sealed.item.items() if name not in (DESCRIPTION, SIGNATURE)}
    try:
        verify_item_signature(
            sealed.item[SIGNATURE], signed, verification_key, _config(_NO_MATERIALS, context)
        )
    except Exception:  # noqa: BLE001  # the library raises a dozen kinds, some quoting the item
        raise RecordCorrupt("a record's signature does not hold") from None
    return {name: value for name, value in signed.items() if name not in SECRET_ATTRIBUTES}


def open_item(sealed: SealedItem, key: RevealingKey, context: RecordContext, secret: bytes = b"") -> Item:
    """What `seal_item` was given. Raises `RecordCorrupt` if one byte differs, and no other error."""
    _require_key(sealed, context)
    config = _config(_Opening(key, context, secret, sealed.data_key), context)
    try:
        return dict(decrypt_dynamodb_item(dict(sealed.item), config))
    except Exception:  # noqa: BLE001  # the library raises a dozen kinds, some quoting the item
        raise RecordCorrupt("a record does not open") from None


def _require_key(sealed: SealedItem, context: RecordContext) -> None:
    if sealed.key_id != context.key.key_id:
        raise RecordCorrupt("a record names another branch key than the one at hand")


def _entries(raw: bytes) -> dict[str, str]:
    """The entries of a material description in the library's own spelling of them."""
    try:
        entries = deserialize({"B": raw})
        canonical = bytes(serialize(entries)["B"]) == raw
    except Exception:  # noqa: BLE001  # any bytes can stand here; the library raises what it happens to
        raise RecordCorrupt("a record's material description does not parse") from None
    if not canonical:
        raise RecordCorrupt("a record's material description is not spelled as the library spells it")
    return dict(entries)


def _config(provider: CryptographicMaterialsProvider, context: RecordContext) -> CryptoConfig:
    return CryptoConfig(
        materials_provider=provider,
        encryption_context=_encryption_context(context.key.vault_id),
        attribute_actions=_ATTRIBUTE_ACTIONS,
    )


@lru_cache(maxsize=1)
def _encryption_context(vault_id: str) -> EncryptionContext:
    """The vault id stands where the library signs the table's name: it survives a restore.

    The library copies it before it changes anything, so one will do for all records.
    """
    return EncryptionContext(table_name=vault_id, partition_key_name="pk", sort_key_name="sk")


_ATTRIBUTE_ACTIONS: Final = AttributeActions(
    default_action=CryptoAction.SIGN_ONLY,
    attribute_actions=dict.fromkeys(SECRET_ATTRIBUTES, CryptoAction.ENCRYPT_AND_SIGN),
)


def _no_randomness(count: int) -> bytes:
    raise AssertionError("opening a record draws no randomness")


_NO_MATERIALS: Final = CryptographicMaterialsProvider()
