"""A tenant's keys at rest, still wrapped, and what is asked of a store of them.

Each version of the branch key is one item, written once under a random id, so both of its wrapped halves
are there or neither is; a retired one says so, and is otherwise unchanged. A PRF key is one item
under the name of its number: there is only ever one of each, the maintenance function of one Region makes it,
and its condition lets the first stand. Where there are several Regions, each says in an item of its own,
which no other Region writes, what it holds under a key's id (its *mark*). A further item says that a key is
*ready*: the marks of all Regions are of the same contents, so that no Region is handed a record, or derives a
token, with a key that has not arrived yet.
"""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from chalicelib.model import FIRST_PRF_KEY

PRF: Final = "prf"
"""Key id of a tenant's first PRF key, whose subkeys of requests and cards are the tenant's for good."""

_PRF_ID: Final = re.compile(rf"{PRF}(?:-([2-9]|[1-9][0-9]{{1,2}}))?")


def prf_key_id(number: int) -> str:
    """Key id of a tenant's PRF key of this number, counted from 1."""
    return PRF if number == FIRST_PRF_KEY else f"{PRF}-{number}"


def prf_number(key_id: str) -> int | None:
    """The number of the PRF key with this id; None if it is the id of none."""
    found = _PRF_ID.fullmatch(key_id)
    return None if found is None else int(found[1] or FIRST_PRF_KEY)


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

    @property
    def digest(self) -> bytes:
        """SHA-256 of what the key holds; retiring a version does not change it."""
        return _digest(self.tenant, self.key_id, self.created, self.wrapped_private, self.wrapped_bundle)


@dataclass(frozen=True)
class WrappedPrfKey:
    """A PRF key of a tenant, wrapped under the index KEK. `created` is in Unix milliseconds."""

    tenant: str
    created: int
    wrapped: bytes = field(repr=False)
    number: int = FIRST_PRF_KEY

    @property
    def key_id(self) -> str:
        """What it is bound to, and lies under."""
        return prf_key_id(self.number)

    @property
    def digest(self) -> bytes:
        """SHA-256 of what the key holds."""
        return _digest(self.tenant, self.key_id, self.created, self.wrapped)


@dataclass(frozen=True)
class TenantKeys:
    """All versions of a tenant's branch key, its PRF keys by number, and the ids of those that are ready.

    A PRF key that is held here with other contents than those that are ready is not: should a Region be lost
    while a PRF key is made, another one under its number may stay in one of those that are left.
    `ready_since` has the Unix times since when; what an earlier release found ready has none. `marks` has, by
    Region and key id, the digest of what the maintenance there held when it could use its KMS keys.
    """

    versions: tuple[WrappedBranchKey, ...]
    ready: frozenset[str]
    prf_keys: Mapping[int, WrappedPrfKey] = field(default_factory=dict)
    ready_since: Mapping[str, int] = field(default_factory=dict)
    marks: Mapping[tuple[str, str], bytes] = field(default_factory=dict)

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

    def ready_prf(self, number: int = FIRST_PRF_KEY) -> WrappedPrfKey | None:
        """The PRF key of this number, once every Region has seen it."""
        return self.prf_keys.get(number) if prf_key_id(number) in self.ready else None

    @property
    def waiting(self) -> list["WrappedBranchKey | WrappedPrfKey"]:
        """The keys that are there and not ready, by id."""
        held: list[WrappedBranchKey | WrappedPrfKey] = [*self.versions, *self.prf_keys.values()]
        return sorted((key for key in held if key.key_id not in self.ready), key=lambda key: key.key_id)


def _digest(*parts: str | int | bytes) -> bytes:
    """Of each part its length first, so that no two lists of parts read the same."""
    encoded = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in encoded)).digest()


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
        """Writes a PRF key of a tenant, unless there is one of its number: the first stands for good."""
        ...

    def known_tenants(self) -> list[str]:
        """Every tenant that the vault ever made keys for, also those that left the policy."""
        ...

    def add_tenant(self, tenant: str) -> None:
        """Remembers a tenant for good. Saying it twice changes nothing."""
        ...

    def mark_held(self, region: str, key: "WrappedBranchKey | WrappedPrfKey") -> None:
        """Says that a Region holds this key, and can use its KMS keys. In place of what it said before."""
        ...

    def mark_ready(self, key: "WrappedBranchKey | WrappedPrfKey", now: int) -> None:
        """Says that a key with these contents may be used from this Unix time on."""
        ...

    def set_retired(self, key: WrappedBranchKey, since: int | None) -> None:
        """Says that a version opens nothing from this Unix time on; None takes that back."""
        ...
