"""The use cases of ending a rotation that open nothing: counting what names a version, and retiring it."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from chalicelib.errors import InvalidRequest, KeyUnavailable, StoreUnavailable
from chalicelib.sources import Clock
from chalicelib.vault.keys import TenantKeys, WrappedBranchKey, WritableKeyStore
from chalicelib.vault.walks import PAGE_RECORDS, SEGMENTS, Progress, RecordScanner, Walk, WalkStore

WRITERS_SECONDS: Final = 900
"""How much longer than a container holds its keys somebody may write with a version that is superseded: a
request takes 29 seconds at most, and the rest is for what is on its way from another Region."""


@dataclass(frozen=True)
class Version:
    """A version of a tenant's key.

    Times are Unix times in seconds. `records` is how many named it when the table was last walked through,
    None if it never was; `retires_from` is when a walk may begin that lets it retire, None for the newest.
    """

    key_id: str
    created: int
    ready: bool
    retired: int | None
    records: int | None
    retires_from: int | None


@dataclass(frozen=True)
class Census:
    """How many records name each version, from walks of which the first began at this Unix time."""

    begun: int
    counts: Mapping[str, int]


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
        keys, census = self._keys.tenant_keys(tenant), self._census(tenant)
        oldest_first = sorted(keys.versions, key=lambda version: version.age)
        return [self._version(keys, version, census) for version in oldest_first]

    def prf_keys(self, tenant: str) -> dict[int, bool]:
        """The PRF keys of a tenant by number: whether every Region has seen it, so that it is used.

        Raises `StoreUnavailable` or `RecordCorrupt`.
        """
        keys = self._keys.tenant_keys(tenant)
        return {number: keys.ready_prf(number) is not None for number in sorted(keys.prf_keys)}

    def progress(self, tenant: str) -> Progress | None:
        """How far the walks over single segments have come; None if there never was one.

        Raises `StoreUnavailable` or `RecordCorrupt`.
        """
        walks = self._walks.parts(tenant)
        return Progress.of(walks) if walks else None

    def begin(self, tenant: str, *, moves: bool, begun: int | None = None, part: int | None = None) -> Walk:
        """A walk from the beginning, or the unfinished one of this kind, with the page that still waits.

        It goes through the whole table, or through one segment as its `part`.

        With `begun`, the walk of this kind that began then, also if it is finished: who lost the answer to
        its last step need not walk again.

        Raises `KeyUnavailable` for a tenant without a key, `StoreUnavailable` or `RecordCorrupt`.
        """
        newest = _newest(self._keys.tenant_keys(tenant))
        before = self._walks.find(tenant, part)
        same_kind = before is not None and (before.moves, before.newest) == (moves, newest.key_id)
        if before and same_kind and (not before.is_done or before.begun == begun):
            now = int(self._clock())
            return self._saved(replace(before, put_down=now), before) if before.page else before
        revision = before.revision + 1 if before else 0
        walk = Walk(tenant, int(self._clock()), moves, newest.key_id, part or 0, revision=revision, part=part)
        return self._saved(walk, before)

    def step(self, tenant: str, revision: int, limit: int, part: int | None = None) -> Walk:
        """The walk, up to so many items further; what was on its page is done, as the caller says with it.

        Raises `InvalidRequest` if the walk has another revision, since somebody else went on with it, or if
        a newer version is ready than the one that it began with.
        """
        walk = self._walks.find(tenant, part)
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
        keys = self._keys.tenant_keys(tenant)
        version = _known(keys, key_id)
        if version.retired is not None:
            return
        counts = self._counts_that_tell(keys, version, self._census(tenant))
        if counts.get(key_id, 0) and not compromised:
            raise InvalidRequest("key: records name it; move them, then count again")
        self._keys.set_retired(version, int(self._clock()))

    def retire_unnamed(self, tenant: str) -> dict[str, str | None]:
        """Retires each superseded version that may; by version, what is in the way, None if nothing was."""
        keys = self._keys.tenant_keys(tenant)
        superseded = [
            version.key_id
            for version in keys.versions
            if version.retired is None and keys.superseded_since(version.key_id) != inf
        ]
        return {key_id: self._in_the_way(tenant, key_id) for key_id in superseded}

    def _in_the_way(self, tenant: str, key_id: str) -> str | None:
        try:
            self.retire(tenant, key_id, compromised=False)
        except InvalidRequest as rule:
            return str(rule)
        return None

    def reinstate(self, tenant: str, key_id: str) -> None:
        """Has a retired version open records again: for what a backup, or another Region, brought back."""
        self._keys.set_retired(_known(self._keys.tenant_keys(tenant), key_id), None)

    def _census(self, tenant: str) -> Census | None:
        """What the latest walk over the whole table counted, or those over all its segments."""
        whole, parts = self._walks.find(tenant), self._walks.parts(tenant)
        finished = [[walk] for walk in (whole,) if walk is not None and walk.is_done]
        if len(parts) == SEGMENTS and all(walk.is_done for walk in parts):
            finished.append(parts)
        found = [Census(min(walk.begun for walk in walks), _summed(walks)) for walks in finished]
        return max(found, key=lambda census: census.begun, default=None)

    def _counts_that_tell(
        self, keys: TenantKeys, version: WrappedBranchKey, census: Census | None
    ) -> Mapping[str, int]:
        """A walk tells of a version only if it began when nobody wrote with that any more."""
        superseded = keys.superseded_since(version.key_id)
        if superseded == inf:
            raise InvalidRequest("key: no newer version is ready")
        if census is None:
            raise InvalidRequest("key: no walk over the records was finished")
        if census.begun < superseded + self._settling:
            raise InvalidRequest("key: the latest walk began while it may still have been written with")
        return census.counts

    def _version(self, keys: TenantKeys, version: WrappedBranchKey, census: Census | None) -> Version:
        superseded = keys.superseded_since(version.key_id)
        return Version(
            version.key_id,
            version.created // 1000,
            version.key_id in keys.ready,
            version.retired,
            None if census is None else census.counts.get(version.key_id, 0),
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


def _summed(walks: Iterable[Walk]) -> Mapping[str, int]:
    return sum((Counter(walk.counts) for walk in walks), Counter[str]())


def _newest(keys: TenantKeys) -> WrappedBranchKey:
    if keys.newest_ready is None:
        raise KeyUnavailable("the tenant has no key yet; the maintenance function makes it")
    return keys.newest_ready


def _known(keys: TenantKeys, key_id: str) -> WrappedBranchKey:
    for version in keys.versions:
        if version.key_id == key_id:
            return version
    raise InvalidRequest("key: the tenant has no such version")
