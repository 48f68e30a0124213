"""Keys of a tenant made in memory, for tests that need no KMS."""

import os

from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.crypto.context import KeyContext
from chalicelib.crypto.keys import RevealingKey, pack_bundle, unpack_bundle


def branch_key(tenant: str = "shop", key_id: str = "0" * 32, vault_id: str = "test-vault") -> RevealingKey:
    """One version of a branch key, with its private half."""
    private = ec.generate_private_key(ec.SECP256R1())
    bundle = pack_bundle(private.public_key(), os.urandom(32))
    return RevealingKey(unpack_bundle(KeyContext(vault_id, tenant, key_id), bundle), private)
