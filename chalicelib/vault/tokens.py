"""What the vault asks of a store of sealed records, and what a store says lies under a token.

A memory fake and DynamoDB hold to the same suite.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, Protocol

from chalicelib.crypto.record_cipher import SealedItem
from chalicelib.errors import RecordCorrupt, StoreUnavailable
from chalicelib.items import Item, primary_key


@dataclass(frozen=True)
class TokenKey:
    """Where a token lies: a tenant never reaches another tenant's partition.

    A caller may send a value in the place of a token, so that text is not shown.
    """

    tenant: str
    token: str = field(repr=False)

    @classmethod
    def at(cls, partition: str) -> "TokenKey":
        """The token of a partition."""
        tenant, _, token = partition.partition("#")
        return cls(tenant, token)

    @property
    def partition(self) -> str:
        """Tenant names hold no `#`, so the first one ends the tenant."""
        return f"{self.tenant}#{self.token}"

    def item_key(self, sort: str) -> dict[str, Any]:
        """The primary key of one of the token's items."""
        return primary_key(self.partition, sort)


@dataclass(frozen=True)
class SecretReference:
    """The secret of a subject, or a short-lived one, that a record was sealed with."""

    subject: str
    secret_id: str


@dataclass(frozen=True)
class Vacant:
    """Nothing lies under the token, and nothing ever did."""

    key: TokenKey
    origin = None


@dataclass(frozen=True)
class Tombstone:
    """A record stood there, and was erased or expired; its place stays taken for good.

    `since` is the Unix time from which on, where it is known, and `again` that of the latest erasure, if it
    was erased more than once. `origin` marks the request that made the record, if it is known.
    """

    key: TokenKey
    origin: bytes | None = None
    reason: Literal["erased", "expired"] = "erased"
    since: int | None = None
    again: int | None = None

    def was_erased(self, since: int, until: float) -> bool:
        """Whether it was erased, or erased again, between these Unix times, both included."""
        times = (self.since, self.again)
        return self.reason == "erased" and any(since <= time <= until for time in times if time is not None)


@dataclass(frozen=True)
class UnverifiedRecord:
    """A stored record, parsed and not verified: anybody who can write to the table may have written it.

    Verifying it gives `TokenFacts`, opening it gives the value; until then its fields serve to look up
    keys and to tell records apart, and prove nothing.
    """

    key: TokenKey
    type: str
    sealed: SealedItem
    secret: SecretReference | None = None
    fingerprint: bytes | None = field(default=None, repr=False)
    origin: bytes | None = None
    short_lived: SecretReference | None = None

    @property
    def secrets(self) -> tuple[SecretReference, ...]:
        """All that the record was sealed with, the subject's first."""
        return tuple(named for named in (self.secret, self.short_lived) if named is not None)


@dataclass(frozen=True)
class UnreadableRecord:
    """A stored record that does not parse: somebody changed it. `error` says what is wrong.

    Fingerprint and origin are kept as far as they can be read, so that the value or the request that it
    belonged to meets the error, instead of getting a second token.
    """

    key: TokenKey
    error: RecordCorrupt
    fingerprint: bytes | None = field(default=None, repr=False)
    origin: bytes | None = None


StoredToken = Vacant | Tombstone | UnverifiedRecord | UnreadableRecord
"""What lies under a token."""


def was_erased_unseen(stored: StoredToken, since: int) -> bool:
    """Whether a token was erased, from this Unix time on, by an eraser who saw no mark of a request."""
    return isinstance(stored, Tombstone) and stored.origin is None and stored.was_erased(since, math.inf)


@dataclass(frozen=True)
class KeyPage:
    """Some tokens of a subject. `last` is the token behind which the next page begins, None if none does."""

    keys: tuple[TokenKey, ...]
    last: str | None = None


class Put(Enum):
    """What became of one item that the store answered for."""

    WRITTEN = "written"
    TAKEN = "taken"
    """Another item stands there; nothing was changed."""


PutResult = Put | StoreUnavailable
"""What became of one item to write, or why that is not known: it may or may not be there, and the same call
may be made again."""


class RecordReplacer(Protocol):
    """Sealed records that are sealed again under another version of their key."""

    def find(self, keys: Sequence[TokenKey]) -> list[StoredToken]:
        """As `TokenStore.find`."""
        ...

    def replace(self, changes: Sequence[tuple[Item, Item]]) -> list[PutResult]:
        """Writes the second item of each pair where the first still stands, and says so for each, in order.

        `TAKEN` where something else stands: an eraser or another such write came before. Never raises for
        the store's failures, as `TokenStore.add`.
        """
        ...


class TokenStore(Protocol):
    """Sealed records by token."""

    def add(self, items: Sequence[Item]) -> list[PutResult]:
        """Writes each item unless its place is taken, and says so for each, in order.

        Never raises for the store's failures: an item that failed has its error, the others stand.
        Writing the very same item again is `WRITTEN`, so a write whose answer was lost can be repeated.
        """
        ...

    def put_opaque(self, items: Sequence[Item]) -> list[PutResult]:
        """Writes items whose tokens cannot collide, without a condition: cheaper. Never `TAKEN`."""
        ...

    def find(self, keys: Sequence[TokenKey]) -> list[StoredToken]:
        """What lies under each token, in order, as of now. Raises `StoreUnavailable`."""
        ...

    def erase(self, tokens: Sequence[StoredToken], now: int) -> None:
        """Leaves a tombstone and a marker under each token, in place of what was found; either one suffices.

        Raises `StoreUnavailable` if one was not written; the same call may be made again.
        """
        ...

    def expired(self, now: int) -> Iterator[Tombstone]:
        """What is to stand in place of the records that are to be removed by this Unix time, as an index
        shows them, seconds late.

        Only of records that DynamoDB must not remove by itself. Raises `StoreUnavailable`.
        """
        ...

    def expire(self, tombstones: Sequence[Tombstone], now: int) -> None:
        """Leaves these tombstones in the places of the expired records.

        Raises `StoreUnavailable` if one was not written; the same call may be made again.
        """
        ...

    def of_subject(self, tenant: str, subject: str) -> Iterator[TokenKey]:
        """The tokens of a subject that are not erased, as an index shows them, seconds late.

        Raises `StoreUnavailable`.
        """
        ...

    def page_of_subject(self, tenant: str, subject: str, after: str | None, limit: int) -> KeyPage:
        """At most `limit` of what `of_subject` gives, in an order that stays: the first, or those behind the
        token `after`, which need not be there any more. Raises `StoreUnavailable`."""
        ...
