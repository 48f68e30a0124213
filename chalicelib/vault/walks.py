"""A walk over all records of a tenant: how far it has come, and what it saw.

A walk counts how many records name each version of the tenant's branch key. One that moves records also puts
down, page by page, the tokens of those that name another version than the newest, for the revealing function
to seal again. Each Region has its own walk: both may move the same record, and either result opens.

A large table is gone through by a walk for each of its segments, side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

SEGMENTS: Final = 16
"""Parts of the table that a walk goes through one after the other. DynamoDB spreads items over them evenly,
so that the parts done tell how large the rest is.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html#Scan.ParallelScan"""

PAGE_RECORDS: Final = 150
"""Most tokens of a page. A partition key has 2,048 bytes at most and an item 400 KB:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""


@dataclass(frozen=True)
class Walk:
    """A walk as it is stored.

    `begun` is a Unix time, `newest` the version that was written with then. `seen` counts items of all
    tenants that were looked at, `seen_before` those of the segments that are done; `counts` has this
    tenant's records by version. `page` holds the tokens that wait to be sealed again. `revision` grows with
    each step. `put_down` is the Unix time when `newest` was seen to be the newest for the last time, and the
    page was put down or left for whoever goes on. `part` is the one segment that the walk goes through,
    None for all.
    """

    tenant: str
    begun: int
    moves: bool
    newest: str
    segment: int = 0
    position: Mapping[str, Any] | None = None
    seen: int = 0
    seen_before: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    page: tuple[str, ...] = ()
    revision: int = 0
    part: int | None = None
    put_down: int = 0

    @property
    def is_done(self) -> bool:
        """Whether every segment that the walk is for was walked to its end."""
        return self.segment >= (SEGMENTS if self.part is None else self.part + 1)

    @property
    def estimate(self) -> int | None:
        """About how many items the table has; None until a segment is done."""
        done = self.segment - (self.part or 0)
        return None if done == 0 else round(self.seen_before / done * SEGMENTS)


@dataclass(frozen=True)
class Progress:
    """How far walks over single segments have come together.

    `done` of `SEGMENTS` were walked to their ends, `seen` items were looked at, and the table has about
    `estimate`, None until a segment is done.
    """

    done: int
    seen: int
    estimate: int | None

    @classmethod
    def of(cls, walks: Sequence[Walk]) -> "Progress":
        """Of the latest walk of each segment that had one."""
        finished = [walk.seen for walk in walks if walk.is_done]
        estimate = round(sum(finished) / len(finished) * SEGMENTS) if finished else None
        return cls(len(finished), sum(walk.seen for walk in walks), estimate)


@dataclass(frozen=True)
class ScannedPage:
    """Some items of a segment: the tenant's records as (token, version), how many items were looked at, and
    where to go on; None at the end of the segment."""

    records: tuple[tuple[str, str], ...]
    seen: int
    position: Mapping[str, Any] | None


class WalkStore(Protocol):
    """Walks of this Region. All methods raise `StoreUnavailable`."""

    def find(self, tenant: str, part: int | None = None) -> Walk | None:
        """The tenant's latest walk over the whole table, or over one segment of it.

        Raises `RecordCorrupt` if it does not parse.
        """
        ...

    def parts(self, tenant: str) -> list[Walk]:
        """The latest walk over each segment that ever had one of its own. Raises as `find` does."""
        ...

    def save(self, walk: Walk, before: Walk | None) -> bool:
        """Puts a walk in the place of the one before, of the same part; False, and nothing is changed, if
        another one took that place meanwhile."""
        ...


class RecordScanner(Protocol):
    """The records of a tenant, without what is sealed in them."""

    def scan(self, tenant: str, segment: int, position: Mapping[str, Any] | None, limit: int) -> ScannedPage:
        """Looks at up to so many more items of a segment, as of now. Raises `StoreUnavailable`."""
        ...
