"""What makes, rotates and retires keys, put together: a part of the composition root."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, ParamSpec

from chalicelib.account import Account, ClientFactory
from chalicelib.config import Settings
from chalicelib.crypto.kms import Kek
from chalicelib.errors import ConfigurationError, TokenvaultError
from chalicelib.service.key_provisioner import KeyProvisioner
from chalicelib.service.rewrapper import Rewrapper
from chalicelib.service.walker import Walker
from chalicelib.sources import RandomBytes
from chalicelib.telemetry import Telemetry
from chalicelib.vault.walk_table import VaultScanner, WalkTable

P = ParamSpec("P")


def build_rewrapper(env: Mapping[str, str], client: ClientFactory, watch: Telemetry) -> Rewrapper:
    """The rewrapper that the environment describes. Raises `ConfigurationError`."""
    settings = Settings.from_env(env)
    if settings.function != "reveal":
        raise ConfigurationError(["only the revealing function seals records again"])
    account = Account(settings, client)
    return Rewrapper(
        walks=WalkTable(account.dynamodb, settings.keys_table, settings.region),
        store=account.tokens,
        subjects=account.subjects,
        keys=account.revealing_keys,
        open_sealer=account.open_sealer,
        audit=account.audit(watch),
        clock=time.time,
    )


def rewrap(
    rewrapper: Rewrapper, watch: Telemetry, tenant: str, request_id: str, part: int | None = None
) -> dict[str, Any]:
    """Seals a page of a tenant's records again; says what became of them, in numbers.

    Raises `TokenvaultError` and nothing else: the message of an error that nobody foresaw may quote a value.
    """
    try:
        counts = rewrapper.rewrap(tenant, request_id, part).as_counts()
    except Exception as error:  # noqa: BLE001  # see above
        known = error if isinstance(error, TokenvaultError) else unexpected(error)
        watch.rewrapped(tenant, {}, known.for_log)
        raise known from None
    watch.rewrapped(tenant, counts, None)
    return counts


def unexpected(error: Exception) -> TokenvaultError:
    """Stands for an error that nobody foresaw, by its kind alone."""
    return TokenvaultError(f"unexpected {type(error).__name__}")


def answered(work: Callable[P, dict[str, Any]], *args: P.args, **kwargs: P.kwargs) -> dict[str, Any]:
    """What an operator is told: the result, or the error in its place.

    An error that leaves a function is a failure of it and raises an alarm; that a version may not retire yet,
    or that DynamoDB throttles a walk, is neither.
    """
    try:
        return work(*args, **kwargs)
    except TokenvaultError as error:
        return {"error": {"code": error.code, "detail": str(error), "retry": error.retry}}


def build_provisioner(
    account: Account, random_bytes: RandomBytes, prf_keys: Collection[int]
) -> KeyProvisioner:
    """What makes keys, among them the PRF keys of these numbers, and marks those that this Region holds."""
    settings = account.settings
    return KeyProvisioner(
        vault_id=settings.vault_id,
        store=account.keys_table,
        region=settings.region,
        regions=settings.regions,
        make_key_pair=Kek(account.kms, str(settings.vault_kek_arn)).make_key_pair,
        wrap=account.index_kek.wrap,
        clock=time.time,
        random_bytes=random_bytes,
        prf_keys=prf_keys,
        restoring=settings.restoring,
    )


def prf_keys_ready(account: Account, tenants: Collection[str], number: int) -> dict[str, bool]:
    """Those of the tenants that have a PRF key of this number, and whether it is ready."""
    held = {tenant: account.keys_table.tenant_keys(tenant) for tenant in tenants}
    return {
        tenant: keys.ready_prf(number) is not None for tenant, keys in held.items() if number in keys.prf_keys
    }


def build_walker(env: Mapping[str, str], client: ClientFactory) -> Walker:
    """What counts records and retires keys in the maintenance function. Raises `ConfigurationError`."""
    settings = Settings.from_env(env)
    if settings.function != "maintain":
        raise ConfigurationError(["only the maintenance function walks over records"])
    account = Account(settings, client)
    return Walker(
        keys=account.keys_table,
        walks=WalkTable(account.dynamodb, settings.keys_table, settings.region),
        records=VaultScanner(account.dynamodb, settings.vault_table),
        key_cache_seconds=settings.key_cache_seconds,
        clock=time.time,
    )
