"""A tenant's keys at rest, still wrapped, and what is asked of a store of them.

Each version of the branch key is one item, written once under a random id, so both of its wrapped halves
are there or neither is; once retired, it says so, and nothing else of it changes. The PRF key is one item
under a fixed name: there is only ever one, the maintenance function of one Region makes it, and its
condition lets the first stand. A second write-once item marks a key *ready*: seen in every Region, so that
no Region is handed a record, or derives a token, with a key that has not arrived yet.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

PRF: Final = "prf"
"""Key id of a tenant's PRF key."""


@dataclass(frozen=True)
class WrappedBranchKey:
    """One version of a branch key, both parts wrapped under their KEKs.

    `created` is in Unix milliseconds; `retired` is the Unix time since when it opens nothing, if it is.
    """

    tenant: str
    key_id: str
    created: int
    wrapped_private: bytes = field(repr=False)
    wrapped_bundle: bytes = field(repr=False)
    retired: int | None = field(default=None, compare=False)

    @property
    def age(self) -> tuple[int, str]:
        """What orders the versions of a tenant's key: the greater, the newer."""
        return self.created, self.key_id


@dataclass(frozen=True)
class WrappedPrfKey:
    """A tenant's PRF key, wrapped under the index KEK. `created` is in Unix milliseconds."""

    tenant: str
    created: int
    wrapped: bytes = field(repr=False)
    key_id = PRF


@dataclass(frozen=True)
class TenantKeys:
    """All versions of a tenant's branch key, its PRF key, and the ids of those that are ready.

    `ready_since` has the Unix times of the marks; marks of an earlier release have none.
    """

    versions: tuple[WrappedBranchKey, ...]
    ready: frozenset[str]
    prf: WrappedPrfKey | None = None
    ready_since: Mapping[str, int] = field(default_factory=dict)

    @property
    def newest_ready(self) -> WrappedBranchKey | None:
        """The version to write with: the greatest (time, id) among those that are ready."""
        usable = (each for each in self.versions if each.key_id in self.ready and each.retired is None)
        return max(usable, key=lambda version: version.age, default=None)

    def superseded_since(self, key_id: str) -> float:
        """The Unix time since which a newer version than this one is ready; endless if none is."""
        known = [version for version in self.versions if version.key_id == key_id]
        newer = [each for each in self.versions if known and each.age > known[0].age]
        usable = [each for each in newer if each.key_id in self.ready and each.retired is None]
        return min((self._ready_since(version) for version in usable), default=math.inf)

    def _ready_since(self, version: WrappedBranchKey) -> float:
        """A mark without a time is of an earlier release, whose maintenance made it minutes after the key."""
        return self.ready_since.get(version.key_id, version.created / 1000)

    @property
    def ready_prf(self) -> WrappedPrfKey | None:
        """The PRF key, once every Region has seen it."""
        return self.prf if PRF in self.ready else None

    @property
    def contents(self) -> frozenset["WrappedBranchKey | WrappedPrfKey"]:
        """All keys that are there, with what they hold: two keys of one id may differ between Regions."""
        return frozenset((*self.versions, *([self.prf] if self.prf else [])))


class KeyStore(Protocol):
    """Wrapped keys, as the serving functions see them. Both methods raise `StoreUnavailable`, or
    `RecordCorrupt` for an item that does not parse."""

    def tenant_keys(self, tenant: str) -> TenantKeys:
        """All keys of a tenant."""
        ...

    def branch_key(self, tenant: str, key_id: str) -> WrappedBranchKey | None:
        """One version."""
        ...


class WritableKeyStore(Protocol):
    """Wrapped keys, as the maintenance function sees them. All methods raise `StoreUnavailable`."""

    def tenant_keys(self, tenant: str) -> TenantKeys:
        """All keys of a tenant."""
        ...

    def add_branch_key(self, key: WrappedBranchKey) -> None:
        """Writes a new version."""
        ...

    def add_prf_key(self, key: WrappedPrfKey) -> None:
        """Writes a tenant's PRF key, unless there is one: the first stands for good."""
        ...

    def known_tenants(self) -> list[str]:
        """Every tenant that the vault ever made keys for, also those that left the policy."""
        ...

    def add_tenant(self, tenant: str) -> None:
        """Remembers a tenant for good. Saying it twice changes nothing."""
        ...

    def mark_ready(self, tenant: str, key_id: str, now: int) -> None:
        """Says that a version may be written with from this Unix time on."""
        ...

    def set_retired(self, key: WrappedBranchKey, since: int | None) -> None:
        """Says that a version opens nothing from this Unix time on; None takes that back."""
        ...
