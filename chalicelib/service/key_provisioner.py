"""The use case of the maintenance function: every tenant has a key, and every Region holds it."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.crypto.context import BRANCH_KEY_PURPOSE, BUNDLE_PURPOSE, PRF_PURPOSE, KeyContext
from chalicelib.crypto.keys import KEY_BYTES, load_public_key, pack_bundle
from chalicelib.errors import Restoring, TokenvaultError
from chalicelib.model import FIRST_PRF_KEY
from chalicelib.service.results import step_result
from chalicelib.sources import Clock, RandomBytes
from chalicelib.vault.keys import (
    TenantKeys,
    WrappedBranchKey,
    WrappedPrfKey,
    WritableKeyStore,
    prf_key_id,
)

MakeKeyPair = Callable[[dict[str, str]], tuple[bytes, bytes]]
"""The public half and the wrapped private half of a new pair, under the vault KEK. Raises
`KeyUnavailable`."""

Wrap = Callable[[bytes, dict[str, str]], bytes]
"""Encrypts under the index KEK. Raises `KeyUnavailable`."""


@dataclass(frozen=True)
class ProvisionedKeys:
    """What one run did: ids of the keys it made and of those that became ready, and what failed."""

    made: tuple[str, ...] = ()
    ready: tuple[str, ...] = ()
    errors: tuple[TokenvaultError, ...] = ()


class KeyProvisioner:
    """Makes branch keys and PRF keys. It never sees a private half, and cannot unwrap what it has wrapped."""

    def __init__(
        self,
        *,
        vault_id: str,
        store: WritableKeyStore,
        region: str,
        regions: Sequence[str],
        make_key_pair: MakeKeyPair,
        wrap: Wrap,
        clock: Clock,
        random_bytes: RandomBytes,
        prf_keys: Collection[int] = (FIRST_PRF_KEY,),
        restoring: bool = False,
    ) -> None:
        """`prf_keys` are the numbers of those that each tenant is to have. In a vault that is `restoring`
        none is made: tokens follow from the one made before, which the table of that moment may lack."""
        self._prf_keys, self._restoring = sorted(prf_keys), restoring
        self._vault_id, self._store, self._region = vault_id, store, region
        self._others = [name for name in regions if name != region]
        self._make_key_pair, self._wrap = make_key_pair, wrap
        self._clock, self._random_bytes = clock, random_bytes

    def provision(self, tenants: Sequence[str], rotate: str | None = None) -> ProvisionedKeys:
        """Makes the first keys of each tenant that has none, another version for the tenant to `rotate`, and
        says which are ready: each Region's maintenance marks what it holds, in its own table, and a key is
        ready where all marks are of the contents that are held here. No Region reads another's table: the
        functions have no way out of their Region's network.

        Run again, or interrupted half way, it goes on where it stopped: a key that is not ready is looked for
        again at the next run. The tenants do not depend on each other: the error of one tenant, such as an
        item that somebody changed, is returned beside what was done for the others.
        """
        made, ready = list[str](), list[str]()
        runs = [step_result(self._provision, tenant, tenant == rotate, made, ready) for tenant in tenants]
        errors = tuple(run for run in runs if isinstance(run, TokenvaultError))
        return ProvisionedKeys(tuple(made), tuple(ready), errors)

    def _provision(self, tenant: str, rotates: bool, made: list[str], ready: list[str]) -> None:
        """Notes each key as soon as it is made or ready: what fails after it does not hide it."""
        self._store.add_tenant(tenant)
        for key_id in self._make(tenant, rotates):
            made.append(key_id)
        for key_id in self._mark(tenant):
            ready.append(key_id)
        if self._restoring and self._lacking(self._store.tenant_keys(tenant)):
            raise Restoring("the keys table lacks a PRF key: take it over by `tokenvault restore keys`")

    def rotate(self, tenant: str) -> str:
        """Makes another version of a tenant's branch key, not ready yet, and returns its id.

        Raises `KeyUnavailable`, `StoreUnavailable`, or `RecordCorrupt` for a key item that does not parse."""
        context = KeyContext(self._vault_id, tenant, self._random_bytes(16).hex())
        public_der, wrapped_private = self._make_key_pair(context.for_kms(BRANCH_KEY_PURPOSE))
        bundle = pack_bundle(load_public_key(public_der), self._random_bytes(KEY_BYTES))
        wrapped_bundle = self._wrap(bundle, context.for_kms(BUNDLE_PURPOSE))
        newest = max((version.created for version in self._store.tenant_keys(tenant).versions), default=0)
        # Later than all before it, whatever the clocks of two machines say.
        created = max(self._now(), newest + 1)
        self._store.add_branch_key(
            WrappedBranchKey(tenant, context.key_id, created, wrapped_private, wrapped_bundle)
        )
        return context.key_id

    def _make(self, tenant: str, rotates: bool) -> Iterator[str]:
        keys = self._store.tenant_keys(tenant)
        if not keys.versions:
            yield self.rotate(tenant)
        for number in () if self._restoring else self._lacking(keys):
            yield self._make_prf_key(tenant, number)
        if rotates:
            yield self.rotate(tenant)

    def _lacking(self, keys: TenantKeys) -> list[int]:
        """Numbers of keys that are not there; one that is ready elsewhere is on its way here."""
        there = {*keys.prf_keys, *(number for number in self._prf_keys if prf_key_id(number) in keys.ready)}
        return [number for number in self._prf_keys if number not in there]

    def _make_prf_key(self, tenant: str, number: int) -> str:
        context = KeyContext(self._vault_id, tenant, prf_key_id(number))
        wrapped = self._wrap(self._random_bytes(KEY_BYTES), context.for_kms(PRF_PURPOSE))
        self._store.add_prf_key(WrappedPrfKey(tenant, self._now(), wrapped, number))
        return context.key_id

    def _now(self) -> int:
        return int(self._clock() * 1000)

    def _mark(self, tenant: str) -> Iterator[str]:
        keys = self._store.tenant_keys(tenant)
        if self._others:
            self._mark_held(tenant, keys)
        for key in keys.waiting:
            if all(keys.marks.get((other, key.key_id)) == key.digest for other in self._others):
                self._store.mark_ready(key, int(self._clock()))
                yield key.key_id

    def _mark_held(self, tenant: str, keys: TenantKeys) -> None:
        unmarked = [key for key in keys.waiting if keys.marks.get((self._region, key.key_id)) != key.digest]
        if unmarked:
            self._try_kms_keys(tenant)
        for key in unmarked:
            self._store.mark_held(self._region, key)

    def _try_kms_keys(self, tenant: str) -> None:
        """Uses both KEKs of this Region, for nothing: this role opens no key, but where they make and wrap,
        the replicas of the KMS keys are there and switched on, and the serving functions can open with them.

        Raises `KeyUnavailable`."""
        context = KeyContext(self._vault_id, tenant, self._random_bytes(16).hex())
        self._make_key_pair(context.for_kms(BRANCH_KEY_PURPOSE))
        self._wrap(self._random_bytes(KEY_BYTES), context.for_kms(BUNDLE_PURPOSE))
