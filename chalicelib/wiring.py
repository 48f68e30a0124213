"""The composition root: everything concrete is made here, once a container.

The only module that reads the environment; `account` and the modules that end in `_wiring` are parts of it.
Each function imports what it does itself, here, and nothing of what another one does: so none starts later
than it has to, and the code that opens records is not even loaded where values come in.
"""

import os
import secrets
import time
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from chalicelib import config
from chalicelib.account import Account, ClientFactory
from chalicelib.api.handler import Service
from chalicelib.auth import policy
from chalicelib.auth.policy import Policy
from chalicelib.aws import clients
from chalicelib.config import SLOTS, ArchiveSettings, Settings
from chalicelib.errors import ConfigurationError
from chalicelib.formats import registry
from chalicelib.telemetry import Telemetry
from chalicelib.vault.policy_table import PolicyTable

if TYPE_CHECKING:
    from chalicelib.audit.archive import Archiver, StreamRecord
    from chalicelib.maintenance_run import MaintenanceRun
    from chalicelib.service.retokenizer import Retokenizer
    from chalicelib.service.rewrapper import Rewrapper

CLEANING_SECONDS: Final = 120.0
"""How long one maintenance run removes expired records, and then those of erased subjects: its function has
300 seconds, and the next run goes on."""


def load() -> None:
    """Imports what this container's function serves with, while it starts: a request need not wait for it."""
    match os.environ.get("TOKENVAULT_FUNCTION"):
        case "tokenize":
            from chalicelib import tokenizing_wiring  # noqa: F401, PLC0415  # see above
        case "reveal":
            from chalicelib import revealing_wiring  # noqa: F401, PLC0415  # see above


def aws_client(service: str, region: str) -> Any:
    """A client of a service in a Region, as the functions use it."""
    return clients.client(service, region, fast_path=config.takes_fast_path(os.environ))


@lru_cache(maxsize=1)
def telemetry() -> Telemetry:
    """Logs and metrics of this container; usable before the settings are."""
    return Telemetry(os.environ.get("TOKENVAULT_FUNCTION", "unknown"), os.environ)


@lru_cache(maxsize=1)
def allowed_origins() -> frozenset[str]:
    """Origins whose pages may read this container's answers."""
    return config.allowed_origins(os.environ)


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
    account = Account(settings, client)
    loaded = _policy(settings, account.dynamodb)
    if settings.function == "tokenize":
        from chalicelib import tokenizing_wiring  # noqa: PLC0415  # see above

        return tokenizing_wiring.build(account, loaded, watch, config.allowed_origins(env))
    from chalicelib import revealing_wiring  # noqa: PLC0415  # see above

    return revealing_wiring.build(account, loaded, watch)


def maintain(
    env: Mapping[str, str],
    client: ClientFactory,
    watch: Telemetry,
    rotate: str | None,
    prf_key: int | None = None,
) -> "MaintenanceRun":
    """One run of the maintenance function; see `Maintenance.run`.

    `prf_key` is the number of a PRF key that each tenant gets besides those that the policy names.

    Raises `ConfigurationError`, or the first error of a step.
    """
    from chalicelib import key_wiring  # noqa: PLC0415  # see above
    from chalicelib.audit.checkpointer import Checkpointer  # noqa: PLC0415  # see above
    from chalicelib.service.cleaner import Cleaner  # noqa: PLC0415  # see above
    from chalicelib.service.expirer import Expirer  # noqa: PLC0415  # see above
    from chalicelib.service.maintenance import Maintenance  # noqa: PLC0415  # see above
    from chalicelib.service.short_lived import Destroyer  # noqa: PLC0415  # see above

    settings = Settings.from_env(env)
    account = Account(settings, client)
    loaded = _policy(settings, account.dynamodb)
    prf_keys = loaded.prf_keys | ({prf_key} if prf_key else set())
    maintenance = Maintenance(
        tenants=sorted(loaded.tenants),
        keys=account.keys_table,
        checkpointer=Checkpointer(store=account.audit_table, audit=account.audit(watch), clock=time.time),
        provisioner=key_wiring.build_provisioner(account, secrets.token_bytes, prf_keys),
        expirer=Expirer(store=account.tokens, clock=time.time),
        destroyer=Destroyer(subjects=account.subjects, clock=time.time),
        cleaner=Cleaner(store=account.tokens, subjects=account.subjects, clock=time.time),
        report=watch.maintained,
        clock=time.time,
    )
    return maintenance.run(CLEANING_SECONDS, rotate)


def prepare(env: Mapping[str, str], client: ClientFactory, watch: Telemetry, prf_key: int) -> dict[str, Any]:
    """One run that makes each tenant the PRF key of this number: of which tenants it was there before, and of
    which it is not ready. Raises as `maintain` does."""
    from chalicelib import key_wiring  # noqa: PLC0415  # see above

    account = Account(Settings.from_env(env), client)
    tenants = sorted(_policy(account.settings, account.dynamodb).tenants)
    before = key_wiring.prf_keys_ready(account, tenants, prf_key)
    run = maintain(env, client, watch, None, prf_key)
    after = key_wiring.prf_keys_ready(account, tenants, prf_key)
    waiting = [tenant for tenant in tenants if not after.get(tenant)]
    made, ready = list(run.keys_made), list(run.keys_ready)
    return {"made": made, "ready": ready, "there_before": list(before), "waiting": waiting}


