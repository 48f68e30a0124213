"""The keys table in memory, and a KMS that wraps nothing: for tests of what replication does to keys."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from chalicelib.items import Item, place, primary_key
from chalicelib.service.key_provisioner import KeyProvisioner, MakeKeyPair
from chalicelib.sources import Clock, RandomBytes
from chalicelib.vault.key_items import (
    BRANCH,
    TENANTS,
    branch_item,
    held_item,
    parse_branch,
    parse_tenant_keys,
    prf_item,
    ready_item,
)
from chalicelib.vault.keys import TenantKeys, WrappedBranchKey, WrappedPrfKey
from tests.support import policies


class MemoryKeys:
    """A `KeyStore` and `WritableKeyStore`: what stands there first stays, as far as this Region has seen."""

    def __init__(self, items: dict[tuple[str, str], Item] | None = None) -> None:
        """`items` are those of the table, by partition and sort key; none if not given."""
        self._items = {} if items is None else items

    def tenant_keys(self, tenant: str) -> TenantKeys:
        return parse_tenant_keys([item for (pk, _), item in self._items.items() if pk == tenant])

    def branch_key(self, tenant: str, key_id: str) -> WrappedBranchKey | None:
        item = self._items.get((tenant, BRANCH + key_id))
        return None if item is None else parse_branch(item)

    def add_branch_key(self, key: WrappedBranchKey) -> None:
        self._add(branch_item(key))

    def add_prf_key(self, key: WrappedPrfKey) -> None:
        self._add(prf_item(key))

    def known_tenants(self) -> list[str]:
        return [sort for pk, sort in self._items if pk == TENANTS]

    def add_tenant(self, tenant: str) -> None:
        self._add(primary_key(TENANTS, tenant))

    def mark_held(self, region: str, key: WrappedBranchKey | WrappedPrfKey) -> None:
        self._put(held_item(region, key))

    def mark_ready(self, key: WrappedBranchKey | WrappedPrfKey, now: int) -> None:
        self._put(ready_item(key, now))

    def set_retired(self, key: WrappedBranchKey, since: int | None) -> None:
        self._put(branch_item(replace(key, retired=since)))

    def _put(self, item: Item) -> None:
        self._items[place(item)] = item

    def _add(self, item: Item) -> None:
        self._items.setdefault(place(item), item)


def provisioner(
    store: MemoryKeys,
    region: str,
    clock: Clock,
    random_bytes: RandomBytes = secrets.token_bytes,
    make_key_pair: MakeKeyPair | None = None,
    regions: Sequence[str] = ("a", "b"),
    prf_keys: Sequence[int] = (1,),
) -> KeyProvisioner:
    """The maintenance of one of the Regions, over its own table."""
    return KeyProvisioner(
        vault_id=policies.VAULT_ID,
        store=store,
        region=region,
        regions=regions,
        make_key_pair=make_key_pair or (lambda context: _key_pair()),
        wrap=lambda plain, context: plain,
        clock=clock,
        random_bytes=random_bytes,
        prf_keys=prf_keys,
    )


def unwrap(wrapped: bytes, context: dict[str, str]) -> bytes:
    """What was wrapped."""
    return wrapped


def _key_pair() -> tuple[bytes, bytes]:
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return public, private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
