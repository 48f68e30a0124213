"""What a page of tokens becomes: values under new tokens, each pair told to the recipient alone.

The old records stay as they are. No item of any table names an old token and its new one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.audit.events import AuditOutcome
from chalicelib.crypto.prf import Derived
from chalicelib.crypto.request_secret import OpenedSecrets
from chalicelib.errors import StoreUnavailable, TokenNotFound, TokenvaultError, error_of_all
from chalicelib.model import InfoType, RecordDraft, SubjectSecret, TokenFacts
from chalicelib.sensitive import Sensitive
from chalicelib.service.accepting import ValueItem, draft
from chalicelib.service.batch import BatchItem
from chalicelib.service.deterministic_writer import Derive, DeterministicWriter
from chalicelib.service.export_pages import is_of_types, rfc3339
from chalicelib.service.requests import IdempotentRequest
from chalicelib.service.results import item_result
from chalicelib.sources import Clock
from chalicelib.vault.keyring import RevealingKeyring, TokenizingKeyring
from chalicelib.vault.records import OpenSealer, Secrets, open_record, secrets_of
from chalicelib.vault.subjects import SubjectStore
from chalicelib.vault.tokens import StoredToken, TokenKey, TokenStore, UnverifiedRecord


@dataclass(frozen=True)
class _Moving:
    """A value on its way to its new token: what its record says, its draft, and what it is derived to."""

    facts: TokenFacts
    draft: RecordDraft
    derived: Derived


@dataclass(frozen=True)
class OpenedPage:
    """A page before anything of it was written: the values that move, and the tokens that failed to open.

    `passed` counts those that are under the key already or follow from no key, `closed` those that nothing
    opens any more.
    """

    moving: tuple[_Moving, ...]
    failed: tuple[tuple[str, TokenvaultError], ...]
    passed: int
    closed: int

    @property
    def outcomes(self) -> tuple[AuditOutcome, ...]:
        """What goes on record: which tokens get another one, not which; and those that did not open."""
        moving = (AuditOutcome("retokenized", each.facts.token, each.facts.type) for each in self.moving)
        return (*moving, *(AuditOutcome.failed(error, token) for token, error in self.failed))


@dataclass(frozen=True)
class MovedPage:
    """A page whose values have their new tokens: what is sealed as a chunk, and counts of it."""

    plaintext: Sensitive[bytes]
    moved: int
    failed: int
    passed: int
    closed: int


class RetokenizePages:
    """Opens the records of a page, and writes their values under new tokens. Values are held for it alone."""

    def __init__(
        self,
        *,
        store: TokenStore,
        subjects: SubjectStore,
        keys: RevealingKeyring,
        newest: TokenizingKeyring,
        open_sealer: OpenSealer,
        derive: Derive,
        clock: Clock,
    ) -> None:
        self._store, self._subjects, self._derive, self._clock = store, subjects, derive, clock
        self._keys, self._newest, self._open_sealer = keys, newest, open_sealer

    def open(self, tenant: str, info_type: InfoType, tokens: Sequence[str]) -> OpenedPage:
        """What is to become of the tokens that are living and, by what their records say, of the type.

        A record that does not even parse is among them: it may be of any type. One that is sealed with a
        short-lived secret is passed over, whatever its type is by now. Writes nothing. Raises
        `StoreUnavailable` or `KeyUnavailable`.
        """
        found = self._store.find([TokenKey(tenant, token) for token in tokens]) if tokens else []
        asked = [each for each in found if is_of_types(each, [info_type.name])]
        secrets, opened = secrets_of(self._subjects, tenant, asked), OpenedSecrets()
        results = [item_result(self._drafted, each, info_type, secrets, opened) for each in asked]
        drafts = [each for each in results if isinstance(each, tuple)]
        moving = self._derived(tenant, drafts)
        errors = [
            (stored.key.token, result)
            for stored, result in zip(asked, results, strict=True)
            if isinstance(result, TokenvaultError)
        ]
        failed = tuple(error for error in errors if not isinstance(error[1], TokenNotFound))
        closed = len(errors) - len(failed)
        return OpenedPage(moving, failed, len(asked) - len(moving) - len(errors), closed)

    def write(self, tenant: str, page: OpenedPage) -> MovedPage:
        """Gives each value of the page its new token, made if it has none, and says both to the recipient.

        Done again, it finds what it made. Raises `StoreUnavailable` or `KeyUnavailable`; what was written
        stays.
        """
        items = [BatchItem(number, each.draft) for number, each in enumerate(page.moving)]
        if items:
            self._write(tenant, items, [each.derived for each in page.moving])
        if failures := [item.answer for item in items if isinstance(item.answer, StoreUnavailable)]:
            raise error_of_all(failures)
        erased = self._erased(tenant, page.moving)
        entries = [
            _entry(each, item.answer)
            for each, item in zip(page.moving, items, strict=True)
            if each.draft.subject not in erased
        ]
        entries += [_failed(token, error) for token, error in page.failed]
        failed = sum("error" in entry for entry in entries)
        return MovedPage(
            Sensitive(json.dumps(entries, separators=(",", ":")).encode()),
            len(entries) - failed,
            failed,
            page.passed,
            page.closed + len(items) + len(page.failed) - len(entries),
        )

    def _write(self, tenant: str, items: Sequence[BatchItem], derived: list[Derived]) -> None:
        # The pair, whose halves belong together: who may write key items cannot put a half of theirs.
        key = self._keys.key(tenant, self._newest.writing_key(tenant).context.key_id).tokenizing
        writer = DeterministicWriter(
            store=self._store, derive=lambda *_: derived, keys=self._newest, clock=self._clock
        )
        with self._open_sealer(key) as sealer:
            writer.write(sealer, items, IdempotentRequest(int(self._clock())))

    def _drafted(
        self, stored: StoredToken, info_type: InfoType, secrets: Secrets, opened: OpenedSecrets
    ) -> tuple[TokenFacts, RecordDraft | None, bytes | None]:
        """What a record says, its value as it would be taken in today, and the fingerprint that it has.

        No draft of a record whose token follows from no key: an imported one, or of a time when the type was
        random.
        """
        facts, value = open_record(stored, secrets, self._keys, self._clock(), opened)
        if not isinstance(stored, UnverifiedRecord) or stored.fingerprint is None or facts.imported:
            return facts, None, None
        secret = None
        if stored.secret is not None:
            found = secrets[stored.secret]
            if not isinstance(found, Sensitive):
                raise AssertionError("a record opened without its secret")
            secret = SubjectSecret(stored.secret.subject, stored.secret.secret_id, found)
        item = ValueItem(
            info_type.name,
            Sensitive(info_type.format.present(value.reveal())),
            None if secret is None else secret.subject,
        )
        drafted = draft(
            stored.key.tenant,
            info_type,
            item,
            facts.created,
            expires_at=facts.expires_at,
            metadata=facts.metadata,
            read_subject=str,
            created_by=facts.created_by,
        )
        return facts, replace(drafted, card=facts.card, secret=secret), stored.fingerprint

    def _derived(
        self, tenant: str, drafts: Sequence[tuple[TokenFacts, RecordDraft | None, bytes | None]]
    ) -> tuple[_Moving, ...]:
        """Those that are not under the type's key already."""
        values = [(facts, each, mark) for facts, each, mark in drafts if each is not None]
        derived = self._derive(tenant, [each for _, each, _ in values])
        return tuple(
            _Moving(facts, each, becomes)
            for (facts, each, mark), becomes in zip(values, derived, strict=True)
            if becomes.fingerprint != mark
        )

    def _erased(self, tenant: str, moving: Sequence[_Moving]) -> set[str | None]:
        """Subjects that were erased while their values were written: either token is dead."""
        names = sorted({each.draft.subject for each in moving if each.draft.subject is not None})
        return {*self._subjects.erased(tenant, names)} if names else set()


def _entry(moving: _Moving, result: TokenFacts | TokenvaultError) -> dict[str, Any]:
    facts = moving.facts
    if isinstance(result, TokenvaultError):
        return _failed(facts.token, result)
    return {
        "token": facts.token,
        "type": facts.type,
        "new_token": result.token,
        "created": rfc3339(facts.created),
        "created_by": facts.created_by,
        "metadata": dict(facts.metadata),
        "subject": moving.draft.subject,
    }


def _failed(token: str, error: TokenvaultError) -> dict[str, Any]:
    return {"token": token, "error": error.code}
