"""What a page of an export holds: values of living tokens, and the tokens whose values do not open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from chalicelib.audit.events import AuditOutcome
from chalicelib.auth.policy import Policy
from chalicelib.crypto.request_secret import OpenedSecrets
from chalicelib.errors import RecordCorrupt, TokenNotFound, TokenvaultError
from chalicelib.model import TokenFacts
from chalicelib.sensitive import Sensitive
from chalicelib.service.presenting import in_full
from chalicelib.service.results import item_result
from chalicelib.sources import Clock
from chalicelib.vault.keyring import RevealingKeyring
from chalicelib.vault.records import Secrets, open_record, secrets_of
from chalicelib.vault.subjects import SubjectStore
from chalicelib.vault.tokens import StoredToken, TokenKey, TokenStore, UnreadableRecord, UnverifiedRecord

_EXACT: Final = msgspec.json.Encoder(decimal_format="number")
"""Numbers of a JSON document are written as numbers, with all their digits."""


@dataclass(frozen=True)
class _Entry:
    """A token of a page, as the file and as the trail have it."""

    written: dict[str, Any] = field(repr=False)
    outcome: AuditOutcome

    @property
    def failed(self) -> bool:
        """Whether its value did not open."""
        return "error" in self.written


@dataclass(frozen=True)
class ExportPage:
    """What is sealed as a chunk, and what of it goes on record."""

    plaintext: Sensitive[bytes]
    outcomes: tuple[AuditOutcome, ...]
    tokens: int
    failed: int


class ExportPages:
    """Opens the records of a page. Values are held for that page alone."""

    def __init__(
        self,
        *,
        policy: Policy,
        store: TokenStore,
        subjects: SubjectStore,
        keys: RevealingKeyring,
        clock: Clock,
    ) -> None:
        self._policy, self._store, self._subjects = policy, store, subjects
        self._keys, self._clock = keys, clock

    def find(self, tenant: str, tokens: Sequence[str], types: Sequence[str]) -> list[StoredToken]:
        """Those of the tokens that are living and of these types; see `is_of_types`.

        Raises `StoreUnavailable`.
        """
        found = self._store.find([TokenKey(tenant, token) for token in tokens]) if tokens else []
        return [each for each in found if is_of_types(each, types)]

    def read(self, tenant: str, found: Sequence[StoredToken], until: int) -> ExportPage:
        """The page, without what was made after this Unix time, was erased or has expired.

        What was changed, or waits for a secret from another Region, stands there as failed. Raises
        `StoreUnavailable` or `KeyUnavailable`.
        """
        secrets, opened = secrets_of(self._subjects, tenant, found), OpenedSecrets()
        results = [(each, item_result(self._entry, each, secrets, opened, until)) for each in found]
        entries = [
            _failed(each, made) if isinstance(made, TokenvaultError) else made
            for each, made in results
            if not isinstance(made, TokenNotFound)
        ]
        failed = sum(entry.failed for entry in entries)
        return ExportPage(
            Sensitive(_EXACT.encode([entry.written for entry in entries])),
            tuple(entry.outcome for entry in entries),
            len(entries) - failed,
            failed,
        )

    def _entry(self, stored: StoredToken, secrets: Secrets, opened: OpenedSecrets, until: int) -> _Entry:
        facts, value = open_record(stored, secrets, self._keys, self._clock(), opened)
        if facts.created > until:
            raise TokenNotFound("unknown")  # as of the time that is asked for
        info_type = self._policy.types.get(facts.type)
        if info_type is None:
            raise RecordCorrupt("a record is of an information type that the policy no longer has")
        shown, fields = in_full(info_type.format, value.reveal(), None)
        subject = stored.secret.subject if isinstance(stored, UnverifiedRecord) and stored.secret else None
        written = {**_facts(facts), "subject": subject, "value": shown.reveal()}
        return _Entry(written, AuditOutcome("revealed", facts.token, facts.type, fields))


def is_of_types(stored: StoredToken, types: Sequence[str]) -> bool:
    """Whether a token lives and is, by what its record says unverified, of one of the types.

    A record that does not even parse is: it may be of any type. One that is sealed with a short-lived secret
    is not, whatever its type is by now.
    """
    if isinstance(stored, UnverifiedRecord):
        return stored.type in types and stored.short_lived is None
    return isinstance(stored, UnreadableRecord)


def _failed(stored: StoredToken, error: TokenvaultError) -> _Entry:
    token = stored.key.token
    return _Entry({"token": token, "error": error.code}, AuditOutcome.failed(error, token))


def _facts(facts: TokenFacts) -> dict[str, Any]:
    return {
        "token": facts.token,
        "type": facts.type,
        "created": rfc3339(facts.created),
        "expires_at": None if facts.expires_at is None else rfc3339(facts.expires_at),
        "created_by": facts.created_by,
        "imported": facts.imported,
        "metadata": dict(facts.metadata),
    }


def rfc3339(seconds: int) -> str:
    """A Unix time as RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
