"""Scans of DynamoDB whose pages take as long as what they return, and not as long as the whole table."""

from bisect import bisect_right
from typing import Any, Final

from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from local.emulator.patching import Extra, wrap

_WHY: Final = (
    "moto sorts the whole table for each page of a scan, by keys that Python compares one by one, and goes "
    "through all items before the page: an export of 80,000 records takes hours"
)

_behind: Final = Extra[dict[str, Any] | None]("scanned_behind", lambda: None)


class _Sorted:
    """The items of the table that was scanned last, in the order of their keys; empty once one was written.

    Of one table: replicas share their items, and whichever is written to drops them here.
    """

    def __init__(self) -> None:
        self._of: Any = None
        self._items: list[Item] = []

    def items(self, table: Table) -> list[Item]:
        if self._of is not table.items:
            found = (item for part in table.items.values() for item in part.values())
            self._of, self._items = table.items, sorted(found, key=_key)
        return self._items

    def drop(self, table: Table) -> None:
        if self._of is table.items:
            self._of, self._items = None, []


_sorted: Final = _Sorted()


@wrap(Table, "scan", why=_WHY, seen_on="5.2.5")
def _scan(original: Any, self: Table, *given: Any, **named: Any) -> Any:
    """`given` is as moto's backend gives it: filters, limit, start key, filter expression, index and more."""
    _, _, start, _, index, *_ = given
    _behind.put(self, None if index else start)
    try:
        return original(self, *given, **named)
    finally:
        _behind.put(self, None)


@wrap(Table, "all_items", why=_WHY, seen_on="5.2.5")
def _all_items(original: Any, self: Table) -> Any:
    """In the order of keys as texts, from the place on behind which a scan goes on."""
    if (self.hash_key_type, self.range_key_type) != ("S", "S"):
        return original(self)
    items, start = _sorted.items(self), _behind.of(self)
    if start is None:
        return list(items)
    place = start[self.hash_key_attr]["S"], start[str(self.range_key_attr)]["S"]
    return items[bisect_right(items, place, key=_key) :]


@wrap(Table, "put_item", why=_WHY, seen_on="5.2.5")
def _put_item(original: Any, self: Table, *given: Any, **named: Any) -> Any:
    _sorted.drop(self)
    return original(self, *given, **named)


@wrap(Table, "delete_item", why=_WHY, seen_on="5.2.5")
def _delete_item(original: Any, self: Table, *given: Any, **named: Any) -> Any:
    _sorted.drop(self)
    return original(self, *given, **named)


def _key(item: Item) -> tuple[str, str]:
    assert item.range_key is not None  # the table has one
    return item.hash_key.value, item.range_key.value
