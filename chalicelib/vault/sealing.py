"""From token records to sealed items, and back: the vault's side of the record cipher."""

from chalicelib.crypto.attribute_key import RandomBytes
from chalicelib.crypto.context import KeyContext, RecordContext
from chalicelib.crypto.keyring import RevealingKeyring, TokenizingKeyring
from chalicelib.crypto.keys import TokenizingKey
from chalicelib.crypto.record_cipher import branch_key_id, open_item, seal_item, verify_item
from chalicelib.errors import TokenNotFound
from chalicelib.model import TokenFacts, TokenRecord
from chalicelib.sensitive import Sensitive
from chalicelib.vault.items import TokenKey, facts, secret_reference, stored_type, to_item, value
from chalicelib.vault.store import Found, Item


def seal(record: TokenRecord, key: TokenizingKey, random_bytes: RandomBytes) -> Item:
    """The item that may be stored for a record."""
    person = record.belongs_to
    secret_id, secret = (person.secret_id, person.secret.reveal()) if person else ("", b"")
    context = RecordContext(key.context, record.type, record.token, secret_id)
    return seal_item(to_item(record), key, context, random_bytes, secret)


def living(found: Found) -> Item:
    """The stored record, unless there is none or a marker says that it was erased.

    The marker wins: replication or a running job may have brought the record back after it.
    Raises `TokenNotFound`.
    """
    if found.erased:
        raise TokenNotFound("erased")
    if found.record is None:
        raise TokenNotFound("unknown")
    return found.record


def verified_facts(key: TokenKey, stored: Item, keys: TokenizingKeyring, now: float) -> TokenFacts:
    """What a stored record says of its token, without opening it.

    Raises `RecordCorrupt` where its signature does not hold, `TokenNotFound` where its time is up.
    """
    branch = keys.key(key.tenant, branch_key_id(stored))
    verified = verify_item(stored, branch, _context(branch.context, key, stored))
    return unexpired(facts(key, verified), now)


def opened(
    key: TokenKey, stored: Item, secret: Sensitive[bytes] | None, keys: RevealingKeyring, now: float
) -> tuple[TokenFacts, Sensitive[str]]:
    """A stored record's facts and its value, with the secret of the person that it names, if any.

    Raises as `verified_facts` does, and `TokenNotFound` where it names a secret that is no longer there.
    """
    branch = keys.key(key.tenant, branch_key_id(stored))
    context = _context(branch.tokenizing.context, key, stored)
    if context.secret_id and secret is None:
        # Verified first: a reference that somebody changed is a corrupt record, not an erased person.
        verify_item(stored, branch.tokenizing, context)
        raise TokenNotFound("erased")
    item = open_item(stored, branch, context, secret.reveal() if secret else b"")
    return unexpired(facts(key, item), now), value(item)


def _context(key: KeyContext, token: TokenKey, stored: Item) -> RecordContext:
    named = secret_reference(stored)
    return RecordContext(key, stored_type(stored), token.token, named[1] if named else "")


def unexpired(told: TokenFacts, now: float) -> TokenFacts:
    """The facts, while they last: DynamoDB removes an expired item some days late."""
    if told.expires_at is not None and told.expires_at <= now:
        raise TokenNotFound("expired")
    return told
