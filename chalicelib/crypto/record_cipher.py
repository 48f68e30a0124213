"""Sealing a vault item and opening it again, with the AWS Database Encryption SDK family's Python member.

Used at item level only. The library's `EncryptedClient` lets `transact_write_items`,
`update_item` and PartiQL through in plaintext. https://github.com/aws/aws-dynamodb-encryption-python
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final

from dynamodb_encryption_sdk.encrypted import CryptoConfig
from dynamodb_encryption_sdk.encrypted.item import decrypt_dynamodb_item, encrypt_dynamodb_item
from dynamodb_encryption_sdk.identifiers import LOGGER_NAME, CryptoAction
from dynamodb_encryption_sdk.internal.crypto.authentication import verify_item_signature
from dynamodb_encryption_sdk.material_providers import CryptographicMaterialsProvider
from dynamodb_encryption_sdk.materials import DecryptionMaterials, EncryptionMaterials
from dynamodb_encryption_sdk.structures import AttributeActions, EncryptionContext

from chalicelib.crypto.attribute_key import GcmAttributeKey, LazyAttributeKey
from chalicelib.crypto.context import RecordContext
from chalicelib.crypto.description import FIXED_ENTRIES, parse_description
from chalicelib.crypto.keys import KEY_BYTES, RevealingKey, TokenizingKey
from chalicelib.crypto.materials import (
    RecordSigningKey,
    open_data_key,
    record_key,
    seal_data_key,
    signing_key,
)
from chalicelib.crypto.request_secret import (
    OpenedSecrets,
    RecordSeal,
    RequestSecret,
    signing_key_alone,
    signing_key_and_veil,
)
from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item
from chalicelib.sources import RandomBytes

SECRET_ATTRIBUTES: Final = ("value",)
"""Attributes that are encrypted. All others are signed, and readable by all who may read the table."""

DESCRIPTION: Final = "*amzn-ddb-map-desc*"
SIGNATURE: Final = "*amzn-ddb-map-sig*"
SEAL: Final = "sealed"
"""The attribute that holds the seal of a record of form 2."""

# Its messages quote attribute values and key material.
logging.getLogger(LOGGER_NAME).disabled = True


@dataclass(frozen=True)
class SealedItem:
    """A stored item whose material description was parsed, and nothing of it verified.

    `key_id` names the branch key version that is to verify or open it. `seal` is the sealed data key of a
    record of form 1, the seal of one of form 2.
    """

    item: Item = field(repr=False)
    key_id: str
    seal: str | RecordSeal = field(repr=False)


class _Sealing(CryptographicMaterialsProvider, EncryptionMaterials):  # type: ignore[misc]  # no types
    """The materials of one record to write, and what provides them."""

    def __init__(
        self, signing: RecordSigningKey, encryption: GcmAttributeKey, entries: dict[str, str]
    ) -> None:
        self._signing, self._encryption, self._entries = signing, encryption, entries

    def encryption_materials(self, encryption_context: EncryptionContext) -> EncryptionMaterials:
        return self

    @property
    def material_description(self) -> dict[str, str]:
        return self._entries

    @property
    def encryption_key(self) -> GcmAttributeKey:
        return self._encryption

    @property
    def signing_key(self) -> RecordSigningKey:
        return self._signing


class _Opening(CryptographicMaterialsProvider, DecryptionMaterials):  # type: ignore[misc]  # no types
    """The materials of one record to read, and what provides them."""

    def __init__(self, verification: RecordSigningKey, decryption: LazyAttributeKey) -> None:
        self._verification, self._decryption = verification, decryption

    def decryption_materials(self, encryption_context: EncryptionContext) -> DecryptionMaterials:
        return self

    @property
    def material_description(self) -> dict[str, str]:
        return FIXED_ENTRIES

    @property
    def decryption_key(self) -> LazyAttributeKey:
        return self._decryption

    @property
    def verification_key(self) -> RecordSigningKey:
        return self._verification


def seal_item(
    item: Item, key: TokenizingKey, context: RecordContext, random_bytes: RandomBytes, secret: bytes = b""
) -> Item:
    """The item as it may be stored, under a data key of its own (form 1): secret attributes encrypted, all of
    them signed.

    `secret` is that of the subject that the context names, empty if it names none.
    """
    data_key = random_bytes(KEY_BYTES)
    sealed = seal_data_key(key, context, data_key)
    value_key = record_key(key, context, data_key, secret)
    entries = {"key": key.context.key_id, "sealed": sealed}
    encryption = GcmAttributeKey(value_key, context.encode(), random_bytes)
    materials = _Sealing(signing_key(key, context, sealed), encryption, entries)
    return dict(encrypt_dynamodb_item(item, _Config(materials, context)))


def seal_item_of_request(
    item: Item, request: RequestSecret, context: RecordContext, random_bytes: RandomBytes, secret: bytes = b""
) -> Item:
    """The item as it may be stored, under a key from its request's secret (form 2); see `seal_item`."""
    seal, value_key, signing = request.seal(context, secret)
    whole = {**item, SEAL: {"B": seal.encode()}}
    entries = {"key": context.key.key_id}
    encryption = GcmAttributeKey(value_key, context.encode(), random_bytes)
    materials = _Sealing(RecordSigningKey(signing), encryption, entries)
    return dict(encrypt_dynamodb_item(whole, _Config(materials, context)))


