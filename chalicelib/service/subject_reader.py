"""The use case of telling what is kept of a subject: tokens, types and times, never values (GDPR, Art. 15).

https://eur-lex.europa.eu/eli/reg/2016/679/oj#d1e2528-1-1
"""

from dataclasses import dataclass, replace
from typing import Final

from chalicelib.audit.events import AuditOutcome, AuditTrail
from chalicelib.audit.refusals import refusals_on_record
from chalicelib.auth.permissions import require_action, require_type
from chalicelib.caller import Caller
from chalicelib.errors import RecordCorrupt, TokenvaultError
from chalicelib.model import TokenFacts
from chalicelib.service.events import event_of
from chalicelib.service.results import item_result
from chalicelib.service.subject_ids import known_subject
from chalicelib.sources import Clock
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.records import verified_facts
from chalicelib.vault.subjects import Erasure, StoredSubject, SubjectStore
from chalicelib.vault.tokens import StoredToken, TokenStore

PAGE: Final = 100
"""Most tokens of one page: as many as a batch holds, so that its audit event fits into an item too."""


@dataclass(frozen=True)
class FailedToken:
    """A token of the subject, and why its facts are not told."""

    token: str
    error: TokenvaultError


@dataclass(frozen=True)
class SubjectPage:
    """Some tokens of a subject: all that erasing it would close, as the index shows them, seconds late.

    `erased_at` is the Unix time since which the subject is erased; then it has no tokens. `last` is the token
    behind which the next page begins.
    """

    entries: tuple[TokenFacts | FailedToken, ...] = ()
    erased_at: int | None = None
    last: str | None = None


class SubjectReader:
    """Tells what a subject has, each time on record. It opens nothing, and asks for no key that could."""

    def __init__(
        self,
        store: TokenStore,
        subjects: SubjectStore,
        keys: TokenizingKeyring,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._store, self._subjects, self._keys = store, subjects, keys
        self._audit, self._clock = audit, clock

    def page(self, caller: Caller, subject: str, after: str | None, request_id: str) -> SubjectPage:
        """The first tokens of a subject, or those behind the token `after`.

        An unknown subject, and another tenant's, has none. Nothing is returned before the audit trail has
        acknowledged the event. Raises `InvalidValue`, `NotPermitted` (on record too), `StoreUnavailable`,
        `KeyUnavailable`, or `RecordCorrupt` if the marker of an erased subject was spoiled.
        """
        event = event_of(caller, "subjects.read", request_id)
        with refusals_on_record(self._audit, event):
            caller = require_action(caller, "subjects.read")
        name = known_subject(subject)
        [stored] = self._subjects.find(caller.tenant, [name])
        page = _closed(stored.erased) if stored.erased else self._active(caller, name, after)
        known = None if stored.is_unknown and not page.entries else name
        self._audit.record(replace(event, subject=known, outcomes=_outcomes(stored, page)))
        if isinstance(stored.erased, RecordCorrupt):
            raise stored.erased
        return page

    def _active(self, caller: Caller, subject: str, after: str | None) -> SubjectPage:
        found = self._store.page_of_subject(caller.tenant, subject, after, PAGE)
        entries = tuple(self._entry(caller, stored) for stored in self._store.find(found.keys))
        return SubjectPage(entries, last=found.last)

    def _entry(self, caller: Caller, stored: StoredToken) -> TokenFacts | FailedToken:
        result = item_result(self._facts, caller, stored)
        return FailedToken(stored.key.token, result) if isinstance(result, TokenvaultError) else result

    def _facts(self, caller: Caller, stored: StoredToken) -> TokenFacts:
        facts = verified_facts(stored, self._keys, self._clock())
        require_type(caller, facts.type)
        return facts


def _closed(erased: Erasure | RecordCorrupt) -> SubjectPage:
    return SubjectPage(erased_at=erased.at if isinstance(erased, Erasure) else None)


def _outcomes(stored: StoredSubject, page: SubjectPage) -> tuple[AuditOutcome, ...]:
    if page.entries:
        return tuple(_outcome(entry) for entry in page.entries)
    if stored.erased:
        return (AuditOutcome("erased"),)
    return (AuditOutcome("unknown"),) if stored.is_unknown else ()


def _outcome(entry: TokenFacts | FailedToken) -> AuditOutcome:
    if isinstance(entry, TokenFacts):
        return AuditOutcome("listed", entry.token, entry.type)
    return AuditOutcome.failed(entry.error, entry.token)
