"""What deterministic tokens and idempotent requests are derived from: keyed functions, one way only.

`docs/derivation.md` says the same in words, and `tests/vectors/derivation.json` in numbers.
"""

from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from chalicelib.crypto.context import KeyContext, frame
from chalicelib.crypto.keys import derive

FINGERPRINT_BYTES: Final = 32
ORIGIN_BYTES: Final = 16
CARD_FINGERPRINT_BYTES: Final = 16
"""Two of 2**40 cards share one with a chance of 2**-49."""

_EXTRA_BYTES: Final = 16
"""A number of 128 bits more than a space needs, taken modulo its size, is uniform to within 2**-128."""


@dataclass(frozen=True)
class PrfKey:
    """The PRF key of a tenant in memory: never used as it is, only through labelled subkeys."""

    index_subkey: bytes = field(repr=False)
    request_subkey: bytes = field(repr=False)
    card_subkey: bytes = field(repr=False)

    @classmethod
    def of(cls, context: KeyContext, root: bytes) -> "PrfKey":
        """From the unwrapped root and what it is bound to."""
        owner = context.vault_id, context.tenant
        labels = ("blind-index", "request", "card-fingerprint")
        return cls(*(derive(root, frame(label, *owner)) for label in labels))

    def blind_index(self, type_name: str, subject: str, canonical: str) -> bytes:
        """A keyed hash of a value; `subject` is empty where the value belongs to nobody."""
        return keyed_hash(self.index_subkey, frame("value", type_name, subject, canonical))

    def card_index(self, number: str) -> bytes:
        """A keyed hash of a card number, whatever its type and whomever it belongs to."""
        return keyed_hash(self.card_subkey, frame("card", number))

    def request_mac(self, *parts: str | bytes) -> bytes:
        """A keyed hash of facts of a request, so that what is stored of it confirms no guess."""
        return keyed_hash(self.request_subkey, frame("request", *parts))


@dataclass(frozen=True)
class Derived:
    """What follows from one value: its fingerprint, and where its token may stand."""

    root: bytes = field(repr=False)

    @classmethod
    def from_seed(cls, derivation: str, seed: bytes) -> "Derived":
        """`seed` is the answer of KMS (`kms`) or the blind index itself (`cached`); the two never meet."""
        return cls(derive(seed, frame("derived", derivation)))

    @property
    def fingerprint(self) -> bytes:
        """Stands in the record: the same for the same value, and tells nothing of it without the keys."""
        return derive(self.root, frame("fingerprint"), FINGERPRINT_BYTES)

    def point(self, attempt: int, size: int) -> int:
        """The number in a space of `size` tokens of this attempt, counted from 0."""
        return _number(self.root, frame("attempt", str(attempt)), size)


class Draws:
    """Numbers as if drawn, but the same again from the same seed: for one item of a request."""

    def __init__(self, seed: bytes, item: int) -> None:
        """`seed` is 256 random bits of the request, `item` the item's place in it."""
        self._root = derive(seed, frame("draws", str(item)))
        self._drawn = 0

    def randbelow(self, size: int) -> int:
        """The next number from 0 up to, not including, `size`."""
        self._drawn += 1
        return _number(self._root, frame("draw", str(self._drawn)), size)

    @property
    def origin(self) -> bytes:
        """A mark for the record, by which a retry of the request knows its own."""
        return derive(self._root, frame("origin"), ORIGIN_BYTES)


def mac_message(context: KeyContext, blind_index: bytes) -> bytes:
    """What KMS is asked to authenticate: never the value, and nothing that another tenant could ask for."""
    return frame("mac", context.vault_id, context.tenant, blind_index)


def card_mac_message(context: KeyContext, card_index: bytes) -> bytes:
    """What KMS is asked to authenticate for a card's fingerprint; no token follows from the answer."""
    return frame("card-mac", context.vault_id, context.tenant, card_index)


def session_mac_message(vault_id: str, payload: bytes) -> bytes:
    """What KMS is asked to authenticate of a capture session; nothing is derived under this label."""
    return frame("capture-session", vault_id, payload)


def card_fingerprint(mac: bytes) -> str:
    """What answers show of KMS's answer: 128 bits in Base32 (RFC 4648, section 6), in lower case.

    Its few digits (2 to 7) never look like a card number to whoever screens for such.
    """
    fingerprint = derive(mac, frame("card-fingerprint"), CARD_FINGERPRINT_BYTES)
    return "fp_" + b32encode(fingerprint).decode().rstrip("=").lower()


def keyed_hash(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104)."""
    mac = HMAC(key, hashes.SHA256())
    mac.update(message)
    return mac.finalize()


GenerateMac = Callable[[bytes], bytes]
"""`kms:GenerateMac` with the vault's HMAC key. Raises `KeyUnavailable`."""


def _number(secret: bytes, info: bytes, size: int) -> int:
    length = (size.bit_length() + 7) // 8 + _EXTRA_BYTES
    return int.from_bytes(derive(secret, info, length), "big") % size
