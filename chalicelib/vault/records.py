"""From token records to sealed items, and back: the vault's side of the record cipher.

Everything that reads a record comes through here, so "erased means not found" is decided in one place.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace

from chalicelib.crypto.context import KeyContext, RecordContext
from chalicelib.crypto.keys import TokenizingKey
from chalicelib.crypto.record_cipher import open_item, seal_item, seal_item_of_request, verify_item
from chalicelib.crypto.request_secret import MAX_RECORDS, Fill, OpenedSecrets, RequestSecret
from chalicelib.errors import RecordCorrupt, SecretNotArrived, TokenNotFound, TokenvaultError
from chalicelib.items import Item
from chalicelib.model import TokenFacts, TokenRecord
from chalicelib.sensitive import Sensitive
from chalicelib.sources import RandomBytes
from chalicelib.vault.keyring import RevealingKeyring, TokenizingKeyring
from chalicelib.vault.short_lived import joined_id, joined_secret
from chalicelib.vault.subjects import StoredSecret, SubjectStore
from chalicelib.vault.token_items import parse_facts, to_item, value
from chalicelib.vault.tokens import (
    SecretReference,
    StoredToken,
    Tombstone,
    UnreadableRecord,
    UnverifiedRecord,
    Vacant,
)

Secrets = Mapping[SecretReference, StoredSecret]
"""Secrets that records name, as `SubjectStore.secrets` gives them."""


def secrets_of(subjects: SubjectStore, tenant: str, stored: Iterable[StoredToken | None]) -> Secrets:
    """The secrets that the records among these name, as of now. Raises `StoreUnavailable`."""
    records = (each for each in stored if isinstance(each, UnverifiedRecord))
    named = {reference for record in records for reference in record.secrets}
    return subjects.secrets(tenant, list(named)) if named else {}


class RecordSealer:
    """Seals the records of one request with one version of a branch key. Closed when the request ends.

    Not thread-safe: a request seals its records in one thread, before they are written.
    """

    def __init__(
        self, key: TokenizingKey, fill: Fill, random_bytes: RandomBytes, *, per_request: bool
    ) -> None:
        """`per_request` says whether records are written under one secret of the request (form 2), or each
        under a data key of its own (form 1), which readers of an earlier release know."""
        self.key, self._fill, self._random_bytes = key, fill, random_bytes
        self._per_request = per_request
        self._secret: RequestSecret | None = None

    def __enter__(self) -> "RecordSealer":
        return self

    def __exit__(self, *_: object) -> None:
        """Overwrites the request's secret, whatever became of the request."""
        if self._secret is not None:
            self._secret.close()

    def seal(self, record: TokenRecord) -> Item:
        """The item that may be stored for a record."""
        secret_id = joined_id([named.secret_id for named in record.secrets])
        context = RecordContext(self.key.context, record.type, record.token, secret_id)
        secret = joined_secret([named.secret.reveal() for named in record.secrets])
        return self._seal(to_item(record), context, secret)

    def seal_again(self, opened: "OpenedRecord") -> Item:
        """The item that may stand in place of a record that was opened: all that it says is as it was."""
        context = replace(opened.context, key=self.key.context)
        return self._seal(opened.item, context, opened.secret)

    def _seal(self, item: Item, context: RecordContext, secret: bytes) -> Item:
        if not self._per_request:
            return seal_item(item, self.key, context, self._random_bytes, secret)
        return seal_item_of_request(item, self._request_secret(), context, self._random_bytes, secret)

    def _request_secret(self) -> RequestSecret:
        """The request's secret, made when the first record is sealed, and anew after very many."""
        if self._secret is not None and self._secret.records >= MAX_RECORDS:
            self._secret.close()
            self._secret = None
        if self._secret is None:
            self._secret = RequestSecret(self.key, self._fill, self._random_bytes)
        return self._secret


@dataclass(frozen=True)
class OpenedRecord:
    """A record as it was before it was sealed, its value in plaintext, and what it was sealed with."""

    item: Item = field(repr=False)
    context: RecordContext
    secret: bytes = field(repr=False)


OpenSealer = Callable[[TokenizingKey], RecordSealer]
"""Begins the sealing of a request."""


