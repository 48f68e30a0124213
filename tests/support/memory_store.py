"""The vault table in memory: what the contract suite says a store is, and nothing more."""

import copy
import threading
from collections.abc import Sequence
from typing import Any

from chalicelib.crypto.record_cipher import SIGNATURE
from chalicelib.vault.items import ERASED, RECORD, TokenKey
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
            return [
                Found(
                    copy.deepcopy(self._items.get((key.partition, RECORD))),
                    erased=(key.partition, ERASED) in self._items,
                )
                for key in keys
            ]

    def overwrite(self, item: Item) -> None:
        """Writes an item whatever stands there."""
        with self._lock:
            self._items[self._key(item)] = copy.deepcopy(item)

    def _add(self, item: Item) -> Put:
        with self._lock:
            standing = self._items.setdefault(self._key(item), copy.deepcopy(item))
        return Put.WRITTEN if standing[SIGNATURE] == item[SIGNATURE] else Put.TAKEN

    @staticmethod
    def _key(item: dict[str, Any]) -> tuple[str, str]:
        return item["pk"]["S"], item["sk"]["S"]
