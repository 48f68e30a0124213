"""The subjects table."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item, place, primary_key
from chalicelib.model import SubjectSecret
from chalicelib.vault.batches import Batches
from chalicelib.vault.dynamodb import (
    DynamoDbClient,
    ItemExists,
    condition_holds,
    put_new,
    query_all,
    translate_errors,
)
from chalicelib.vault.short_lived import SHORT_LIVED
from chalicelib.vault.subject_items import (
    PENDING,
    SECRET,
    erased_item,
    parse_erased,
    parse_pending,
    parse_referenced,
    parse_subject,
    passed_at,
    passed_range,
    pending_item,
    secret_item,
    sent_again,
)
from chalicelib.vault.subjects import Erasure, PendingErasure, StoredSecret, StoredSubject
from chalicelib.vault.token_items import ERASED, subject_partition
from chalicelib.vault.tokens import SecretReference


class SubjectTable:
    """The subjects table, as a `SubjectStore`."""

    def __init__(self, client: DynamoDbClient, table: str, batches: Batches) -> None:
        self._client, self._table, self._batches = client, table, batches

    def find(self, tenant: str, subjects: Sequence[str]) -> list[StoredSubject]:
        """A query for each subject, side by side; see `SubjectStore.find`."""
        return self._batches.side_by_side(partial(self._find, tenant), subjects)

    def secrets(
        self, tenant: str, references: Sequence[SecretReference]
    ) -> dict[SecretReference, StoredSecret]:
        """Batches of reads by key; see `SubjectStore.secrets`."""
        places = {
            reference: (subject_partition(tenant, reference.subject), SECRET + reference.secret_id)
            for reference in references
        }
        keys = {(pk, sort) for pk, secret in places.values() for sort in (secret, ERASED)}
        items = self._batches.get(self._table, [primary_key(*key) for key in sorted(keys)])
        found = {place(item): item for item in items}
        return {
            reference: None if (pk, ERASED) in found else parse_referenced(found[pk, secret])
            for reference, (pk, secret) in places.items()
            if (pk, secret) in found or (pk, ERASED) in found
        }

    def erased(self, tenant: str, subjects: Sequence[str]) -> set[str]:
        """Batches of reads of markers; see `SubjectStore.erased`."""
        partitions = {subject_partition(tenant, subject): subject for subject in subjects}
        keys = [primary_key(partition, ERASED) for partition in partitions]
        return {partitions[item["pk"]["S"]] for item in self._batches.get(self._table, keys)}

    def add_secrets(self, tenant: str, secrets: Sequence[SubjectSecret]) -> None:
        """A write for each; their ids are random, so what stands there already is itself."""
        items = [secret_item(tenant, secret) for secret in secrets]
        self._batches.side_by_side(self._get_or_create, items)

    def mark_erased(self, tenant: str, subject: str, erasure: Erasure) -> Erasure | RecordCorrupt:
        """The note first: a crash after it is taken up by the job; see `SubjectStore.mark_erased`.

        A note that an earlier try left is renewed: the time that it gives must not be older than the
        marker, or the job would take the subject off its list while a writer may still be at work.
        """
        note = pending_item(tenant, subject, erasure.at)
        translate_errors(self._client.put_item, TableName=self._table, Item=note)
        marker = erased_item(tenant, subject, erasure)
        try:
            put_new(self._client, self._table, marker)
        except ItemExists as other:
            marker = other.existing
            self._put_again(marker, erasure.at)
            self._put_again(note, erasure.at)
        return parse_erased(marker)

    def hand_on(self, pending: PendingErasure, now: int) -> None:
        """The note on the condition that it is still the one that was read; see `SubjectStore.hand_on`."""
        note = pending_item(pending.tenant, pending.subject, pending.since)
        changed = sent_again(note, now)
        condition_holds(self._client.put_item, TableName=self._table, Item=changed, **_still(note))
        for item in self._query(subject_partition(pending.tenant, pending.subject)):
            if item["sk"]["S"] == ERASED:
                self._put_again(item, now)

    def destroy_secrets(self, tenant: str, subject: str) -> int:
        """See `SubjectStore.destroy_secrets`."""
        items = self._query(subject_partition(tenant, subject))
        found = [item for item in items if item["sk"]["S"].startswith(SECRET)]
        self._batches.side_by_side(self._delete, found)
        return len(found)

    def destroy_passed(self, tenant: str, now: int) -> list[int]:
        """A query by sort key, which is time; see `SubjectStore.destroy_passed`."""
        first, last = passed_range(now)
        request = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ProjectionExpression": "pk, sk",  # what is destroyed is not read
            "ExpressionAttributeValues": {
                ":pk": {"S": subject_partition(tenant, SHORT_LIVED)},
                ":first": {"S": first},
                ":last": {"S": last},
            },
        }
        found = list(query_all(self._client, request))
        self._batches.side_by_side(self._delete, found)
        times = (passed_at(item["sk"]["S"]) for item in found)
        return [time for time in times if time is not None]

    def pending_erasures(self) -> list[PendingErasure]:
        """See `SubjectStore.pending_erasures`."""
        return parse_pending(self._query(PENDING))

    def finish(self, pending: PendingErasure) -> None:
        """See `SubjectStore.finish`."""
        note = pending_item(pending.tenant, pending.subject, pending.since)
        condition_holds(
            self._client.delete_item,
            TableName=self._table,
            Key=primary_key(*place(note)),
            **_still(note),
        )

    def _find(self, tenant: str, subject: str) -> StoredSubject:
        return parse_subject(self._query(subject_partition(tenant, subject)))

    def _query(self, partition: str) -> Iterator[Item]:
        request = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": partition}},
        }
        return query_all(self._client, request)

    def _get_or_create(self, item: Item) -> Item:
        """Writes an item unless one stands there, and returns the one that stands."""
        try:
            put_new(self._client, self._table, item)
        except ItemExists as other:
            return other.existing
        return item

    def _put_again(self, item: Item, now: int) -> None:
        """Without a condition: a marker is never taken away, and what it says never changes."""
        translate_errors(self._client.put_item, TableName=self._table, Item=sent_again(item, now))

    def _delete(self, item: Item) -> None:
        translate_errors(self._client.delete_item, TableName=self._table, Key=primary_key(*place(item)))


def _still(note: Item) -> dict[str, Any]:
    """That the note is there, and nobody renewed it."""
    return {
        "ConditionExpression": "#at = :at",
        "ExpressionAttributeNames": {"#at": "at"},
        "ExpressionAttributeValues": {":at": note["at"]},
    }
