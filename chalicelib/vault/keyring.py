"""The keys of all tenants, unwrapped on demand and held for a limited time.

Two rings, since two functions: the tokenizing one has no way to a private half, neither by its
code nor by its role.
"""

from collections.abc import Callable
from functools import partial

from chalicelib.cache import ExpiringCache
from chalicelib.crypto.context import BRANCH_KEY_PURPOSE, BUNDLE_PURPOSE, PRF_PURPOSE, KeyContext
from chalicelib.crypto.keys import RevealingKey, TokenizingKey, revealing_key, unpack_bundle
from chalicelib.crypto.prf import PrfKey
from chalicelib.errors import KeyUnavailable, RecordCorrupt
from chalicelib.model import FIRST_PRF_KEY
from chalicelib.sources import Clock
from chalicelib.vault.keys import KeyStore, WrappedBranchKey, prf_key_id

Unwrap = Callable[[bytes, dict[str, str]], bytes]
"""Decrypts under one KEK with an encryption context.

Raises `RecordCorrupt` if the ciphertext is not of that context, `KeyUnavailable` if KMS does not answer.
"""


class TokenizingKeyring:
    """What seals records and checks signatures. A miss costs one read and one KMS call.

    A key is held in one cache only, so that no key outlives its time: of the newest version only the id is
    held beside it.
    """

    def __init__(
        self, *, vault_id: str, store: KeyStore, unwrap_bundle: Unwrap, cache_seconds: float, clock: Clock
    ) -> None:
        self._vault_id, self._store, self._unwrap_bundle = vault_id, store, unwrap_bundle
        self._newest_ids: ExpiringCache[str, str] = ExpiringCache(cache_seconds, clock)
        self._by_id: ExpiringCache[tuple[str, str], TokenizingKey] = ExpiringCache(cache_seconds, clock)

    def writing_key(self, tenant: str) -> TokenizingKey:
        """The newest version that every Region has seen. Raises `KeyUnavailable` if there is none."""
        return self.key(tenant, self._newest_ids.get(tenant, partial(self._find_newest, tenant)))

    def key(self, tenant: str, key_id: str) -> TokenizingKey:
        """The version that a record names. Raises `RecordCorrupt` if there is no such version."""
        return self._by_id.get((tenant, key_id), partial(self._load, tenant, key_id))

    def stored(self, tenant: str, key_id: str) -> WrappedBranchKey:
        """The version that a record names, still wrapped. Raises as `key` does."""
        stored = self._store.branch_key(tenant, key_id)
        if stored is None:
            raise RecordCorrupt("a record names a branch key that does not exist")
        return stored

    def unwrap(self, stored: WrappedBranchKey) -> TokenizingKey:
        """Asks KMS for the bundle of a version."""
        context = self.context(stored)
        return unpack_bundle(
            context, self._unwrap_bundle(stored.wrapped_bundle, context.for_kms(BUNDLE_PURPOSE))
        )

    def context(self, stored: WrappedBranchKey) -> KeyContext:
        """What both halves of a version are bound to."""
        return KeyContext(self._vault_id, stored.tenant, stored.key_id)

    def _load(self, tenant: str, key_id: str) -> TokenizingKey:
        return self.unwrap(self.stored(tenant, key_id))

    def _find_newest(self, tenant: str) -> str:
        newest = self._store.tenant_keys(tenant).newest_ready
        if newest is None:
            raise KeyUnavailable("the tenant has no key yet; the maintenance function makes it")
        # Unwrapped from what was just read: a read by its id would bring the same.
        self._by_id.get((tenant, newest.key_id), partial(self.unwrap, newest))
        return newest.key_id


class PrfKeyring:
    """The PRF keys of all tenants. A miss costs one read and one KMS call."""

    def __init__(
        self, *, vault_id: str, store: KeyStore, unwrap: Unwrap, cache_seconds: float, clock: Clock
    ) -> None:
        self._vault_id, self._store, self._unwrap = vault_id, store, unwrap
        self._keys: ExpiringCache[tuple[str, int], PrfKey] = ExpiringCache(cache_seconds, clock)

    def key(self, tenant: str, number: int = FIRST_PRF_KEY) -> PrfKey:
        """A tenant's PRF key of a number; the first is the one that requests and cards are hashed with.

        Raises `KeyUnavailable` if there is none of that number that every Region has seen.
        """
        return self._keys.get((tenant, number), partial(self._load, tenant, number))

    def context(self, tenant: str, number: int = FIRST_PRF_KEY) -> KeyContext:
        """What a tenant's PRF key of a number is bound to."""
        return KeyContext(self._vault_id, tenant, prf_key_id(number))

    def _load(self, tenant: str, number: int) -> PrfKey:
        stored = self._store.tenant_keys(tenant).ready_prf(number)
        if stored is None:
            raise KeyUnavailable(
                "the tenant has no PRF key of this number yet; the maintenance function makes it"
            )
        context = self.context(tenant, number)
        return PrfKey.of(context, self._unwrap(stored.wrapped, context.for_kms(PRF_PURPOSE)))


class RevealingKeyring:
    """What opens records. A miss costs one read and two KMS calls; a hit costs nothing."""

    def __init__(
        self, *, tokenizing: TokenizingKeyring, unwrap_private: Unwrap, cache_seconds: float, clock: Clock
    ) -> None:
        self._tokenizing, self._unwrap_private = tokenizing, unwrap_private
        self._by_id: ExpiringCache[tuple[str, str], RevealingKey] = ExpiringCache(cache_seconds, clock)

    def key(self, tenant: str, key_id: str) -> RevealingKey:
        """The version that a record names. Raises `RecordCorrupt` if there is none, or it is retired."""
        return self._by_id.get((tenant, key_id), partial(self._load, tenant, key_id))

    def stored(self, tenant: str, key_id: str) -> WrappedBranchKey:
        """The version as it stands in the table now, whatever is held of it. Raises `RecordCorrupt` if there
        is none, or `StoreUnavailable`."""
        return self._tokenizing.stored(tenant, key_id)

    def _load(self, tenant: str, key_id: str) -> RevealingKey:
        stored = self._tokenizing.stored(tenant, key_id)
        if stored.retired is not None:
            raise RecordCorrupt("a record names a version of its branch key that was retired")
        context = self._tokenizing.context(stored)
        private = self._unwrap_private(stored.wrapped_private, context.for_kms(BRANCH_KEY_PURPOSE))
        return revealing_key(self._tokenizing.unwrap(stored), private)
