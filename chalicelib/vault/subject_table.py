"""The subjects table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.vault.batches import Batches
from chalicelib.vault.dynamodb import DynamoDbClient, ItemExists, asking, put_new, query_all
from chalicelib.vault.items import ERASED, subject_partition
from chalicelib.vault.subjects import (
    SECRET,
    WORK,
    Erasure,
    Item,
    Person,
    Work,
    erased_item,
    parse_erased,
    parse_secret,
    parse_works,
    secret_item,
    work_item,
)


class SubjectTable:
    """The subjects table, as a `SubjectStore`."""

    def __init__(self, client: DynamoDbClient, table: str, batches: Batches) -> None:
        self._client, self._table, self._batches = client, table, batches

    def people(self, tenant: str, subjects: Sequence[str]) -> list[Person]:
        """A query a person, side by side; see `SubjectStore.people`."""
        return self._batches.side_by_side(lambda one: self._person(tenant, one), subjects)

    def secrets(
        self, tenant: str, references: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], Sensitive[bytes]]:
        """Batches of reads by key; see `SubjectStore.secrets`."""
        keys = {
            (subject_partition(tenant, subject), sort)
            for subject, secret_id in references
            for sort in (SECRET + secret_id, ERASED)
        }
        items = self._batches.get(self._table, [_key(*place) for place in sorted(keys)])
        by_place = {(item["pk"]["S"], item["sk"]["S"]): item for item in items}
        return {
            (subject, secret_id): Sensitive(parse_secret(by_place[place, SECRET + secret_id]))
            for subject, secret_id in references
            for place in (subject_partition(tenant, subject),)
            if (place, SECRET + secret_id) in by_place and (place, ERASED) not in by_place
        }

    def add_secret(self, tenant: str, secret: SubjectSecret) -> None:
        """Writes a secret; its id is random, so what stands there already is itself."""
        self._put(secret_item(tenant, secret))

    def mark_erased(self, tenant: str, subject: str, erasure: Erasure) -> Erasure:
        """The note first: a crash behind it is taken up by the job; see `SubjectStore.mark_erased`.

        A note that an earlier try left is renewed: what it says of the time must not be older than the
        marker, or the job would take the person off its list while somebody may still be writing.
        """
        note = work_item(tenant, subject, erasure.at)
        asking(lambda: self._client.put_item(TableName=self._table, Item=note))
        return parse_erased(self._put(erased_item(tenant, subject, erasure)))

    def destroy_secrets(self, tenant: str, subject: str) -> int:
        """See `SubjectStore.destroy_secrets`."""
        items = self._query(subject_partition(tenant, subject))
        found = [item for item in items if item["sk"]["S"].startswith(SECRET)]
        self._batches.side_by_side(self._delete, found)
        return len(found)

    def work(self) -> list[Work]:
        """See `SubjectStore.work`."""
        return parse_works(self._query(WORK))

    def finish(self, work: Work) -> None:
        """See `SubjectStore.finish`."""
        self._delete(work_item(work.tenant, work.subject, work.since))

    def _person(self, tenant: str, subject: str) -> Person:
        return Person.of(self._query(subject_partition(tenant, subject)))

    def _query(self, partition: str) -> Iterator[Item]:
        request = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": partition}},
        }
        return query_all(self._client, request)

    def _put(self, item: Item) -> Item:
        """Writes an item unless one stands there, and returns the one that stands."""
        try:
            put_new(self._client, self._table, item)
        except ItemExists as taken:
            return taken.standing
        return item

    def _delete(self, item: Mapping[str, Any]) -> None:
        key = _key(item["pk"]["S"], item["sk"]["S"])
        asking(lambda: self._client.delete_item(TableName=self._table, Key=key))


def _key(partition: str, sort: str) -> Item:
    return {"pk": {"S": partition}, "sk": {"S": sort}}