def require_active(stored: StoredToken) -> UnverifiedRecord:
    """The stored record. Raises `TokenNotFound` if there is none or it was erased, or `RecordCorrupt`."""
    match stored:
        case Vacant():
            raise TokenNotFound("unknown")
        case Tombstone():
            raise TokenNotFound(stored.reason)
        case UnreadableRecord():
            raise stored.error
    return stored


def verified_facts(
    stored: StoredToken, keys: TokenizingKeyring, now: float, erased_subjects: Container[str] = ()
) -> TokenFacts:
    """What an active record says of its token, without opening it.

    Raises `RecordCorrupt` if its signature does not hold, and `TokenNotFound` if there is none, it or its
    subject was erased, or its time is up.
    """
    record = require_active(stored)
    branch = keys.key(record.key.tenant, record.sealed.key_id)
    facts = parse_facts(record.key, verify_item(record.sealed, branch, _context(branch.context, record)))
    require_active_subject(record.secret.subject if record.secret else None, erased_subjects)
    return _unexpired(facts, now)


def require_active_subject(subject: str | None, erased_subjects: Container[str]) -> None:
    """Raises `TokenNotFound` if a value's subject was erased.

    Its records are closed already, even if the clean-up has not come to them, or a backup brought them back.
    """
    if subject is not None and subject in erased_subjects:
        raise TokenNotFound("erased")


def named_subject(stored: StoredToken) -> tuple[str, ...]:
    """The subject that a record names, unverified: to look up whether it was erased."""
    return (stored.secret.subject,) if isinstance(stored, UnverifiedRecord) and stored.secret else ()


def open_record(
    stored: StoredToken, secrets: Secrets, keys: RevealingKeyring, now: float, opened_secrets: OpenedSecrets
) -> tuple[TokenFacts, Sensitive[str]]:
    """An active record's facts and its value, with the secrets that it names, if any.

    Raises as `verified_facts` does, or `SecretNotArrived`. An eraser writes the subject's marker before it
    destroys a secret, and short-lived secrets outlive their records. So a missing secret of neither is one
    that another Region made or closed a moment ago, or that somebody took away.
    """
    record = require_active(stored)
    opened = open_whole(record, secrets, keys, now, opened_secrets)
    return _unexpired(parse_facts(record.key, opened.item), now), value(opened.item)


def open_whole(
    record: UnverifiedRecord,
    secrets: Secrets,
    keys: RevealingKeyring,
    now: float,
    opened_secrets: OpenedSecrets,
) -> OpenedRecord:
    """All of a record, also of one whose time is up, as long as its secrets are there.

    Raises as `open_record` does.
    """
    branch = keys.key(record.key.tenant, record.sealed.key_id)
    context = _context(branch.tokenizing.context, record)
    found = [_secret(reference, secrets) for reference in record.secrets]
    lacking = [secret for secret in found if not isinstance(secret, bytes)]
    if lacking:
        # Verified first: a reference that somebody changed is a corrupt record, whatever it names. And an
        # expired record waits for nothing.
        _unexpired(parse_facts(record.key, verify_item(record.sealed, branch.tokenizing, context)), now)
        raise min(lacking, key=_passes_by_itself)
    secret = joined_secret([secret for secret in found if isinstance(secret, bytes)])
    return OpenedRecord(open_item(record.sealed, branch, context, secret, opened_secrets), context, secret)


def _passes_by_itself(error: TokenvaultError) -> bool:
    """What is erased or corrupt is not to be waited for, whatever else is missing."""
    return isinstance(error, SecretNotArrived)


def _secret(
    reference: SecretReference, secrets: Secrets
) -> bytes | RecordCorrupt | TokenNotFound | SecretNotArrived:
    """A secret, or why a record that names it does not open."""
    if reference not in secrets:
        return SecretNotArrived("a secret that the value needs has not arrived here; ask for it again")
    secret = secrets[reference]
    if secret is None:
        return TokenNotFound("erased")
    return secret if isinstance(secret, RecordCorrupt) else secret.reveal()


def _context(key: KeyContext, record: UnverifiedRecord) -> RecordContext:
    secret_id = joined_id([reference.secret_id for reference in record.secrets])
    return RecordContext(key, record.type, record.key.token, secret_id)


def _unexpired(facts: TokenFacts, now: float) -> TokenFacts:
    """The facts, while they last: DynamoDB removes an expired item some days late."""
    if facts.expires_at is not None and facts.expires_at <= now:
        raise TokenNotFound("expired")
    return facts
