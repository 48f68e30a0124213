"""The tables of persons and of idempotent requests in memory: what the contract suites say they are."""

import copy
import threading
from collections.abc import Sequence

from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.vault.items import ERASED, subject_partition
from chalicelib.vault.requests import LIFETIME_SECONDS, StoredRequest
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


class MemorySubjects:
    """A `SubjectStore` whose single-item writes are atomic, as DynamoDB's are."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], Item] = {}
        self._lock = threading.Lock()

    def people(self, tenant: str, subjects: Sequence[str]) -> list[Person]:
        return [Person.of(self._under(subject_partition(tenant, subject))) for subject in subjects]

    def secrets(
        self, tenant: str, references: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], Sensitive[bytes]]:
        found = {}
        for subject, secret_id in references:
            items = {item["sk"]["S"]: item for item in self._under(subject_partition(tenant, subject))}
            if SECRET + secret_id in items and ERASED not in items:
                found[subject, secret_id] = Sensitive(parse_secret(items[SECRET + secret_id]))
        return found

    def add_secret(self, tenant: str, secret: SubjectSecret) -> None:
        self._put_new(secret_item(tenant, secret))

    def mark_erased(self, tenant: str, subject: str, erasure: Erasure) -> Erasure:
        self.overwrite(work_item(tenant, subject, erasure.at))
        return parse_erased(self._put_new(erased_item(tenant, subject, erasure)))

    def destroy_secrets(self, tenant: str, subject: str) -> int:
        found = self._under(subject_partition(tenant, subject))
        secrets = [item for item in found if item["sk"]["S"].startswith(SECRET)]
        for item in secrets:
            self._delete(item)
        return len(secrets)

    def work(self) -> list[Work]:
        return parse_works(self._under(WORK))

    def finish(self, work: Work) -> None:
        self._delete(work_item(work.tenant, work.subject, work.since))

    def overwrite(self, item: Item) -> None:
        """Writes an item whatever stands there."""
        with self._lock:
            self._items[_place(item)] = copy.deepcopy(item)

    def _put_new(self, item: Item) -> Item:
        with self._lock:
            return copy.deepcopy(self._items.setdefault(_place(item), copy.deepcopy(item)))

    def _under(self, partition: str) -> list[Item]:
        with self._lock:
            return [copy.deepcopy(item) for (pk, _), item in self._items.items() if pk == partition]

    def _delete(self, item: Item) -> None:
        with self._lock:
            self._items.pop(_place(item), None)


class MemoryRequests:
    """A `RequestStore`."""

    def __init__(self) -> None:
        self._requests: dict[str, StoredRequest] = {}
        self._lock = threading.Lock()

    def first(self, request: StoredRequest) -> StoredRequest:
        with self._lock:
            standing = self._requests.get(request.key_hash)
            if standing is None or standing.created <= request.created - LIFETIME_SECONDS:
                self._requests[request.key_hash] = standing = request
            return standing


def _place(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
