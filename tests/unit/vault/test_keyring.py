"""Keys in memory: none is used past its time, whichever way it is asked for."""

import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.crypto.keys import pack_bundle
from chalicelib.errors import KeyUnavailable
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.keys import TenantKeys, WrappedBranchKey

SECONDS = 300.0


class Kms:
    """Unwraps bundles, until its key is disabled; counts."""

    def __init__(self) -> None:
        self.bundle = pack_bundle(ec.generate_private_key(ec.SECP256R1()).public_key(), os.urandom(32))
        self.disabled, self.calls = False, 0

    def unwrap(self, wrapped: bytes, context: dict[str, str]) -> bytes:
        self.calls += 1
        if self.disabled:
            raise KeyUnavailable("disabled")
        return self.bundle


class Keys:
    """A store with one version, which is ready; counts reads."""

    version = WrappedBranchKey("shop", "0" * 32, 1, b"private", b"bundle")

    def __init__(self) -> None:
        self.reads = 0

    def tenant_keys(self, tenant: str) -> TenantKeys:
        self.reads += 1
        return TenantKeys((self.version,), frozenset({self.version.key_id}))

    def branch_key(self, tenant: str, key_id: str) -> WrappedBranchKey:
        self.reads += 1
        return self.version


@pytest.mark.parametrize("first", ["by id", "newest"])
def test_no_key_outlives_its_time_by_the_other_way_to_it(first: str) -> None:
    """Asked for both ways shortly before its end, it is gone at its end, and a disabled KEK is felt."""
    now, kms = [1000.0], Kms()
    ring = TokenizingKeyring(
        vault_id="v", store=Keys(), unwrap_bundle=kms.unwrap, cache_seconds=SECONDS, clock=lambda: now[0]
    )
    ways = [lambda: ring.key("shop", "0" * 32), lambda: ring.writing_key("shop")]
    begin, other = ways if first == "by id" else ways[::-1]
    begin()
    now[0] += SECONDS - 1
    other()
    assert kms.calls == 1
    kms.disabled = True
    now[0] += 1
    for ask in ways:
        with pytest.raises(KeyUnavailable):
            ask()


def test_a_warm_ring_asks_nobody() -> None:
    """A miss costs one read and one KMS call; a hit costs nothing."""
    kms, keys = Kms(), Keys()
    ring = TokenizingKeyring(
        vault_id="v", store=keys, unwrap_bundle=kms.unwrap, cache_seconds=SECONDS, clock=lambda: 1.0
    )
    assert ring.writing_key("shop") is ring.writing_key("shop") is ring.key("shop", "0" * 32)
    assert (kms.calls, keys.reads) == (1, 1)
