"""The use cases of ending a rotation that open nothing: counting what names a version, and retiring it."""

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from chalicelib.errors import InvalidRequest, KeyUnavailable, StoreUnavailable
from chalicelib.sources import Clock
from chalicelib.vault.keys import TenantKeys, WrappedBranchKey, WritableKeyStore
from chalicelib.vault.walks import PAGE_RECORDS, RecordScanner, Walk, WalkStore

WRITERS_SECONDS: Final = 900
"""How much longer than a container holds its keys somebody may write with a version that is superseded: a
request takes 29 seconds at most, and the rest is for what is on its way from another Region."""


@dataclass(frozen=True)
class Version:
    """A version of a tenant's key.

    Times are Unix times in seconds. `records` is how many named it in the latest walk, None unless that was
    finished; `retires_from` is when a walk may begin that lets it retire, None for the one in use.
    """

    key_id: str
    created: int
    ready: bool
    retired: int | None
    records: int | None
    retires_from: int | None


class Walker:
    """Walks over a tenant's records, step by step, and retires what no record names any more."""

    def __init__(
        self,
        *,
        keys: WritableKeyStore,
        walks: WalkStore,
        records: RecordScanner,
        key_cache_seconds: float,
        clock: Clock,
    ) -> None:
        """`key_cache_seconds` is how long containers hold keys."""
        self._keys, self._walks, self._records, self._clock = keys, walks, records, clock
        self._settling = int(key_cache_seconds) + WRITERS_SECONDS

    def versions(self, tenant: str) -> list[Version]:
        """The versions of a tenant's key, the oldest first. Raises `StoreUnavailable` or `RecordCorrupt`."""
        keys, walk = self._keys.tenant_keys(tenant), self._walks.find(tenant)
        counts = walk.counts if walk is not None and walk.is_done else None
        oldest_first = sorted(keys.versions, key=lambda version: version.age)
        return [self._version(keys, version, counts) for version in oldest_first]

    def begin(self, tenant: str, *, moves: bool, begun: int | None = None) -> Walk:
        """A walk from the beginning, or the unfinished one of this kind, with the page that still waits.

        With `begun`, the walk of this kind that began then, also if it is finished: who lost the answer to
        its last step need not walk again.

        Raises `KeyUnavailable` for a tenant without a key, `StoreUnavailable` or `RecordCorrupt`.
        """
        newest = _newest(self._keys.tenant_keys(tenant))
        before = self._walks.find(tenant)
        same_kind = before is not None and (before.moves, before.newest) == (moves, newest.key_id)
        if before and same_kind and (not before.is_done or before.begun == begun):
            now = int(self._clock())
            return self._saved(replace(before, put_down=now), before) if before.page else before
        revision = before.revision + 1 if before else 0
        return self._saved(Walk(tenant, int(self._clock()), moves, newest.key_id, revision=revision), before)

    def step(self, tenant: str, revision: int, limit: int) -> Walk:
        """The walk, up to so many items further; what was on its page is done, as the caller says with it.

        Raises `InvalidRequest` if the walk has another revision, since somebody else went on with it, or if
        a newer version is ready than the one that it began with.
        """
        walk = self._walks.find(tenant)
        if walk is None or walk.revision != revision:
            raise InvalidRequest("walk: another run goes on with it")
        if walk.is_done:
            return walk
        keys = self._keys.tenant_keys(tenant)
        newest = _newest(keys)
        if newest.key_id != walk.newest:
            raise InvalidRequest("walk: a newer version is ready; begin again")
        stay = frozenset(version.key_id for version in keys.versions if version.age >= newest.age)
        further = replace(walk, page=(), put_down=int(self._clock()))
        return self._saved(self._further(further, limit, stay), walk)

    def retire(self, tenant: str, key_id: str, *, compromised: bool) -> None:
        """Has a version open nothing any more, in this Region at once and elsewhere once that has arrived;
        containers forget it within the time that they hold keys. Said twice it changes nothing.

        No record may name it. A `compromised` one retires with the records that could not be moved: they do
        not open from then on. Raises `InvalidRequest` with what is in the way.
        """
        keys, walk = self._keys.tenant_keys(tenant), self._walks.find(tenant)
        version = _known(keys, key_id)
        if version.retired is not None:
            return
        self._require_seen(keys, version, walk)
        if not compromised and walk is not None and walk.counts.get(key_id, 0):
            raise InvalidRequest("key: records name it; move them, then count again")
        self._keys.set_retired(version, int(self._clock()))

    def reinstate(self, tenant: str, key_id: str) -> None:
        """Has a retired version open records again: for what a backup, or another Region, brought back."""
        self._keys.set_retired(_known(self._keys.tenant_keys(tenant), key_id), None)

    def _require_seen(self, keys: TenantKeys, version: WrappedBranchKey, walk: Walk | None) -> None:
        """A walk tells of a version only if it began when nobody wrote with that any more."""
        superseded = keys.superseded_since(version.key_id)
        if superseded == inf:
            raise InvalidRequest("key: no newer version is ready")
        if walk is None or not walk.is_done:
            raise InvalidRequest("key: no walk over the records was finished")
        if walk.begun < superseded + self._settling:
            raise InvalidRequest("key: the latest walk began while it may still have been written with")

    def _version(
        self, keys: TenantKeys, version: WrappedBranchKey, counts: Mapping[str, int] | None
    ) -> Version:
        superseded = keys.superseded_since(version.key_id)
        return Version(
            version.key_id,
            version.created // 1000,
            version.key_id in keys.ready,
            version.retired,
            None if counts is None else counts.get(version.key_id, 0),
            None if superseded == inf else int(superseded) + self._settling,
        )

    def _further(self, walk: Walk, limit: int, stay: Container[str]) -> Walk:
        """`stay` has the versions whose records are not to be moved: the newest that is ready, and newer."""
        end = walk.seen + limit
        while not walk.is_done and walk.seen < end and len(walk.page) < PAGE_RECORDS:
            room = PAGE_RECORDS - len(walk.page) if walk.moves else limit
            walk = self._scanned(walk, min(room, end - walk.seen), stay)
        return walk

    def _scanned(self, walk: Walk, limit: int, stay: Container[str]) -> Walk:
        found = self._records.scan(walk.tenant, walk.segment, walk.position, limit)
        counts = Counter(walk.counts) + Counter(version for _, version in found.records)
        old = tuple(token for token, version in found.records if walk.moves and version not in stay)
        seen, ends = walk.seen + found.seen, found.position is None
        return replace(
            walk,
            segment=walk.segment + ends,
            position=found.position,
            seen=seen,
            seen_before=seen if ends else walk.seen_before,
            counts=counts,
            page=walk.page + old,
        )

    def _saved(self, walk: Walk, before: Walk | None) -> Walk:
        following = replace(walk, revision=before.revision + 1) if before else walk
        if not self._walks.save(following, before):
            raise StoreUnavailable("another run took a step of the same walk; begin again")
        return following


def _newest(keys: TenantKeys) -> WrappedBranchKey:
    if keys.newest_ready is None:
        raise KeyUnavailable("the tenant has no key yet; the maintenance function makes it")
    return keys.newest_ready


def _known(keys: TenantKeys, key_id: str) -> WrappedBranchKey:
    for version in keys.versions:
        if version.key_id == key_id:
            return version
    raise InvalidRequest("key: the tenant has no such version")
