"""What every value goes through on its way into the vault, whoever gives it its token."""

from collections.abc import Callable, Mapping

from chalicelib.audit.events import AuditAction, AuditTrail
from chalicelib.audit.refusals import refusals_on_record
from chalicelib.caller import Caller
from chalicelib.errors import StoreUnavailable, TokenvaultError, error_of_all
from chalicelib.service.batch import Batch, pending, subjects
from chalicelib.service.budgets import Budgets
from chalicelib.service.card_fingerprints import CardFingerprints
from chalicelib.service.events import event_of
from chalicelib.service.short_lived import ShortLivedSecrets
from chalicelib.service.subjects import Subjects
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.records import OpenSealer, RecordSealer

WriteBatch = Callable[[RecordSealer, Batch], None]
"""Seals and stores the items, and gives each its result."""


class Intake:
    """Gives values what they are sealed with, has them written, and says what came in between."""

    def __init__(
        self,
        *,
        keys: TokenizingKeyring,
        open_sealer: OpenSealer,
        subjects: Subjects,
        short_lived: ShortLivedSecrets,
        card_fingerprints: CardFingerprints,
        budgets: Budgets,
        audit: AuditTrail,
    ) -> None:
        self._keys, self._open_sealer = keys, open_sealer
        self._subjects, self._short_lived = subjects, short_lived
        self._card_fingerprints = card_fingerprints
        self._budgets, self._audit = budgets, audit

    def spend(self, caller: Caller, batch: Batch, action: AuditAction, request_id: str) -> None:
        """A deterministic value, or a fingerprint, confirms a right guess, so guesses may be limited.

        Raises `BudgetExceeded` (on record) or `StoreUnavailable`.
        """
        types = [item.draft.type for item in pending(batch)]
        guesses = [each.name for each in types if each.confirms_guesses]
        if not guesses:
            return
        with refusals_on_record(self._audit, event_of(caller, action, request_id)):
            self._budgets.spend(caller, "deterministic_tokens", guesses)

    def write(self, tenant: str, accepted: Batch, write: WriteBatch) -> None:
        """Binds the accepted items to their secrets and has them written, under one key.

        Raises `KeyUnavailable`, or `StoreUnavailable` if nothing was written.
        """
        key = self._keys.writing_key(tenant)
        self._bind_secrets(tenant, accepted)
        self._short_lived.bind(tenant, pending(accepted))
        self._card_fingerprints.bind(tenant, pending(accepted))
        open_items = pending(accepted)
        with self._open_sealer(key) as sealer:
            write(sealer, open_items)
        self.close_erased(tenant, open_items)
        failures = [item.result for item in accepted if isinstance(item.result, StoreUnavailable)]
        if len(failures) == len(accepted):
            raise error_of_all(failures)

    def _bind_secrets(self, tenant: str, accepted: Batch) -> None:
        """Binds each value of a subject to the subject's secret; values of a subject that has none fail."""
        secrets = self._subjects.secrets(tenant, subjects(accepted))
        for item in accepted:
            if item.draft.subject is None:
                continue
            secret = secrets[item.draft.subject]
            if isinstance(secret, TokenvaultError):
                item.result = secret
            else:
                item.bind(secret)

    def close_erased(self, tenant: str, written: Batch) -> None:
        """Fails items whose subject was erased while they were written, or since: their tokens are dead.

        Raises nothing: what cannot be known fails too.
        """
        names = subjects(written)
        if not names:
            return
        try:
            erased: Mapping[str, TokenvaultError] = self._subjects.erased(tenant, names)
        except StoreUnavailable as error:
            erased = dict.fromkeys(names, error)
        for item in written:
            item.result = erased.get(item.draft.subject or "", item.result)
