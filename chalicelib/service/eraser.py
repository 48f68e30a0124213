"""The use cases of erasing: a token, or everything of a subject."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from chalicelib.audit.events import AuditOutcome, AuditTrail
from chalicelib.audit.refusals import refusals_on_record
from chalicelib.auth.permissions import require_action, require_type
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller
from chalicelib.crypto.jws import Sign
from chalicelib.crypto.receipts import VERSION, Receipt, remains, signed
from chalicelib.errors import RecordCorrupt
from chalicelib.service.events import event_of
from chalicelib.service.recognizing import certain_tokens, has_token_form
from chalicelib.service.subject_ids import known_subject, new_subject
from chalicelib.service.subjects import erasure
from chalicelib.sources import Clock
from chalicelib.vault.subjects import Erasure, StoredSubject, SubjectStore
from chalicelib.vault.tokens import (
    StoredToken,
    TokenKey,
    TokenStore,
    Tombstone,
    UnverifiedRecord,
    Vacant,
)

_PAGE: Final = 100
"""Tokens of a subject that are looked at at a time."""


@dataclass(frozen=True)
class SignedReceipt:
    """A receipt, and the same as a signed JWS in compact form (RFC 7515)."""

    receipt: Receipt
    jws: str


@dataclass(frozen=True)
class ReceiptSigner:
    """Signs receipts for a vault with its receipt key in KMS; they say how long its backups are kept."""

    vault_id: str
    key_id: str
    sign: Sign
    backup_days: int

    def receipt(self, tenant: str, subject: str, erased: Erasure) -> SignedReceipt:
        """The receipt of an erasure. Raises `KeyUnavailable`."""
        at = datetime.fromtimestamp(erased.at, UTC)
        left = remains(at, self.backup_days)
        done = Receipt(VERSION, self.vault_id, tenant, subject, at, erased.secrets, erased.tokens, left)
        receipt = replace(done, tokens_sha256=erased.tokens_sha256)
        return SignedReceipt(receipt, signed(receipt, self.key_id, self.sign))


class Eraser:
    """Takes values out for good, each time on record.

    The audit event is written before anything is erased, so every erasure has one, whatever fails after it.
    It says what was asked for and what was found; the markers in the vault say that it was done.
    """

    def __init__(
        self,
        *,
        policy: Policy,
        store: TokenStore,
        subjects: SubjectStore,
        signer: ReceiptSigner,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._policy, self._store, self._subjects, self._signer = policy, store, subjects, signer
        self._audit, self._clock = audit, clock

    def erase_token(self, caller: Caller, token: str, request_id: str) -> None:
        """Erases a token, whether or not it is known here, and however often that was done: that is no error.

        The record of an unknown token may be on its way from another Region. So the token is closed before it
        comes, if it has the form of one of a type that the caller may use; other text writes nothing. Raises
        `NotPermitted` (on record too), `StoreUnavailable` or `KeyUnavailable`.
        """
        event = event_of(caller, "erase.token", request_id)
        named = partial(certain_tokens, self._policy, self._store, caller.tenant, [token])
        with refusals_on_record(self._audit, event, named):
            caller = require_action(caller, "erase")
            [stored] = self._store.find([TokenKey(caller.tenant, token)])
            self._require_types(caller, [stored])
        closes = not isinstance(stored, Vacant) or has_token_form(self._policy.only(caller.types), token)
        self._audit.record(replace(event, outcomes=(_token_outcome(stored, token if closes else None),)))
        if closes:
            self._store.erase([stored], int(self._clock()))

    def erase_subject(self, caller: Caller, subject: str, request_id: str) -> SignedReceipt:
        """Closes all records of a subject for ever, by destroying the secrets that they name.

        The order makes it safe to die half way: the pending erasure is noted, the marker written, the
        secrets deleted; asked again, the rest is done and sent to the other Regions once more, and the
        receipt says the same. The records are cleaned up afterwards, by the maintenance function. A caller
        that may not use the type of one of the tokens erases none of them: one secret closes all.

        Raises `InvalidValue`, `NotPermitted` (on record too), `StoreUnavailable`, `KeyUnavailable`,
        or `RecordCorrupt` if an earlier marker was spoiled.
        """
        event = event_of(caller, "erase.person", request_id)
        with refusals_on_record(self._audit, event):
            caller = require_action(caller, "erase")
        name = known_subject(subject)
        [stored] = self._subjects.find(caller.tenant, [name])
        if not stored.erased:
            with refusals_on_record(self._audit, replace(event, subject=None if stored.is_unknown else name)):
                self._require_all_types(caller, name)
        if stored.is_unknown:
            # Closing an unknown subject writes its id into the table, so it must be fit to be taken in.
            new_subject(name)
        known = None if stored.is_unknown else name
        self._audit.record(replace(event, subject=known, outcomes=(_subject_outcome(stored),)))
        erased = self._subjects.mark_erased(
            caller.tenant, name, erasure(self._store, caller.tenant, name, stored, int(self._clock()))
        )
        self._subjects.destroy_secrets(caller.tenant, name)
        if isinstance(erased, RecordCorrupt):
            raise erased  # the subject is erased, and what its receipt would say is lost
        return self._signer.receipt(caller.tenant, name, erased)

    def _require_all_types(self, caller: Caller, subject: str) -> None:
        """Raises `NotPermitted` unless the caller may erase all tokens that the index shows, seconds late.

        Callers of all types, as those that erase mostly are, cost no call.
        """
        more, after = not self._uses_all_types(caller), None
        while more:
            page = self._store.page_of_subject(caller.tenant, subject, after, _PAGE)
            self._require_types(caller, self._store.find(page.keys))
            more, after = page.last is not None, page.last

    def _require_types(self, caller: Caller, found: Iterable[StoredToken]) -> None:
        """Raises `NotPermitted` for a record of a type that the caller may not use.

        Records need not be verified: whoever can change their types can take them away. What is no record,
        or cannot be read, has no type and stays erasable; so do, for callers of all types, records of a type
        that the policy no longer has.
        """
        if not self._uses_all_types(caller):
            for record in found:
                if isinstance(record, UnverifiedRecord):
                    require_type(caller, record.type)

    def _uses_all_types(self, caller: Caller) -> bool:
        return self._policy.types.keys() <= caller.types


def _token_outcome(stored: StoredToken, closed: str | None) -> AuditOutcome:
    """What is about to become of a token, which is named if it is closed: whoever restores the vault has to
    close it again. Text that does not have the form of a token is not repeated."""
    if isinstance(stored, Vacant):
        return AuditOutcome("unknown", closed)
    return AuditOutcome(stored.reason if isinstance(stored, Tombstone) else "erasing", closed)


def _subject_outcome(stored: StoredSubject) -> AuditOutcome:
    """What is about to become of a subject: an erased one is erased again, an unknown one is closed."""
    if stored.is_unknown:
        return AuditOutcome("unknown")
    return AuditOutcome("erased" if stored.erased else "erasing")
