"""What the memory of the tokenizing function holds of a tenant's keys."""

from chalicelib.crypto.keys import TokenizingKey
from chalicelib.crypto.kms import Kek
from chalicelib.vault.key_table import KeyTable
from chalicelib.vault.keyring import TokenizingKeyring
from tests.support import policies
from tests.support.world import World


def held(account: World, key_id: str) -> TokenizingKey:
    """A version of the shop's branch key, as the tokenizing function holds it."""
    keys = TokenizingKeyring(
        vault_id=policies.VAULT_ID,
        store=KeyTable(account.dynamodb, "keys"),
        unwrap_bundle=Kek(account.kms, account.index_kek).unwrap,
        cache_seconds=60,
        clock=lambda: 0,
    )
    return keys.key("shop", key_id)
