"""The vault table in memory: what the contract suite says a store is, and nothing more."""

import copy
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.crypto.record_cipher import SIGNATURE
from chalicelib.vault.items import SUBJECT, TokenKey, erased_items, subject_partition
from chalicelib.vault.store import Found, Item, Put


class MemoryStore:
    """A `TokenStore` whose single-item writes are atomic, as DynamoDB's are."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], Item] = {}
        self._lock = threading.Lock()

    def add(self, items: Sequence[Item]) -> list[Put]:
        return [self._add(item) for item in items]

    def put_opaque(self, items: Sequence[Item]) -> list[Put]:
        for item in items:
            self.overwrite(item)
        return [Put.WRITTEN] * len(items)

    def find(self, keys: Sequence[TokenKey]) -> list[Found]:
        with self._lock:
            return [copy.deepcopy(Found.among(self._items, key)) for key in keys]

    def erase(self, tokens: Sequence[tuple[TokenKey, Found]], now: int) -> None:
        for key, found in tokens:
            for item in erased_items(key, found.record, now):
                self.overwrite(item)

    def of_subject(self, tenant: str, subject: str) -> Iterator[TokenKey]:
        wanted = {"S": subject_partition(tenant, subject)}
        with self._lock:
            found = [item for item in self._items.values() if item.get(SUBJECT) == wanted]
        return iter([TokenKey.at(item["pk"]["S"]) for item in found])

    def overwrite(self, item: Item) -> None:
        """Writes an item whatever stands there."""
        with self._lock:
            self._items[self._key(item)] = copy.deepcopy(item)

    def _add(self, item: Item) -> Put:
        with self._lock:
            standing = self._items.setdefault(self._key(item), copy.deepcopy(item))
        return Put.WRITTEN if standing.get(SIGNATURE) == item[SIGNATURE] else Put.TAKEN

    @staticmethod
    def _key(item: dict[str, Any]) -> tuple[str, str]:
        return item["pk"]["S"], item["sk"]["S"]
