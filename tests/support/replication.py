"""A table in several Regions, as DynamoDB's global tables are: item by item, late, and the last writer wins.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html (MREC): items
arrive in any order, and of two changes of one item that cross, the one with the later time stays. What
arrives is not handed on, and a write that changes nothing is no change: a table's stream, which replication
reads, has no record of it (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html).
"""

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.items import Item

Place = tuple[str, str]
Stamp = tuple[int, str]
"""When an item was changed, and where: the Region decides between equal times."""


@dataclass(frozen=True)
class Change:
    """An item as it was written in a Region; None if it was deleted."""

    place: Place
    item: Item | None
    stamp: Stamp


class Replica(dict[Place, Item]):
    """One Region's copy of a table. What is written to it is sent to the others."""

    def __init__(self, region: str, stamp: Callable[[], Stamp], send: Callable[[Change], None]) -> None:
        super().__init__()
        self.region = region
        self._stamp, self._send = stamp, send
        self._stamps: dict[Place, Stamp] = {}

    def __setitem__(self, place: Place, item: Item) -> None:
        if self.get(place) == item:
            return
        super().__setitem__(place, item)
        self._changed(place, item)

    def setdefault(self, place: Place, item: Item) -> Item:
        if place not in self:
            self[place] = item
        return self[place]

    def __delitem__(self, place: Place) -> None:
        super().__delitem__(place)
        self._changed(place, None)

    def pop(self, place: Place, default: Any = None) -> Any:
        item = self.get(place, default)
        if place in self:
            del self[place]
        return item

    def arrive(self, change: Change) -> None:
        """A change of another Region: it counts if it is later than what was last done to the item here."""
        if change.stamp <= self._stamps.get(change.place, (-1, "")):
            return
        self._stamps[change.place] = change.stamp
        if change.item is None:
            super().pop(change.place, None)
        else:
            super().__setitem__(change.place, copy.deepcopy(change.item))

    def _changed(self, place: Place, item: Item | None) -> None:
        # A write that was let through here is later than what it saw here.
        time, region = self._stamp()
        time = max(time, self._stamps.get(place, (-1, ""))[0] + 1)
        self._stamps[place] = (time, region)
        self._send(Change(place, copy.deepcopy(item), (time, region)))


class Network:
    """What is on its way between Regions. Nothing arrives before it is let through, and then in any order."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self._waiting: list[tuple[Replica, Change]] = []
        self.cuts: set[frozenset[str]] = set()
        """Pairs of Regions that nothing arrives between."""
        self._now = 0

    def table(self, regions: dict[str, int]) -> dict[str, Replica]:
        """A table in Regions, each with how far its clock is ahead."""
        replicas: dict[str, Replica] = {}

        def made(region: str, ahead: int) -> Replica:
            def send(change: Change) -> None:
                others = [replica for name, replica in replicas.items() if name != region]
                self._waiting.extend((replica, change) for replica in others)

            return Replica(region, lambda: (self._tick() + ahead, region), send)

        replicas.update({region: made(region, ahead) for region, ahead in regions.items()})
        return replicas

    def deliver(self, most: int) -> None:
        """Up to so many changes arrive, in any order; some are lost or come twice, and are sent again."""
        for _ in range(min(most, len(self._waiting))):
            number = self.dice.randrange(len(self._waiting))
            replica, change = self._waiting[number]
            if self._is_cut(replica, change):
                continue
            fate = self.dice.choice(["arrives"] * 8 + ["is lost", "arrives and is sent again"])
            if fate != "is lost":
                replica.arrive(change)
            if fate == "arrives":
                self._waiting.pop(number)

    def on_its_way(self, place: Place) -> bool:
        """Whether a change of an item is still to arrive anywhere."""
        return any(change.place == place for _, change in self._waiting)

    def lose(self, region: str) -> None:
        """A Region is gone: what it wrote and has not arrived yet never will, and nothing arrives there."""
        self._waiting = [
            (to, change) for to, change in self._waiting if region not in (change.stamp[1], to.region)
        ]

    def settle(self, only: Sequence[Replica] | None = None) -> None:
        """Everything arrives, or all that is on its way to some tables, but for what is cut off."""
        self.dice.shuffle(self._waiting)
        waiting, self._waiting = self._waiting, []
        for replica, change in waiting:
            wanted = only is None or any(replica is each for each in only)
            if wanted and not self._is_cut(replica, change):
                replica.arrive(change)
            else:
                self._waiting.append((replica, change))

    def _is_cut(self, replica: Replica, change: Change) -> bool:
        return frozenset((replica.region, change.stamp[1])) in self.cuts

    def _tick(self) -> int:
        self._now += 1
        return self._now
