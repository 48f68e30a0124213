"""The use cases of erasing: a token, or everything of a person."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.audit import AuditEvent, AuditOutcome, AuditTrail
from chalicelib.auth.permissions import require_action
from chalicelib.cache import Clock
from chalicelib.crypto.receipts import VERSION, Receipt, Sign, remains, signed
from chalicelib.model import Caller
from chalicelib.service.persons import erasure
from chalicelib.service.refusing import refusals_on_record
from chalicelib.service.subject_ids import known_subject
from chalicelib.vault.items import TokenKey
from chalicelib.vault.store import Found, TokenStore
from chalicelib.vault.subjects import Erasure, Person, SubjectStore


@dataclass(frozen=True)
class SignedReceipt:
    """A receipt, and the same as a signed JWS in compact form (RFC 7515)."""

    receipt: Receipt
    jws: str


@dataclass(frozen=True)
class ReceiptSigner:
    """Who signs for what: the vault, its receipt key in KMS, and how long its backups are kept."""

    vault_id: str
    key_id: str
    sign: Sign
    backup_days: int

    def receipt(self, tenant: str, subject: str, erased: Erasure) -> SignedReceipt:
        """The receipt of an erasure. Raises `KeyUnavailable`."""
        at = datetime.fromtimestamp(erased.at, UTC)
        left = remains(at, self.backup_days)
        receipt = Receipt(VERSION, self.vault_id, tenant, subject, at, erased.secrets, erased.tokens, left)
        return SignedReceipt(receipt, signed(receipt, self.key_id, self.sign))


class Eraser:
    """Takes values out for good, each time on record.

    The record is written before anything is erased: no erasure is without one, whatever fails behind it.
    It says what was found then, and what was asked for; that it was done, the markers in the vault say.
    """

    def __init__(
        self,
        *,
        store: TokenStore,
        subjects: SubjectStore,
        signer: ReceiptSigner,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._store, self._subjects, self._signer = store, subjects, signer
        self._audit, self._clock = audit, clock

    def erase_token(self, caller: Caller, token: str, request_id: str) -> None:
        """Erases a token; one that is unknown or erased already is left as it is, and that is no error.

        Raises `NotPermitted` (on record too), `StoreUnavailable` or `KeyUnavailable`.
        """
        event = AuditEvent(caller.tenant, caller.client, "erase.token", request_id)
        with refusals_on_record(self._audit, event):
            require_action(caller, "erase")
        key = TokenKey(caller.tenant, token)
        [found] = self._store.find([key])
        self._audit.record(replace(event, outcomes=(_token_outcome(token, found),)))
        if found != Found():
            self._store.erase([(key, found)], int(self._clock()))

    def erase_person(self, caller: Caller, subject: str, request_id: str) -> SignedReceipt:
        """Closes all records of a person for ever, by destroying the secrets that they name.

        The order is what makes it safe to die in between: the work is noted, the marker written, the
        secrets deleted; asked again, the rest is done, and the receipt says the same. The records are
        cleaned up afterwards, by the maintenance function. Raises `InvalidValue`, `NotPermitted` (on record
        too), `StoreUnavailable` or `KeyUnavailable`.
        """
        event = AuditEvent(caller.tenant, caller.client, "erase.person", request_id)
        with refusals_on_record(self._audit, event):
            require_action(caller, "erase")
        name = known_subject(subject)
        [person] = self._subjects.people(caller.tenant, [name])
        known = name if person != Person() else None
        self._audit.record(replace(event, subject=known, outcomes=(_person_outcome(person),)))
        erased = person.erased or self._subjects.mark_erased(
            caller.tenant, name, erasure(self._store, caller.tenant, name, person, int(self._clock()))
        )
        self._subjects.destroy_secrets(caller.tenant, name)
        return self._signer.receipt(caller.tenant, name, erased)


def _token_outcome(token: str, found: Found) -> AuditOutcome:
    """What is about to become of a token. Text that is no token of ours is not repeated."""
    if found == Found():
        return AuditOutcome("unknown")
    return AuditOutcome("erased" if found.erased else "erasing", token)


def _person_outcome(person: Person) -> AuditOutcome:
    """What is about to become of a person; an erased one is looked after again, an unknown one closed."""
    if person == Person():
        return AuditOutcome("unknown")
    return AuditOutcome("erased" if person.erased else "erasing")
