"""The use case of walking over the tokens of a tenant, page by page, for a type with another PRF key."""

from dataclasses import replace
from typing import Final

from chalicelib.errors import InvalidRequest, StoreUnavailable
from chalicelib.sources import Clock, RandomBytes
from chalicelib.vault.token_walks import PAGE_TOKENS, TokenWalk, TokenWalkStore
from chalicelib.vault.walks import RecordScanner

_ID_BYTES: Final = 16


class TokenWalker:
    """Puts down pages of tokens. It opens none, and does not know of which type they are."""

    def __init__(
        self, *, walks: TokenWalkStore, records: RecordScanner, clock: Clock, random_bytes: RandomBytes
    ) -> None:
        self._walks, self._records = walks, records
        self._clock, self._random_bytes = clock, random_bytes

    def begin(self, tenant: str, type_name: str, run: str, *, anew: bool = False) -> TokenWalk:
        """A walk from the beginning for a run, before its first page, or how far that run has come.

        `anew` ends the walk of another run that did not come to its end. Raises `InvalidRequest` if there is
        one and it is not to be ended, `StoreUnavailable` or `RecordCorrupt`.
        """
        before = self._walks.find(tenant, type_name)
        if before is not None and before.run == run:
            return before
        if before is not None and not before.is_done and not anew:
            raise InvalidRequest("walk: another run goes on with this type, or was left; end it with anew")
        walk_id = self._random_bytes(_ID_BYTES).hex()
        return self._saved(TokenWalk(tenant, type_name, run, int(self._clock()), walk_id), before)

    def step(self, tenant: str, type_name: str, run: str, revision: int, limit: int) -> TokenWalk:
        """The walk with the page behind the one of this number, after so many more items at most.

        Asked again it answers the same page: no page is put down before the one ahead of it was asked for.
        Raises `InvalidRequest` for a run that is not the walk's, or a page that is neither its last nor the
        one before.
        """
        walk = self._walks.find(tenant, type_name)
        if walk is None or walk.run != run:
            raise InvalidRequest("walk: another run began; what this one has so far is all it gets")
        if walk.revision == revision + 1:
            return walk
        if walk.revision != revision or walk.is_done:
            raise InvalidRequest("revision: the walk stands at another page")
        return self._saved(self._further(walk, limit), walk)

    def _further(self, walk: TokenWalk, limit: int) -> TokenWalk:
        """A page that is half full is enough, so that no look is for a few items alone."""
        end = walk.seen + limit
        further = replace(walk, page=(), revision=walk.revision + 1)
        while not further.is_done and further.seen < end and len(further.page) <= PAGE_TOKENS // 2:
            further = self._scanned(further, min(PAGE_TOKENS - len(further.page), end - further.seen))
        return further

    def _scanned(self, walk: TokenWalk, limit: int) -> TokenWalk:
        found = self._records.scan(walk.tenant, walk.segment, walk.position, limit)
        seen, ends = walk.seen + found.seen, found.position is None
        return replace(
            walk,
            segment=walk.segment + ends,
            position=found.position,
            seen=seen,
            seen_before=seen if ends else walk.seen_before,
            page=walk.page + tuple(token for token, _ in found.records),
        )

    def _saved(self, walk: TokenWalk, before: TokenWalk | None) -> TokenWalk:
        if not self._walks.save(walk, before):
            raise StoreUnavailable("another run took a step of the same walk; begin again")
        return walk