def parse_sealed(item: Item) -> SealedItem:
    """A stored item, its material description taken apart: it must be spelled exactly as the library does.

    Raises `RecordCorrupt`.
    """
    try:
        raw = bytes(item[DESCRIPTION]["B"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RecordCorrupt("a record has no material description") from None
    key_id, sealed = parse_description(raw)
    if sealed is not None and SEAL not in item:
        return SealedItem(item, key_id, sealed)
    if sealed is None and "B" in item.get(SEAL, {}):
        return SealedItem(item, key_id, RecordSeal.parse(bytes(item[SEAL]["B"])))
    raise RecordCorrupt("a record is of no known form")


def verify_item(sealed: SealedItem, key: TokenizingKey, context: RecordContext) -> Item:
    """The signed attributes of a stored item, once its signature holds; secret ones stay closed.

    Raises `RecordCorrupt` if one byte differs from what was signed for this context.
    """
    _require_key(sealed, context)
    verification_key = _verification_key(sealed, key, context)
    signed = {name: value for name, value in sealed.item.items() if name not in (DESCRIPTION, SIGNATURE)}
    try:
        verify_item_signature(
            sealed.item[SIGNATURE], signed, verification_key, _Config(_NO_MATERIALS, context)
        )
    except Exception:  # noqa: BLE001  # the library raises a dozen kinds, some quoting the item
        raise RecordCorrupt("a record's signature does not hold") from None
    return {name: value for name, value in signed.items() if name not in (*SECRET_ATTRIBUTES, SEAL)}


def open_item(
    sealed: SealedItem,
    key: RevealingKey,
    context: RecordContext,
    secret: bytes = b"",
    opened: OpenedSecrets | None = None,
) -> Item:
    """What was sealed. Raises `RecordCorrupt` if one byte differs, and no other error.

    `opened` holds what the same call opened before. The private half is used only once the signature holds.
    """
    _require_key(sealed, context)
    verification, open_key = _keys(sealed.seal, key, context, secret, opened or OpenedSecrets())
    provider = _Opening(verification, LazyAttributeKey(open_key, context.encode()))
    # Without the description, which was read above: the library then takes the one of its context.
    stored = {name: value for name, value in sealed.item.items() if name != DESCRIPTION}
    try:
        item = dict(decrypt_dynamodb_item(stored, _Config(provider, context)))
    except Exception:  # noqa: BLE001  # the library raises a dozen kinds, some quoting the item
        raise RecordCorrupt("a record does not open") from None
    item.pop(SEAL, None)
    return item


def _keys(
    seal: str | RecordSeal, key: RevealingKey, context: RecordContext, secret: bytes, opened: OpenedSecrets
) -> tuple[RecordSigningKey, Callable[[], bytes]]:
    """What verifies a record, and what then gives the key that decrypts it, with the private half."""
    if isinstance(seal, RecordSeal):
        signing, veil = signing_key_and_veil(key.tokenizing, context, seal.salt)
        return RecordSigningKey(signing), partial(opened.record_key, key, context, secret, seal, veil)
    return signing_key(key.tokenizing, context, seal), partial(_old_record_key, seal, key, context, secret)


def _old_record_key(sealed: str, key: RevealingKey, context: RecordContext, secret: bytes) -> bytes:
    return record_key(key.tokenizing, context, open_data_key(key, context, sealed), secret)


def _verification_key(sealed: SealedItem, key: TokenizingKey, context: RecordContext) -> RecordSigningKey:
    if isinstance(sealed.seal, RecordSeal):
        return RecordSigningKey(signing_key_alone(key, context, sealed.seal.salt))
    return signing_key(key, context, sealed.seal)


def _require_key(sealed: SealedItem, context: RecordContext) -> None:
    if sealed.key_id != context.key.key_id:
        raise RecordCorrupt("a record names another branch key than the one at hand")


class _Config(CryptoConfig):  # type: ignore[misc]  # the library ships no types
    """How the library is to treat a record: alike for all of them, except for the materials.

    The library checks all of a configuration whenever one is made or copied, twice for each record; what is
    checked is constant here.
    """

    def __init__(self, provider: CryptographicMaterialsProvider, context: RecordContext) -> None:
        self.materials_provider = provider
        self.encryption_context = _encryption_context(context.key.vault_id)
        self.attribute_actions = _ATTRIBUTE_ACTIONS

    def copy(self) -> CryptoConfig:
        """Itself: the library changes its copy for an item with a description only, and is given none."""
        return self


@lru_cache(maxsize=1)
def _encryption_context(vault_id: str) -> EncryptionContext:
    """The vault id stands where the library signs the table's name: it survives a restore.

    The library changes it for an item with a description only, so all records can share it.
    """
    return EncryptionContext(
        table_name=vault_id,
        partition_key_name="pk",
        sort_key_name="sk",
        material_description=FIXED_ENTRIES,
    )


_ATTRIBUTE_ACTIONS: Final = AttributeActions(
    default_action=CryptoAction.SIGN_ONLY,
    attribute_actions=dict.fromkeys(SECRET_ATTRIBUTES, CryptoAction.ENCRYPT_AND_SIGN),
)


_NO_MATERIALS: Final = CryptographicMaterialsProvider()
