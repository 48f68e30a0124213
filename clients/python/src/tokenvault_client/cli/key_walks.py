"""A walk over a tenant's records, driven step by step: paced, told of, and gone on with after a fault."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from tokenvault_client.errors import Unavailable

MOST_FAULTS: Final = 8
"""In a row; with the pauses between them, two minutes."""

_SECRETS_PAUSES: Final = (1.0, 2.0, 4.0)
"""Seconds between tries of a page with records whose secret another Region made: it takes seconds to come."""

_LONGEST_PAUSE: Final = 30.0
_STEP_ITEMS: Final = 1000
_TELL_SECONDS: Final = 10.0


class Asked(Protocol):
    """The functions that walk and seal again. Both raise `Refused` and `Unavailable`."""

    def maintain(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The maintenance function's answer to an event."""
        ...

    def reveal(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The revealing function's."""
        ...


@dataclass
class Walks:
    """Walks at a pace of so many items a second. `say` is told every ten seconds how far one has come."""

    functions: Asked
    tenant: str
    items_per_second: int
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    moved: Counter[str] = field(default_factory=Counter)
    """What became of records that were to be sealed again."""

    def run(self, *, moves: bool) -> dict[str, Any]:
        """A walk to its end, or the rest of one that another run left; its last state.

        Raises `Refused` if another run goes on with it, `Unavailable` if it does not begin or after many
        faults in a row.
        """
        faults, walk, progress = 0, self._begun(moves=moves), _Progress(self.say, self.clock)
        while not walk["done"]:
            try:
                # Asked for after a fault: whether the step was taken is not known.
                walk = self._begun(moves=moves, begun=walk["begun"]) if faults else self._further(walk)
                faults = 0
            except Unavailable:
                faults += 1
                if faults >= MOST_FAULTS:
                    raise
                self.sleep(min(_LONGEST_PAUSE, 2.0**faults))
            progress.tell(walk, self.moved)
        return walk

    def _begun(self, *, moves: bool, begun: int | None = None) -> dict[str, Any]:
        """A new walk, the unfinished one, or the one that began then, finished or not."""
        which = {} if begun is None else {"begun": begun}
        return self._sealed(
            self.functions.maintain({"walk": {"tenant": self.tenant, "moves": moves} | which})
        )

    def _further(self, walk: Mapping[str, Any]) -> dict[str, Any]:
        limit, began = min(_STEP_ITEMS, self.items_per_second), self.clock()
        step = {"tenant": self.tenant, "revision": walk["revision"], "limit": limit}
        after = self._sealed(self.functions.maintain({"walk": step}))
        seconds = (after["seen"] - walk["seen"]) / self.items_per_second
        self.sleep(max(0.0, began + seconds - self.clock()))
        return after

    def _sealed(self, walk: dict[str, Any]) -> dict[str, Any]:
        """The walk, its page sealed again: the next step says that it is."""
        if walk["waiting"]:
            self.moved.update(self._page())
        return walk

    def _page(self) -> Counter[str]:
        """What became of the page. Records that wait for a secret are tried again while that may be on its
        way: a page that was acknowledged does not come again before the next walk."""
        done = Counter(self.functions.reveal({"rewrap": self.tenant}))
        for pause in _SECRETS_PAUSES:
            if not done["waiting"]:
                break
            self.sleep(pause)
            done = _together(done, Counter(self.functions.reveal({"rewrap": self.tenant})))
        return done


def _together(before: Counter[str], after: Counter[str]) -> Counter[str]:
    """Of one page sealed twice: what was moved the first time is passed over the second time."""
    moved = before["moved"] + after["moved"]
    left = {name: after[name] for name in ("closed", "waiting", "corrupt")}
    return Counter(moved=moved, passed=before.total() - moved - sum(left.values()), **left)


class _Progress:
    def __init__(self, say: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._say, self._clock = say, clock
        self._began = self._told = clock()
        self._first: int | None = None

    def tell(self, walk: Mapping[str, Any], moved: Mapping[str, int]) -> None:
        if self._first is None:
            self._first = walk["seen"]
        if self._clock() - self._told < _TELL_SECONDS:
            return
        self._told = self._clock()
        self._say(self._line(walk, walk["seen"] - self._first, moved.get("moved", 0)))

    def _line(self, walk: Mapping[str, Any], seen: int, moved: int) -> str:
        speed = seen / max(self._told - self._began, 1e-9)
        line = f"{walk['seen']:,} items looked at, {moved:,} records sealed again, {speed:,.0f} items/s"
        if walk["estimate"] is None or not speed:
            return line
        left = max(0, walk["estimate"] - walk["seen"]) / speed
        return f"{line}; about {walk['estimate']:,} items in all, about {left:,.0f} s left"
