"""The composition root: everything concrete is made here, once a container.

The only module that reads the environment and makes AWS clients.
"""

import os
import secrets
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config

from chalicelib.api import operations
from chalicelib.api.handler import Service
from chalicelib.auth import policy
from chalicelib.auth.policy import Policy
from chalicelib.config import Settings
from chalicelib.crypto.keyring import RevealingKeyring, TokenizingKeyring
from chalicelib.crypto.kms import Kek
from chalicelib.errors import ConfigurationError
from chalicelib.formats import registry
from chalicelib.service.keeper import Keeper, Kept
from chalicelib.service.revealer import Revealer
from chalicelib.service.tokenizer import Tokenizer
from chalicelib.telemetry import Telemetry
from chalicelib.vault.control_tables import AuditTable, KeysTable, PolicyTable
from chalicelib.vault.dynamodb import Backoff
from chalicelib.vault.token_table import TokenTable

PARALLEL_CALLS: Final = 16
"""Calls to AWS at a time within one request; the connection pool is of the same size."""

_CLIENT: Final = Config(
    connect_timeout=2,
    read_timeout=5,
    # Three tries with jitter fit into the function's 29 seconds, also twice in one request.
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=PARALLEL_CALLS,
)


class ClientFactory(Protocol):
    """Makes a client of an AWS service in a Region."""

    def __call__(self, service: str, region: str) -> Any: ...


def aws_client(service: str, region: str) -> Any:
    """A boto3 client with our time limits."""
    return boto3.client(service, region_name=region, config=_CLIENT)


@lru_cache(maxsize=1)
def telemetry() -> Telemetry:
    """Logs and metrics of this container; usable before the settings are."""
    return Telemetry(os.environ.get("TOKENVAULT_FUNCTION", "unknown"))


@lru_cache(maxsize=1)
def service() -> Service:
    """What this container serves, made at its first request. An error is not remembered."""
    return build(os.environ, aws_client, telemetry())


def build(env: Mapping[str, str], client: ClientFactory, watch: Telemetry) -> Service:
    """What the function that the environment describes serves.

    Raises `ConfigurationError`, or `StoreUnavailable` where the policy cannot be read.
    """
    settings = Settings.from_env(env)
    if settings.function == "maintain":
        raise ConfigurationError(["the maintenance function serves no routes"])
    dynamodb, kms = client("dynamodb", settings.region), client("kms", settings.region)
    loaded = _policy(settings, dynamodb)
    store = TokenTable(dynamodb, settings.vault_table, ThreadPoolExecutor(PARALLEL_CALLS), Backoff())
    keys = TokenizingKeyring(
        vault_id=settings.vault_id,
        store=KeysTable(dynamodb, settings.keys_table),
        unwrap_bundle=Kek(kms, settings.index_kek_arn).unwrap,
        cache_seconds=settings.key_cache_seconds,
        clock=time.time,
    )
    if settings.function == "tokenize":
        tokenizer = Tokenizer(
            policy=loaded,
            store=store,
            keys=keys,
            own_slots=settings.region_slots,
            clock=time.time,
            below=secrets.randbelow,
            random_bytes=secrets.token_bytes,
        )
        return Service(loaded, operations.tokenizing(tokenizer, watch), takes_revealing=False)
    revealing_keys = RevealingKeyring(
        tokenizing=keys,
        unwrap_private=Kek(kms, str(settings.vault_kek_arn)).unwrap,
        cache_seconds=settings.key_cache_seconds,
        clock=time.time,
    )
    revealer = Revealer(
        policy=loaded,
        store=store,
        keys=revealing_keys,
        audit=AuditTable(dynamodb, str(settings.audit_table)),
        clock=time.time,
        new_id=lambda: secrets.token_hex(16),
    )
    return Service(loaded, operations.revealing(revealer, loaded, watch), takes_revealing=True)


def maintain(env: Mapping[str, str], client: ClientFactory, watch: Telemetry, rotate: str | None) -> Kept:
    """One run of the maintenance function: keys for every tenant, and a new one for `rotate`.

    Raises `ConfigurationError`, `KeyUnavailable` or `StoreUnavailable`.
    """
    settings = Settings.from_env(env)
    dynamodb, kms = client("dynamodb", settings.region), client("kms", settings.region)
    tenants = sorted(_policy(settings, dynamodb).tenants)
    keeper = Keeper(
        vault_id=settings.vault_id,
        store=KeysTable(dynamodb, settings.keys_table),
        regions=[KeysTable(client("dynamodb", region), settings.keys_table) for region in settings.regions],
        make_key_pair=Kek(kms, str(settings.vault_kek_arn)).make_key_pair,
        wrap_bundle=Kek(kms, settings.index_kek_arn).wrap,
        clock=time.time,
        random_bytes=secrets.token_bytes,
    )
    if rotate is not None:
        if rotate not in tenants:
            raise ConfigurationError(["the policy has no tenant of this name"])
        keeper.rotate(rotate)
    kept = keeper.keep(tenants)
    watch.kept(len(kept.made) + (rotate is not None), len(kept.ready))
    return kept


def _policy(settings: Settings, dynamodb: Any) -> Policy:
    text = PolicyTable(dynamodb, settings.policy_table).document()
    if text is None:
        raise ConfigurationError(["the policy table holds no policy"])
    return policy.load(text, settings.policy_sha256, settings.vault_id, registry.build)