def answer_about_keys(event: Mapping[str, Any]) -> dict[str, Any]:
    """Does what an operator's event asks of the maintenance function; see `key_events.answer`."""
    from chalicelib import key_wiring  # noqa: PLC0415  # see above
    from chalicelib.service import key_events  # noqa: PLC0415  # see above

    return key_wiring.answered(key_events.answer, key_wiring.build_walker(os.environ, aws_client), event)


@lru_cache(maxsize=1)
def rewrapper() -> "Rewrapper":
    """What the revealing function seals records again with, made at its first page."""
    from chalicelib import key_wiring  # noqa: PLC0415  # see above

    return key_wiring.build_rewrapper(os.environ, aws_client, telemetry())


def rewrap(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """Seals a page of a tenant's records again; says what became of them, in numbers."""
    from chalicelib import key_wiring  # noqa: PLC0415  # see above

    return key_wiring.answered(_rewrap, event, request_id)


def _rewrap(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    from chalicelib import key_wiring  # noqa: PLC0415  # see above
    from chalicelib.service import key_events  # noqa: PLC0415  # see above

    tenant, part = key_events.read_rewrap(event)
    return key_wiring.rewrap(rewrapper(), telemetry(), tenant, request_id, part)


def walk_over_tokens(event: Mapping[str, Any]) -> dict[str, Any]:
    """Does what an operator's event asks of the maintenance function; see `retokenize_events.walk`."""
    from chalicelib import key_wiring, retokenize_wiring  # noqa: PLC0415  # see above
    from chalicelib.service import retokenize_events  # noqa: PLC0415  # see above

    walker = retokenize_wiring.build_token_walker(os.environ, aws_client)
    return key_wiring.answered(retokenize_events.walk, walker, event)


@lru_cache(maxsize=1)
def retokenizer() -> "Retokenizer":
    """What the revealing function gives values new tokens with, made at its first page."""
    return build_retokenizer(os.environ, aws_client, telemetry())


def build_retokenizer(env: Mapping[str, str], client: ClientFactory, watch: Telemetry) -> "Retokenizer":
    """The same, as the environment describes it. Raises as `retokenize_wiring.build_retokenizer`."""
    from chalicelib import retokenize_wiring  # noqa: PLC0415  # see above

    account = Account(Settings.from_env(env), client)
    return retokenize_wiring.build_retokenizer(account, _policy(account.settings, account.dynamodb), watch)


def retokenize(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """Gives a page of values new tokens; answers what is sealed to the recipient, and numbers."""
    from chalicelib import key_wiring  # noqa: PLC0415  # see above

    return key_wiring.answered(_retokenize, event, request_id)


def _retokenize(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    from chalicelib import retokenize_wiring  # noqa: PLC0415  # see above

    return retokenize_wiring.retokenize(retokenizer(), telemetry(), event, request_id)


def take_in(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """Takes a batch in for the client in `TOKENVAULT_BULK_CLIENT`; see `api.direct.answer`."""
    from chalicelib.api import direct  # noqa: PLC0415  # see above

    address = os.environ.get("TOKENVAULT_BULK_CLIENT", "")
    return direct.answer(event, request_id, lambda: direct.serving(service(), address), telemetry())


def give_out(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """Exports for the client in `TOKENVAULT_BULK_EXPORT_CLIENT`; see `api.direct.answer`."""
    from chalicelib.api import direct  # noqa: PLC0415  # see above

    address = os.environ.get("TOKENVAULT_BULK_EXPORT_CLIENT", "")

    def serving() -> Service:
        return direct.serving(service(), address, direct.OUT)

    return direct.answer(event, request_id, serving, telemetry(), direct.OUT)


def archive(records: Sequence["StreamRecord"]) -> dict[str, Any]:
    """Archives a batch of the audit table's stream; returns what Lambda shall send again.

    Raises `ConfigurationError`.
    """
    archived = archiver().archive(records)
    telemetry().archived(archived.written, archived.changed, archived.why)
    return archived.answer()


@lru_cache(maxsize=1)
def archiver() -> "Archiver":
    """What the archiving function writes with, made at its first batch."""
    return build_archiver(os.environ, aws_client)


def build_archiver(env: Mapping[str, str], client: ClientFactory) -> "Archiver":
    """The archiver that the environment describes. Raises `ConfigurationError`."""
    from chalicelib.audit.archive import Archiver  # noqa: PLC0415  # see above
    from chalicelib.audit.archive_bucket import ArchiveBucket  # noqa: PLC0415  # see above

    settings = ArchiveSettings.from_env(env)
    return Archiver(ArchiveBucket(client("s3", settings.region), settings.bucket))


def _policy(settings: Settings, dynamodb: Any) -> Policy:
    text = PolicyTable(dynamodb, settings.policy_table).document(settings.policy_sha256)
    if text is None:
        raise ConfigurationError(["the policy table does not hold the policy of this deployment"])
    slot_share = Fraction(len(settings.region_slots), SLOTS)
    return policy.load(text, settings.policy_sha256, settings.vault_id, registry.build, slot_share)
