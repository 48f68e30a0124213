"""What the vault asks of a store of sealed items. A memory fake and DynamoDB hold to the same suite."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from chalicelib.vault.items import ERASED, RECORD, TokenKey, is_stub

Item = dict[str, Any]


class Put(Enum):
    """What became of one item to write."""

    WRITTEN = "written"
    TAKEN = "taken"
    """Another item stands there; nothing was changed."""
    FAILED = "failed"
    """The store did not answer for it: it may or may not be there, and the same call may be made again."""


@dataclass(frozen=True)
class Found:
    """What lies under a token. `record` is the stored item, still sealed, or the stub in its place."""

    record: Item | None = field(default=None, repr=False)
    erased: bool = False

    @classmethod
    def among(cls, items: Mapping[tuple[str, str], Item], key: TokenKey) -> "Found":
        """What lies under a token, among items by partition and sort key. Marker and stub say the same."""
        record = items.get((key.partition, RECORD))
        erased = (key.partition, ERASED) in items or (record is not None and is_stub(record))
        return cls(record, erased)


class TokenStore(Protocol):
    """Sealed items by token."""

    def add(self, items: Sequence[Item]) -> list[Put]:
        """Writes each item unless its place is taken, and says so for each, in order.

        Never raises for the store's failures: an item that failed is `FAILED`, the others stand.
        Writing the very same item again is `WRITTEN`, so a write whose answer was lost can be repeated.
        """
        ...

    def put_opaque(self, items: Sequence[Item]) -> list[Put]:
        """Writes items whose tokens cannot meet others, without a condition: cheaper. Never `TAKEN`."""
        ...

    def find(self, keys: Sequence[TokenKey]) -> list[Found]:
        """What lies under each token, in order, as of now. Raises `StoreUnavailable`."""
        ...

    def erase(self, tokens: Sequence[tuple[TokenKey, Found]], now: int) -> None:
        """Leaves a stub and a marker for each token, in place of what was found there; each alone will do.

        Raises `StoreUnavailable` where one was not written; the same call may be made again.
        """
        ...

    def of_subject(self, tenant: str, subject: str) -> Iterator[TokenKey]:
        """The tokens of a person that are not erased, as an index shows them, seconds late.

        Raises `StoreUnavailable`.
        """
        ...
