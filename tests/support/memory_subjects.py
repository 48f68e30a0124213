"""The tables of subjects and of idempotent requests in memory: what the contract suites say they are."""

import copy
import threading
from collections.abc import Sequence

from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item, place
from chalicelib.model import SubjectSecret
from chalicelib.vault.requests import KEPT_SECONDS, StoredRequest
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


class MemorySubjects:
    """A `SubjectStore` whose single-item writes are atomic, as DynamoDB's are."""

    def __init__(self, items: dict[tuple[str, str], Item] | None = None) -> None:
        """`items` are those of the table, by partition and sort key; none if not given."""
        self._items = {} if items is None else items
        self._lock = threading.Lock()

    def find(self, tenant: str, subjects: Sequence[str]) -> list[StoredSubject]:
        return [parse_subject(self._under(subject_partition(tenant, subject))) for subject in subjects]

    def secrets(
        self, tenant: str, references: Sequence[SecretReference]
    ) -> dict[SecretReference, StoredSecret]:
        found: dict[SecretReference, StoredSecret] = {}
        for reference in references:
            partition, sort = subject_partition(tenant, reference.subject), SECRET + reference.secret_id
            items = {item["sk"]["S"]: item for item in self._under(partition)}
            if ERASED in items:
                found[reference] = None
            elif sort in items:
                found[reference] = parse_referenced(items[sort])
        return found

    def erased(self, tenant: str, subjects: Sequence[str]) -> set[str]:
        found = zip(subjects, self.find(tenant, subjects), strict=True)
        return {subject for subject, stored in found if stored.erased}

    def add_secrets(self, tenant: str, secrets: Sequence[SubjectSecret]) -> None:
        for secret in secrets:
            self._put_new(secret_item(tenant, secret))

    def mark_erased(self, tenant: str, subject: str, erasure: Erasure) -> Erasure | RecordCorrupt:
        note, marker = pending_item(tenant, subject, erasure.at), erased_item(tenant, subject, erasure)
        self.overwrite(note)
        existing = self._put_new(marker)
        for item in () if existing is None else (existing, note):
            self.overwrite(sent_again(item, erasure.at))
        return parse_erased(existing or marker)

    def hand_on(self, pending: PendingErasure, now: int) -> None:
        note = pending_item(pending.tenant, pending.subject, pending.since)
        self._change_note(note, sent_again(note, now))
        for item in self._under(subject_partition(pending.tenant, pending.subject)):
            if item["sk"]["S"] == ERASED:
                self.overwrite(sent_again(item, now))

    def destroy_secrets(self, tenant: str, subject: str) -> int:
        found = self._under(subject_partition(tenant, subject))
        secrets = [item for item in found if item["sk"]["S"].startswith(SECRET)]
        for item in secrets:
            self._delete(item)
        return len(secrets)

    def destroy_passed(self, tenant: str, now: int) -> list[int]:
        first, last = passed_range(now)
        under = self._under(subject_partition(tenant, SHORT_LIVED))
        found = [item for item in under if first <= item["sk"]["S"] <= last]
        for item in found:
            self._delete(item)
        return [time for item in found if (time := passed_at(item["sk"]["S"])) is not None]

    def pending_erasures(self) -> list[PendingErasure]:
        return parse_pending(self._under(PENDING))

    def finish(self, pending: PendingErasure) -> None:
        self._change_note(pending_item(pending.tenant, pending.subject, pending.since), None)

    def overwrite(self, item: Item) -> None:
        """Writes an item whatever stands there."""
        with self._lock:
            self._items[place(item)] = copy.deepcopy(item)

    def raw(self, item: Item) -> Item | None:
        """What stands at the place of an item."""
        with self._lock:
            return copy.deepcopy(self._items.get(place(item)))

    def _put_new(self, item: Item) -> Item | None:
        """Writes an item unless one stands there, which is returned then."""
        with self._lock:
            existing = self._items.get(place(item))
            if existing is None:
                self._items[place(item)] = copy.deepcopy(item)
        return copy.deepcopy(existing)

    def _change_note(self, note: Item, changed: Item | None) -> None:
        """Writes a note anew, or takes it away, if it is still of the same time."""
        with self._lock:
            if self._items.get(place(note), {}).get("at") != note["at"]:
                return
            if changed is None:
                del self._items[place(note)]
            else:
                self._items[place(note)] = changed

    def _under(self, partition: str) -> list[Item]:
        with self._lock:
            return [copy.deepcopy(item) for (pk, _), item in self._items.items() if pk == partition]

    def _delete(self, item: Item) -> None:
        with self._lock:
            self._items.pop(place(item), None)


class MemoryRequests:
    """A `RequestStore`."""

    def __init__(self) -> None:
        self._requests: dict[str, StoredRequest] = {}
        self._lock = threading.Lock()

    def remove_expired(self, now: float) -> None:
        """As DynamoDB does by `ttl`."""
        with self._lock:
            left = {key: each for key, each in self._requests.items() if each.created + KEPT_SECONDS > now}
            self._requests = left

    def get_or_create(self, request: StoredRequest) -> StoredRequest:
        with self._lock:
            existing = self._requests.get(request.key_hash)
            if existing is None or existing.created <= request.created - KEPT_SECONDS:
                self._requests[request.key_hash] = existing = request
            return existing
