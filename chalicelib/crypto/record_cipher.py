"""Sealing a vault item and opening it again, with the AWS Database Encryption SDK family's Python member.

Used at item level only. The library's `EncryptedClient` lets `transact_write_items`,
`update_item` and PartiQL through in plaintext. https://github.com/aws/aws-dynamodb-encryption-python
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from dynamodb_encryption_sdk.encrypted import CryptoConfig
from dynamodb_encryption_sdk.encrypted.item import decrypt_dynamodb_item, encrypt_dynamodb_item
from dynamodb_encryption_sdk.identifiers import LOGGER_NAME, CryptoAction
from dynamodb_encryption_sdk.internal.crypto.authentication import verify_item_signature
from dynamodb_encryption_sdk.internal.formatting.material_description import deserialize, serialize
from dynamodb_encryption_sdk.material_providers import CryptographicMaterialsProvider
from dynamodb_encryption_sdk.materials.raw import RawDecryptionMaterials, RawEncryptionMaterials
from dynamodb_encryption_sdk.structures import AttributeActions, EncryptionContext

from chalicelib.crypto.attribute_key import GcmAttributeKey, RandomBytes
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

Item = dict[str, dict[str, Any]]
"""A DynamoDB item in the form that the low-level client takes."""

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
class _Description:
    key_id: str
    sealed: str


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

    `secret` is that of the person whom the context names, empty where it names none.
    """
    config = _config(_Sealing(key, context, secret, random_bytes), context)
    return dict(encrypt_dynamodb_item(item, config))


def branch_key_id(stored: Mapping[str, Any]) -> str:
    """The id of the branch key version that a stored item names.

    It is not verified yet: opening or verifying the item with that key does. Raises `RecordCorrupt`.
    """
    return _description(stored).key_id


def verify_item(stored: Item, key: TokenizingKey, context: RecordContext) -> Item:
    """The signed attributes of a stored item, once its signature holds; secret ones stay closed.

    Raises `RecordCorrupt` where one byte differs from what was signed for this context.
    """
    verification_key = signing_key(key, context, _sealed_data_key(stored, context))
    signed = {name: value for name, value in stored.items() if name not in (DESCRIPTION, SIGNATURE)}
    try:
        verify_item_signature(stored[SIGNATURE], signed, verification_key, _config(_NO_MATERIALS, context))
    except Exception:  # noqa: BLE001  # the library raises a dozen kinds, some quoting the item
        raise RecordCorrupt("a record's signature does not hold") from None
    return {name: value for name, value in signed.items() if name not in SECRET_ATTRIBUTES}


def open_item(stored: Item, key: RevealingKey, context: RecordContext, secret: bytes = b"") -> Item:
    """What `seal_item` was given. Raises `RecordCorrupt` where one byte differs, and no other error."""
    config = _config(_Opening(key, context, secret, _sealed_data_key(stored, context)), context)
    try:
        return dict(decrypt_dynamodb_item(dict(stored), config))
    except Exception:  # noqa: BLE001  # the library raises a dozen kinds, some quoting the item
        raise RecordCorrupt("a record does not open") from None


def _sealed_data_key(stored: Mapping[str, Any], context: RecordContext) -> str:
    """The sealed data key of an item that names the very branch key it is to be opened with."""
    description = _description(stored)
    if description.key_id != context.key.key_id:
        raise RecordCorrupt("a record names another branch key than the one at hand")
    return description.sealed


def _description(stored: Mapping[str, Any]) -> _Description:
    """The material description, which must be spelled exactly as the library spells it."""
    try:
        return _parsed(bytes(stored[DESCRIPTION]["B"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RecordCorrupt("a record has no material description") from None


@lru_cache(maxsize=1)
def _parsed(raw: bytes) -> _Description:
    """Kept for one record: the key is chosen by it, and then the record is opened by it."""
    try:
        entries = deserialize({"B": raw})
        canonical = bytes(serialize(entries)["B"]) == raw
    except Exception:  # noqa: BLE001  # any bytes can stand here; the library raises what it happens to
        raise RecordCorrupt("a record's material description does not parse") from None
    expected = {"key", "sealed", *_FIXED_ENTRIES}
    fixed = {name: entries.get(name) for name in _FIXED_ENTRIES} == _FIXED_ENTRIES
    if not canonical or not fixed or set(entries) != expected or not _KEY_ID.fullmatch(entries["key"]):
        raise RecordCorrupt("a record's material description has other entries than it should")
    return _Description(entries["key"], entries["sealed"])


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
