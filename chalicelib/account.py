"""The clients of a container, and what is made of them for several uses: a part of the composition root."""

import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import Any

from chalicelib.audit.chain import begin_chain
from chalicelib.audit.table import AuditTable
from chalicelib.audit.trail import ChainedTrail, MonitoredTrail
from chalicelib.aws import clients
from chalicelib.config import Settings
from chalicelib.crypto.kms import Kek
from chalicelib.kernel_random import fill_from_kernel
from chalicelib.service.budgets import Budgets
from chalicelib.telemetry import Telemetry
from chalicelib.vault.batches import Batches
from chalicelib.vault.budget_table import BudgetTable
from chalicelib.vault.dynamodb import Backoff
from chalicelib.vault.key_table import KeyTable
from chalicelib.vault.keyring import PrfKeyring, RevealingKeyring, TokenizingKeyring
from chalicelib.vault.records import OpenSealer, RecordSealer
from chalicelib.vault.subject_table import SubjectTable
from chalicelib.vault.token_table import TokenTable

ClientFactory = Callable[[str, str], Any]
"""Makes a client of an AWS service in a Region."""


class Account:
    """The clients of a container, and what is made of them for more than one use."""

    def __init__(self, settings: Settings, client: ClientFactory) -> None:
        self.settings = settings
        self.dynamodb, self.kms = client("dynamodb", settings.region), client("kms", settings.region)
        self.pool = ThreadPoolExecutor(clients.PARALLEL_CALLS)
        batches = Batches(self.dynamodb, self.pool, Backoff())
        self.tokens = TokenTable(self.dynamodb, settings.vault_table, batches)
        self.subjects = SubjectTable(self.dynamodb, settings.subjects_table, batches)
        self.keys_table = KeyTable(self.dynamodb, settings.keys_table)
        self.index_kek = Kek(self.kms, settings.index_kek_arn)
        self.audit_table = AuditTable(self.dynamodb, settings.audit_table)

    @cached_property
    def keys(self) -> TokenizingKeyring:
        """What seals records and checks signatures."""
        return TokenizingKeyring(
            vault_id=self.settings.vault_id,
            store=self.keys_table,
            unwrap_bundle=self.index_kek.unwrap,
            cache_seconds=self.settings.key_cache_seconds,
            clock=time.time,
        )

    @cached_property
    def prf_keys(self) -> PrfKeyring:
        """What tokens are derived with, for a role that may unwrap it."""
        return PrfKeyring(
            vault_id=self.settings.vault_id,
            store=self.keys_table,
            unwrap=self.index_kek.unwrap,
            cache_seconds=self.settings.key_cache_seconds,
            clock=time.time,
        )

    def audit(self, watch: Telemetry) -> MonitoredTrail:
        """This container's part of the audit trail."""
        settings, make_data_key = self.settings, Kek(self.kms, self.settings.audit_key_arn).make_data_key
        trail = ChainedTrail(
            store=self.audit_table,
            begin=lambda: begin_chain(
                settings.vault_id, settings.function, settings.region, make_data_key, secrets.token_bytes
            ),
            clock=time.time,
        )
        return MonitoredTrail(trail, failed=watch.audit_failed)

    @property
    def budgets(self) -> Budgets:
        """What clients may still ask for in this hour."""
        table = BudgetTable(self.dynamodb, str(self.settings.budgets_table))
        return Budgets(store=table, regions=self.settings.region_count, clock=time.time)

    @property
    def revealing_keys(self) -> RevealingKeyring:
        """What opens records, for a role that may unwrap private halves."""
        return RevealingKeyring(
            tokenizing=self.keys,
            unwrap_private=Kek(self.kms, str(self.settings.vault_kek_arn)).unwrap,
            cache_seconds=self.settings.key_cache_seconds,
            clock=time.time,
        )

    @property
    def open_sealer(self) -> OpenSealer:
        """Begins the sealing of a request, in the form of this deployment."""
        shared, random_bytes = self.settings.seals_per_request, secrets.token_bytes
        return partial(RecordSealer, fill=fill_from_kernel, random_bytes=random_bytes, per_request=shared)
