"""From token records to sealed items, and back: the vault's side of the record cipher."""

from chalicelib.crypto.attribute_key import RandomBytes
from chalicelib.crypto.context import RecordContext
from chalicelib.crypto.keyring import RevealingKeyring, TokenizingKeyring
from chalicelib.crypto.keys import TokenizingKey
from chalicelib.crypto.record_cipher import branch_key_id, open_item, seal_item, verify_item
from chalicelib.errors import TokenNotFound
from chalicelib.model import TokenFacts, TokenRecord
from chalicelib.sensitive import Sensitive
from chalicelib.vault.items import TokenKey, facts, stored_type, to_item, value
from chalicelib.vault.store import Found, Item


def seal(record: TokenRecord, key: TokenizingKey, random_bytes: RandomBytes) -> Item:
    """The item that may be stored for a record."""
    return seal_item(
        to_item(record), key, RecordContext(key.context, record.type, record.token), random_bytes
    )


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
    context = RecordContext(branch.context, stored_type(stored), key.token)
    return unexpired(facts(key, verify_item(stored, branch, context)), now)


def opened(
    key: TokenKey, stored: Item, keys: RevealingKeyring, now: float
) -> tuple[TokenFacts, Sensitive[str]]:
    """A stored record's facts and its value. Raises as `verified_facts` does."""
    branch = keys.key(key.tenant, branch_key_id(stored))
    context = RecordContext(branch.tokenizing.context, stored_type(stored), key.token)
    item = open_item(stored, branch, context)
    return unexpired(facts(key, item), now), value(item)


def unexpired(told: TokenFacts, now: float) -> TokenFacts:
    """The facts, while they last: DynamoDB removes an expired item some days late."""
    if told.expires_at is not None and told.expires_at <= now:
        raise TokenNotFound("expired")
    return told
