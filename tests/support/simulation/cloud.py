"""A vault in Regions: containers that die, tables that replicate, jobs, rotations, Regions that are lost."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations
from typing import Any, TypeVar

from chalicelib.audit.events import AuditEvent, Checkpoint
from chalicelib.auth.policy import Policy
from chalicelib.errors import (
    InvalidRequest,
    KeyUnavailable,
    SecretNotArrived,
    StoreUnavailable,
    TokenvaultError,
)
from chalicelib.service.cleaner import Cleaner
from chalicelib.service.expirer import Expirer
from chalicelib.service.walker import WRITERS_SECONDS, Walker
from chalicelib.vault.requests import CLOCKS_SECONDS
from chalicelib.vault.walks import SEGMENTS, Walk
from tests.support import policies
from tests.support.memory_approvals import MemoryApprovals
from tests.support.memory_budgets import MemoryBudgets
from tests.support.memory_keys import MemoryKeys, provisioner
from tests.support.memory_subjects import MemoryRequests
from tests.support.memory_walks import MemoryWalks
from tests.support.region_stores import Deployed, Stores, Tables
from tests.support.regions import TENANT, Region
from tests.support.replication import Network
from tests.support.simulation.fates import Died, Fate
from tests.support.simulation.stores import (
    FatedApprovals,
    FatedBudgets,
    FatedKeys,
    FatedRequests,
    FatedScanner,
    FatedStore,
    FatedSubjects,
    FatedTrail,
    FatedWalks,
)

T = TypeVar("T")

KEY_CACHE_SECONDS = 600
PAGE_ITEMS = 40
"""Items that a step of a walk looks at."""


@dataclass
class Place:
    """One Region: its tables, what is on record there, and its containers."""

    number: int
    name: str
    tables: Tables
    requests: MemoryRequests = field(default_factory=MemoryRequests)
    approvals: MemoryApprovals = field(default_factory=MemoryApprovals)
    spent: MemoryBudgets = field(default_factory=MemoryBudgets)
    recorded: list[AuditEvent | Checkpoint] = field(default_factory=list)
    idle: list[Region] = field(default_factory=list)
    """Containers that no request is in."""


class Cloud:
    """The Regions, and time. Which containers answer, and what becomes of their calls, is of the dice."""

    def __init__(
        self, dice: random.Random, names: Sequence[str], policy: Policy, meanwhile: Callable[[], None]
    ) -> None:
        """`meanwhile` is what happens while a call waits."""
        self.dice, self.now = dice, 1_800_000_000.0
        self.network, self.fate = Network(dice), Fate(dice, meanwhile)
        self.deployed = Deployed(policy, policy, len(names), KEY_CACHE_SECONDS)
        ahead = {name: dice.choice([-3, 0, 0, 3]) for name in names}
        tables = [self.network.table(ahead) for _ in range(3)]
        self.places = [
            Place(number, name, Tables(*(table[name] for table in tables)))
            for number, name in enumerate(names)
        ]
        self.prf_keys: Sequence[int] = (1,)
        """Those that maintenance makes: what the policy names, or an operator ahead of it."""
        self.lost: list[Place] = []
        self.whole_since = self.now
        """When the last Region that was cut off came back."""
        for _ in range(2):
            for place in self.places:
                self._provisioner(place, MemoryKeys(place.tables.keys)).provision([TENANT])
                self.network.settle()

    def deploy(self, policy: Policy) -> None:
        """From now on new containers have this policy; those that are there serve on with their own."""
        self.deployed = replace(self.deployed, policy=policy, erasing=policy)

    def place(self) -> Place:
        """One of the Regions that are there."""
        return self.dice.choice(self.places)

    def place_of(self, number: int) -> Place | None:
        """The Region of a number, unless it was lost."""
        return next((place for place in self.places if place.number == number), None)

    def send(self, place: Place, work: Callable[[Region], T]) -> T | SecretNotArrived | None:
        """Has one of a Region's containers do this; None if nothing is known of what was done."""
        container = place.idle.pop(self.dice.randrange(len(place.idle))) if place.idle else self._new(place)
        try:
            answer: T | SecretNotArrived | None = work(container)
        except Died:
            return None
        except SecretNotArrived as error:
            answer = error
        except (StoreUnavailable, KeyUnavailable):
            answer = None
        if len(place.idle) < 2:
            place.idle.append(container)
        return answer

    def maintain(self, place: Place, rotate: str | None = None) -> None:
        """A run of the maintenance of a Region, or what a death leaves of it."""
        clock = self._clock()
        store, subjects = (
            FatedStore(place.tables.vault, self.fate),
            FatedSubjects(place.tables.subjects, self.fate),
        )
        with suppress(Died):
            self._provisioner(place, FatedKeys(place.tables.keys, self.fate)).provision([TENANT], rotate)
            with suppress(TokenvaultError):
                Expirer(store=store, clock=clock).expire(1e9)
            with suppress(TokenvaultError):
                Cleaner(store=store, subjects=subjects, clock=clock).clean(1e9)

    def rewrap(self, place: Place) -> None:
        """An operator has the page of a walk sealed again, and takes a step of the walk: one over the whole
        table, or over a single segment."""
        part = self.dice.choice([None, self.dice.randrange(SEGMENTS)])
        walks = FatedWalks(place.tables.keys, place.name, self.fate)
        walker = self._walker(place, FatedKeys(place.tables.keys, self.fate), walks)
        with suppress(Died, StoreUnavailable, KeyUnavailable, InvalidRequest):
            walk = walker.begin(TENANT, moves=True, part=part)
            if not walk.page or self._sealed(place, part):
                walker.step(TENANT, walk.revision, PAGE_ITEMS, part)

    def retire(self, place: Place) -> None:
        """An operator ends a rotation: moves what is left, counts, and retires what no record names. They
        look at the metrics first, so nothing is on its way, and wait after a Region was cut off; and nobody
        else walks meanwhile. Once a Region was lost they go through all others before."""
        if self.network.cuts or self.now < self.whole_since + KEY_CACHE_SECONDS + WRITERS_SECONDS:
            return
        self.network.settle()
        with suppress(InvalidRequest, KeyUnavailable):
            parts = self.dice.choice([[None], [*range(SEGMENTS)]])
            places = self.places if self.lost else [place]
            if not all(self._walked(each, part, moves=True) for each in places for part in parts):
                return
            self.network.settle()
            walks = [self._walked(place, part, moves=False) for part in parts]
            if all(walks):
                self._retire_unnamed(place, min(walk.begun for walk in walks if walk))
            self.network.settle()

    def _walked(self, place: Place, part: int | None, *, moves: bool) -> Walk | None:
        """A walk of a Region to its end; None if a page could not be sealed again."""
        walker = self._unfated_walker(place)
        walk = walker.begin(TENANT, moves=moves, part=part)
        while not walk.page or self._sealed(place, part):
            if walk.is_done:
                return walk
            walk = walker.step(TENANT, walk.revision, 10_000, part)
        return None

    def _retire_unnamed(self, place: Place, begun: int) -> None:
        walker = self._unfated_walker(place)
        for version in walker.versions(TENANT):
            from_then = version.retires_from
            if from_then and begun >= from_then and version.retired is None and not version.records:
                walker.retire(TENANT, version.key_id, compromised=False)

    def _unfated_walker(self, place: Place) -> Walker:
        keys, walks = MemoryKeys(place.tables.keys), MemoryWalks(place.tables.keys, place.name)
        return self._walker(place, keys, walks)

    def remove_expired(self) -> None:
        """As DynamoDB does by `ttl`, in one Region."""
        place = self.place()
        place.requests.remove_expired(self.now)
        for key, item in list(place.tables.vault.items()):
            if "ttl" in item and int(item["ttl"]["N"]) <= self.now:
                del place.tables.vault[key]

    def cut(self) -> None:
        """Nothing arrives between two Regions; or everything may again."""
        pairs = [frozenset(pair) for pair in combinations([place.name for place in self.places], 2)]
        cuts = self.network.cuts
        if cuts:
            cuts.clear()
            self.whole_since = self.now
        else:
            cuts.add(self.dice.choice(pairs))

    def lose(self, place: Place) -> None:
        """A Region is gone, with all that it wrote and that has not arrived; the others are told so."""
        self.places.remove(place)
        self.lost.append(place)
        self.network.lose(place.name)

    def come_to_rest(self) -> None:
        """Everything arrives, and the maintenance of all Regions has done its work."""
        self.fate.rate = 0.0
        self.fate.deliver_late()
        self.network.cuts.clear()
        for _ in range(4):
            self.network.settle()
            self.now += 1000
            for place in self.places:
                self.maintain(place)
        self.network.settle()
        for place in self.places:
            place.idle.clear()

    def _sealed(self, place: Place, part: int | None) -> bool:
        """Whether a container sealed the page of the walk again."""
        walks = FatedWalks(place.tables.keys, place.name, self.fate)
        sealed = self.send(place, lambda region: region.rewrapper(walks).rewrap(TENANT, "request", part))
        return sealed is not None

    def _walker(self, place: Place, keys: MemoryKeys, walks: MemoryWalks) -> Walker:
        return Walker(
            keys=keys,
            walks=walks,
            records=FatedScanner(place.tables.vault, self.fate),
            key_cache_seconds=KEY_CACHE_SECONDS,
            clock=self._clock(),
        )

    def _provisioner(self, place: Place, keys: MemoryKeys) -> Any:
        regions = [each.name for each in self.places]
        return provisioner(
            keys, place.name, self._clock(), self.dice.randbytes, regions=regions, prf_keys=self.prf_keys
        )

    def _new(self, place: Place) -> Region:
        """A new container, with a clock of its own."""
        tables, fate = place.tables, self.fate
        stores = Stores(
            FatedStore(tables.vault, fate),
            FatedSubjects(tables.subjects, fate),
            FatedKeys(tables.keys, fate),
            FatedRequests(place.requests, fate),
            FatedTrail(place.recorded, fate),
            FatedApprovals(place.approvals, fate),
            FatedBudgets(place.spent, fate),
        )
        return Region(place.number, tables, stores, self.deployed, self._clock(), self.dice)

    def _clock(self) -> Callable[[], float]:
        """A clock that is apart from any other by no more than clocks may be."""
        ahead = self.dice.uniform(-CLOCKS_SECONDS / 2, CLOCKS_SECONDS / 2 - 1)
        return lambda: self.now + ahead


def loaded(types: dict[str, dict[str, Any]], regions: int) -> Policy:
    """The policy of these types, for so many Regions."""
    return policies.loaded(types, Fraction(1, regions))
