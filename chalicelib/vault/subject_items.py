"""The subjects table: subjects and pending erasures as DynamoDB items. Pure."""

from collections.abc import Iterable
from typing import Final

from chalicelib.crypto.keys import KEY_BYTES
from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item, primary_key
from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.vault.short_lived import SHORT_LIVED, begins, passing
from chalicelib.vault.subjects import Erasure, PendingErasure, StoredSubject
from chalicelib.vault.token_items import AGAIN, ERASED, later_than, number_of, subject_partition

SECRET: Final = "secret#"  # noqa: S105  # the beginning of a sort key
DIGEST: Final = "tokens_sha256"
PENDING: Final = "erasing"
"""Partition of the subjects whose records are still to be cleaned up. No tenant's: those hold a `#`."""


def parse_subject(items: Iterable[Item]) -> StoredSubject:
    """A subject from its items, in any order. The marker wins over secrets that are still there."""
    by_sort = {str(item["sk"]["S"]): item for item in items}
    if ERASED in by_sort:
        return StoredSubject(erased=parse_erased(by_sort[ERASED]))
    secrets = {sort: item for sort, item in by_sort.items() if sort.startswith(SECRET)}
    return StoredSubject({sort.removeprefix(SECRET): parse_secret(item) for sort, item in secrets.items()})


def secret_item(tenant: str, secret: SubjectSecret) -> Item:
    """The item that holds a secret. DynamoDB removes a short-lived one by itself, if nobody else does: within
    days. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
    """
    item = {
        **primary_key(subject_partition(tenant, secret.subject), SECRET + secret.secret_id),
        "secret": {"B": secret.secret.reveal()},
    }
    passes = passing(secret.secret_id) if secret.subject == SHORT_LIVED else None
    return item if passes is None else {**item, "ttl": {"N": str(passes)}}


def passed_range(now: int) -> tuple[str, str]:
    """Between which sort keys the short-lived secrets lie whose time has passed by this Unix time."""
    return SECRET, SECRET + begins(now + 1)


def passed_at(sort: str) -> int | None:
    """When the secret under a sort key passed; None if no writer of ours made it."""
    return passing(sort.removeprefix(SECRET))


def parse_secret(item: Item) -> bytes | RecordCorrupt:
    """The secret that an item holds, or the error if it holds none of the length that a secret has."""
    secret = item.get("secret", {}).get("B")
    if isinstance(secret, bytes) and len(secret) == KEY_BYTES:
        return secret
    return RecordCorrupt("a subject's secret does not parse")


def parse_referenced(item: Item) -> Sensitive[bytes] | RecordCorrupt:
    """The secret that a record names, as `parse_secret` reads it."""
    secret = parse_secret(item)
    return Sensitive(secret) if isinstance(secret, bytes) else secret


def erased_item(tenant: str, subject: str, erasure: Erasure) -> Item:
    """The marker that a subject was erased."""
    item = {
        **primary_key(subject_partition(tenant, subject), ERASED),
        "at": {"N": str(erasure.at)},
        "secrets": {"N": str(erasure.secrets)},
        "tokens": {"N": str(erasure.tokens)},
    }
    return item if erasure.tokens_sha256 is None else {**item, DIGEST: {"S": erasure.tokens_sha256}}


def parse_erased(item: Item) -> Erasure | RecordCorrupt:
    """What a marker says, or the error if it does not parse."""
    try:
        digest = str(item[DIGEST]["S"]) if DIGEST in item else None
        return Erasure(int(item["at"]["N"]), int(item["secrets"]["N"]), int(item["tokens"]["N"]), digest)
    except (KeyError, TypeError, ValueError):
        return RecordCorrupt("the marker of an erased subject does not parse")


def sent_again(item: Item, now: int) -> Item:
    """A marker or a note, changed so that it goes to the other Regions once more. All that it said stays."""
    return {**item, AGAIN: {"N": str(later_than(number_of(item, AGAIN), now))}}


def pending_item(tenant: str, subject: str, since: int) -> Item:
    """The note that a subject's records are to be cleaned up."""
    return {**primary_key(PENDING, subject_partition(tenant, subject)), "at": {"N": str(since)}}


def parse_pending(items: Iterable[Item]) -> list[PendingErasure]:
    """The pending erasures that notes name. A note that does not parse must not hold up the others."""
    return [pending for pending in map(_pending, items) if pending is not None]


def _pending(item: Item) -> PendingErasure | None:
    try:
        tenant, _, subject = str(item["sk"]["S"]).partition("#")
        return PendingErasure(tenant, subject, int(item["at"]["N"]))
    except (KeyError, TypeError, ValueError):
        return None
