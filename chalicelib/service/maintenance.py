"""The use case of the scheduled maintenance: each step is done, whatever becomes of the others."""

from collections.abc import Callable, Sequence

from chalicelib.audit.checkpointer import Checkpointer
from chalicelib.errors import ConfigurationError, TokenvaultError
from chalicelib.maintenance_run import MaintenanceRun
from chalicelib.service.cleaner import Cleaned, Cleaner
from chalicelib.service.expirer import Expirer
from chalicelib.service.key_provisioner import KeyProvisioner, ProvisionedKeys
from chalicelib.service.results import step_result
from chalicelib.service.short_lived import Destroyed, Destroyer
from chalicelib.sources import Clock
from chalicelib.vault.keys import WritableKeyStore


class Maintenance:
    """Notes the ends of audit chains, destroys short-lived secrets whose time has passed, provides keys, and
    removes records whose time is up or whose subject was erased."""

    def __init__(
        self,
        *,
        tenants: Sequence[str],
        keys: WritableKeyStore,
        checkpointer: Checkpointer,
        destroyer: Destroyer,
        provisioner: KeyProvisioner,
        expirer: Expirer,
        cleaner: Cleaner,
        report: Callable[[MaintenanceRun], None],
        clock: Clock,
    ) -> None:
        """`tenants` are those of the policy; `report` is called with every run, also with a failed one."""
        self._tenants, self._keys, self._checkpointer = tenants, keys, checkpointer
        self._destroyer, self._provisioner, self._expirer, self._cleaner = (
            destroyer,
            provisioner,
            expirer,
            cleaner,
        )
        self._report, self._clock = report, clock

    def run(self, seconds: float, rotate: str | None = None) -> MaintenanceRun:
        """One run, cleaning for at most about so many seconds; `rotate` names a tenant to make a key for.

        Raises `ConfigurationError` for an unknown tenant, or the first error of a step, once the others were
        tried; the next run takes up what this one did not do.
        """
        if rotate is not None and rotate not in self._tenants:
            raise ConfigurationError(["the policy has no tenant of this name"])
        tenants = self._all_tenants()
        # First: secrets whose time has passed wait for nothing that may take long. And an attacker who can
        # spoil a tenant's keys must not keep the ends of chains from being noted.
        destroyed = self._destroyer.destroy(tenants)
        noted = step_result(self._checkpointer.check, tenants)
        keys = self._provisioner.provision(self._tenants, rotate)
        expired = step_result(self._expirer.expire, seconds)
        cleaned = step_result(self._cleaner.clean, seconds)
        outcomes = (*destroyed.errors, noted, *keys.errors, expired, cleaned)
        errors = tuple(outcome for outcome in outcomes if isinstance(outcome, TokenvaultError))
        run = self._summary(keys, destroyed, expired, cleaned, errors)
        self._report(run)
        if run.errors:
            raise run.errors[0]
        return run

    def _all_tenants(self) -> list[str]:
        """A container may go on with an old policy for a while: tenants that left it are looked at, too."""
        known = step_result(self._keys.known_tenants)
        former = [] if isinstance(known, TokenvaultError) else known
        return sorted({*self._tenants, *former})

    def _summary(
        self,
        keys: ProvisionedKeys,
        destroyed: Destroyed,
        expired: int | TokenvaultError,
        cleaned: Cleaned | TokenvaultError,
        errors: tuple[TokenvaultError, ...],
    ) -> MaintenanceRun:
        done = Cleaned(0) if isinstance(cleaned, TokenvaultError) else cleaned
        age = 0 if done.oldest_pending is None else int(self._clock()) - done.oldest_pending
        return MaintenanceRun(
            keys_made=keys.made,
            keys_ready=keys.ready,
            records_expired=0 if isinstance(expired, TokenvaultError) else expired,
            records_cleaned=done.records,
            pending_erasure_seconds=max(0, age),
            secrets_destroyed=destroyed.count,
            overdue_seconds=destroyed.overdue_seconds,
            errors=errors,
        )
