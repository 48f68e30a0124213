"""What is asked of a store of audit events."""

from collections.abc import Iterator
from typing import Protocol

from chalicelib.audit.events import Tail
from chalicelib.items import Item


class AuditStore(Protocol):
    """Where linked events lie."""

    def add(self, item: Item) -> None:
        """Writes an item once; writing the very same again changes nothing.

        Raises `StoreUnavailable`, when it may or may not be there, or `RecordCorrupt` if something else
        stands in its place.
        """
        ...


class AuditReader(Protocol):
    """Stored events. Both methods raise `StoreUnavailable`."""

    def tails(self, partition: str, since: str, until: str) -> Iterator[Tail]:
        """The place in its chain of each event of a partition from `since` to `until` (excluded)."""
        ...

    def covered_until(self, partition: str, since: str, until: str) -> str | None:
        """Until when the last checkpoint of a partition from these times reaches; None if there is none.

        An item that is no checkpoint covers nothing.
        """
        ...
