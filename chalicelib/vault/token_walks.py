"""A walk over all tokens of a tenant, for a type that has another PRF key by now.

Each step puts down a page of tokens, of whatever type: only the revealing function sees which are of the
type, and derives new ones. A walk has one run: the file that its pages go into, number after number. Each
Region has walks of its own, and each type.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from chalicelib.vault.walks import SEGMENTS

PAGE_TOKENS: Final = 100
"""Most tokens of a page: as many as a batch holds, so that its audit event fits into an item too."""


@dataclass(frozen=True)
class TokenWalk:
    """A walk as it is stored.

    `run` is the id of the run that it is for, `begun` a Unix time. `walk_id` is random, so that a walk that
    was begun again, for the same run, is another one. `seen` counts items of all tenants that were looked
    at, `seen_before` those of the segments that are done. `page` has the tokens that were put
    down last, and `revision` is the number of that page, 0 before the first.
    """

    tenant: str
    type: str
    run: str
    begun: int
    walk_id: str
    segment: int = 0
    position: Mapping[str, Any] | None = None
    seen: int = 0
    seen_before: int = 0
    page: tuple[str, ...] = ()
    revision: int = 0

    @property
    def is_done(self) -> bool:
        """Whether every segment was walked to its end: the page is the last one."""
        return self.segment >= SEGMENTS

    @property
    def estimate(self) -> int | None:
        """About how many items the table has; None until a segment is done."""
        return None if self.segment == 0 else round(self.seen_before / self.segment * SEGMENTS)


class TokenWalkStore(Protocol):
    """Walks of this Region. Both methods raise `StoreUnavailable`."""

    def find(self, tenant: str, type_name: str) -> TokenWalk | None:
        """The latest walk for a type. Raises `RecordCorrupt` if it does not parse."""
        ...

    def save(self, walk: TokenWalk, before: TokenWalk | None) -> bool:
        """Puts a walk in the place of the one before; False, and nothing is changed, if another one took that
        place meanwhile."""
        ...
