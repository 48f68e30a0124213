"""What needs no vault: a card value turned into something else, and back, with one key for all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import aws_encryption_sdk
import fastfpe.ff1
import tink
from aws_encryption_sdk.identifiers import EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.raw import RawMasterKeyProvider
from ff3 import FF3Cipher
from tink import daead

_KEY: Final = "2b7e151628aed2a6abf7158809cf4f3c"
_TWEAK: Final = "d8e7920afa330a73"[:14]
_DIGITS: Final = "0123456789"


@dataclass(frozen=True)
class Vaultless:
    """A library's two directions, for one value."""

    name: str
    there: Callable[[str], Any]
    back: Callable[[Any], Any]


def all_of_them() -> list[Vaultless]:
    """Format-preserving encryption twice, deterministic encryption, and an envelope for each value."""
    ff3, siv, sdk = FF3Cipher(_KEY, _TWEAK), _siv(), aws_encryption_sdk.EncryptionSDKClient()
    keys = _Keys()
    keys.add_master_key("key")
    return [
        Vaultless("ff3 1.0.3 (FF3-1)", ff3.encrypt, ff3.decrypt),
        Vaultless(
            "fastfpe 0.2.1 (FF1)",
            lambda value: fastfpe.ff1.encrypt(_KEY, "", _DIGITS, value),
            lambda token: fastfpe.ff1.decrypt(_KEY, "", _DIGITS, token),
        ),
        Vaultless(
            "tink 1.16.1 (AES-SIV)",
            lambda value: siv.encrypt_deterministically(value.encode(), b""),
            lambda sealed: siv.decrypt_deterministically(sealed, b"").decode(),
        ),
        Vaultless(
            "aws-encryption-sdk 4.0.7 (a key in memory)",
            lambda value: sdk.encrypt(source=value.encode(), key_provider=keys)[0],
            lambda sealed: sdk.decrypt(source=sealed, key_provider=keys)[0].decode(),
        ),
    ]


def _siv() -> Any:
    daead.register()
    made = tink.new_keyset_handle(daead.deterministic_aead_key_templates.AES256_SIV)
    return made.primitive(daead.DeterministicAead)


class _Keys(RawMasterKeyProvider):  # type: ignore[misc]  # the library has no types
    """One AES key in memory, which wraps a data key for each value; KMS would be a call for each."""

    provider_id = "benchmark"

    def _get_raw_key(self, key_id: str) -> Any:
        return WrappingKey(
            wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
            wrapping_key=bytes(32),
            wrapping_key_type=EncryptionKeyType.SYMMETRIC,
        )
