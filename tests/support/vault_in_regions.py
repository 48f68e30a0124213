"""One vault in two Regions, whose tables in memory replicate late, in any order."""

import random
from collections.abc import Callable, Sequence
from fractions import Fraction

from chalicelib.auth.policy import Policy
from tests.support import policies
from tests.support.memory_keys import MemoryKeys, provisioner
from tests.support.memory_store import MemoryStore
from tests.support.memory_subjects import MemoryRequests, MemorySubjects
from tests.support.region_stores import Deployed, Events, Stores, Tables
from tests.support.regions import TENANT, TYPES, Region, Types
from tests.support.replication import Network, Replica

NAMES = ("a", "b")
OpenSubjects = Callable[[Replica], MemorySubjects]


class Vault:
    """One vault in Regions, whose keys are ready, in three versions, and the network between them.

    Their containers hold the oldest, and go on to write with it.
    """

    def __init__(
        self,
        dice: random.Random,
        *,
        subjects: OpenSubjects = MemorySubjects,
        erasing: Policy | None = None,
        types: Types = TYPES,
        names: Sequence[str] = NAMES,
    ) -> None:
        self.network, self.now, self._dice = Network(dice), 1_800_000_000.0, dice
        self._names, self._open_subjects = names, subjects
        ahead = dict.fromkeys(names, 0) | {names[1]: dice.choice([-3, 0, 3])}
        tables = [self.network.table(ahead) for _ in range(3)]
        self._tables = [Tables(*(table[name] for table in tables)) for name in names]
        self.deploy(types, erasing)
        stores = [region.keys for region in self.regions]
        for rotate in (None, None, TENANT, None, TENANT, None):
            for name, store in zip(names, stores, strict=True):
                job = provisioner(
                    store, name, lambda: self.now, dice.randbytes, regions=names, prf_keys=(1, 2)
                )
                job.provision([TENANT], rotate if name == names[0] else None)
                self.network.settle()
            if stores[0].tenant_keys(TENANT).newest_ready:
                for region in self.regions:
                    region.hold_writing_key()
        oldest_first = sorted(stores[0].tenant_keys(TENANT).versions, key=lambda version: version.age)
        self.versions = [version.key_id for version in oldest_first]

    def deploy(self, types: Types, erasing: Policy | None = None) -> None:
        """New containers in each Region, under a policy with these types."""
        policy = policies.loaded(types, Fraction(1, len(self._names)))
        deployed = Deployed(policy, erasing or policy, len(self._names))
        self.regions = [
            self._region(number, tables, deployed, self._open_subjects)
            for number, tables in enumerate(self._tables)
        ]

    def _region(self, number: int, tables: Tables, deployed: Deployed, open_subjects: OpenSubjects) -> Region:
        stores = Stores(
            MemoryStore(tables.vault),
            open_subjects(tables.subjects),
            MemoryKeys(tables.keys),
            MemoryRequests(),
            Events(),
        )
        return Region(number, tables, stores, deployed, lambda: self.now, self._dice)
