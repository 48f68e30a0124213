"""The vault table in memory: what the contract suite says a store is, and nothing more."""

import copy
import threading
from collections.abc import Iterator, Sequence

from chalicelib.crypto.record_cipher import SIGNATURE
from chalicelib.items import Item, place
from chalicelib.vault.token_items import (
    REMOVE_AT,
    SUBJECT,
    erased_items,
    expired_item,
    expired_tombstone,
    parse_stored,
    subject_partition,
)
from chalicelib.vault.tokens import KeyPage, Put, PutResult, StoredToken, TokenKey, Tombstone


class MemoryStore:
    """A `TokenStore` and a `RecordReplacer` whose single-item writes are atomic, as DynamoDB's are."""

    def __init__(self, items: dict[tuple[str, str], Item] | None = None) -> None:
        """`items` are those of the table, by partition and sort key; none if not given."""
        self._items = {} if items is None else items
        self._lock = threading.Lock()

    def add(self, items: Sequence[Item]) -> list[PutResult]:
        return [self._add(item) for item in items]

    def replace(self, changes: Sequence[tuple[Item, Item]]) -> list[PutResult]:
        return [self._replace(old, new) for old, new in changes]

    def put_opaque(self, items: Sequence[Item]) -> list[PutResult]:
        for item in items:
            self.overwrite(item)
        return [Put.WRITTEN] * len(items)

    def find(self, keys: Sequence[TokenKey]) -> list[StoredToken]:
        with self._lock:
            return [copy.deepcopy(parse_stored(self._items, key)) for key in keys]

    def erase(self, tokens: Sequence[StoredToken], now: int) -> None:
        for token in tokens:
            for item in erased_items(token, now):
                self.overwrite(item)

    def expired(self, now: int) -> Iterator[Tombstone]:
        with self._lock:
            due = [i for i in self._items.values() if REMOVE_AT in i and int(i[REMOVE_AT]["N"]) <= now]
        return iter([expired_tombstone(item) for item in due])

    def expire(self, tombstones: Sequence[Tombstone], now: int) -> None:
        for each in tombstones:
            self.overwrite(expired_item(each, now))

    def of_subject(self, tenant: str, subject: str) -> Iterator[TokenKey]:
        wanted = {"S": subject_partition(tenant, subject)}
        with self._lock:
            found = [item for item in self._items.values() if item.get(SUBJECT) == wanted]
        return iter([TokenKey.at(item["pk"]["S"]) for item in found])

    def page_of_subject(self, tenant: str, subject: str, after: str | None, limit: int) -> KeyPage:
        found = sorted(self.of_subject(tenant, subject), key=lambda found: found.token)
        left = [found for found in found if after is None or found.token > after]
        more = len(left) > limit
        return KeyPage(tuple(left[:limit]), left[limit - 1].token if more else None)

    def overwrite(self, item: Item) -> None:
        """Writes an item whatever stands there."""
        with self._lock:
            self._items[place(item)] = copy.deepcopy(item)

    def raw(self, primary_key: Item) -> Item | None:
        """The item under a primary key, as it lies there."""
        with self._lock:
            return copy.deepcopy(self._items.get(place(primary_key)))

    def _replace(self, old: Item, new: Item) -> PutResult:
        with self._lock:
            existing = self._items.get(place(old), {})
            if existing.get(SIGNATURE) == old[SIGNATURE]:
                self._items[place(new)] = existing = copy.deepcopy(new)
        return Put.WRITTEN if existing.get(SIGNATURE) == new[SIGNATURE] else Put.TAKEN

    def _add(self, item: Item) -> PutResult:
        with self._lock:
            existing = self._items.setdefault(place(item), copy.deepcopy(item))
        return Put.WRITTEN if existing.get(SIGNATURE) == item[SIGNATURE] else Put.TAKEN
