"""The use case of giving the values of a type their tokens under another PRF key, and telling who may know.

Only the revealing function can do it, since records have to be opened for it. It asks for none by itself: it
takes the page that a walk of the maintenance function put down, as for sealing records again (ADR 12, 21).
"""

from dataclasses import dataclass, field, replace

from chalicelib.audit.events import AuditEvent, AuditOutcome, AuditTrail
from chalicelib.auth.policy import Policy
from chalicelib.crypto.exports import first_digest, read_recipient
from chalicelib.errors import InvalidRequest
from chalicelib.model import FIRST_PRF_KEY, InfoType
from chalicelib.service.events import OPERATOR
from chalicelib.service.export_chain import next_chunk
from chalicelib.service.export_cursors import Progress
from chalicelib.service.retokenize_pages import MovedPage, RetokenizePages
from chalicelib.service.retokenize_papers import RetokenizePapers, Run
from chalicelib.sources import Clock, RandomBytes
from chalicelib.vault.keyring import PrfKeyring
from chalicelib.vault.token_walks import TokenWalk, TokenWalkStore


@dataclass(frozen=True)
class BegunRun:
    """A run that was begun: its signed opening, the cursor of its first page, and the key that it goes to."""

    run: Run
    opening: str = field(repr=False)
    cursor: str = field(repr=False)


@dataclass(frozen=True)
class PairsChunk:
    """A page of pairs, sealed. `cursor` says where the next one begins; the last has a `receipt` instead."""

    number: int
    sealed: bytes = field(repr=False)
    page: MovedPage
    progress: Progress
    cursor: str | None = field(default=None, repr=False)
    receipt: str | None = field(default=None, repr=False)


class Retokenizer:
    """Gives values new tokens, each page on record first, and seals the pairs to a recipient."""

    def __init__(
        self,
        *,
        policy: Policy,
        walks: TokenWalkStore,
        pages: RetokenizePages,
        papers: RetokenizePapers,
        prf_keys: PrfKeyring,
        audit: AuditTrail,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._policy, self._walks, self._pages, self._papers = policy, walks, pages, papers
        self._prf_keys, self._audit = prf_keys, audit
        self._clock, self._random_bytes = clock, random_bytes

    def begin(self, tenant: str, type_name: str, recipient: str, run: str, request_id: str) -> BegunRun:
        """Begins a run of this id. Gives nothing out, and writes nothing but that it was begun.

        Raises `InvalidRequest` for a tenant or type that there is nothing to be done for, `KeyUnavailable` if
        the type's key is not ready, or `StoreUnavailable`.
        """
        info_type = self._type(tenant, type_name)
        self._prf_keys.key(tenant, info_type.prf_key)
        begun = Run(run, tenant, type_name, info_type.prf_key, read_recipient(recipient), int(self._clock()))
        opening = self._papers.opening(begun)
        cursor = self._papers.cursor(opening, Progress(first_digest(opening)), None)
        event = replace(self._event(begun, request_id), action="retokenize.begin")
        self._audit.record(replace(event, outcomes=(AuditOutcome("begun", type=type_name),)))
        return BegunRun(begun, opening, cursor)

    def page(self, opening: str, cursor: str, request_id: str) -> PairsChunk:
        """The chunk of the page that the walk put down last, which has to be the one behind the cursor.

        Asked again it gives the same pairs, less those whose old token was erased since; where the new one
        was, the pair names another. Nothing is written before the audit trail has acknowledged the event.

        Raises `InvalidRequest`, `KeyUnavailable` or `StoreUnavailable`.
        """
        run, progress, walk_id = self._papers.read(opening, cursor)
        info_type, walk = self._type(run.tenant, run.type), self._walk(run, progress, walk_id)
        if info_type.prf_key != run.prf_key:
            raise InvalidRequest("cursor: the type has another prf_key by now; begin anew", "/cursor")
        page = self._pages.open(run.tenant, info_type, walk.page)
        self._audit.record(replace(self._event(run, request_id), outcomes=page.outcomes))
        moved = self._pages.write(run.tenant, page)
        return self._given(run, opening, progress, moved, walk)

    def _given(
        self, run: Run, opening: str, progress: Progress, page: MovedPage, walk: TokenWalk
    ) -> PairsChunk:
        last = walk.is_done
        sealed, after = next_chunk(
            run.recipient,
            page.plaintext,
            progress,
            tokens=page.moved,
            failed=page.failed,
            last=last,
            random_bytes=self._random_bytes,
        )
        cursor = None if last else self._papers.cursor(opening, after, walk.walk_id)
        receipt = self._papers.receipt(run, opening, after, int(self._clock())) if last else None
        return PairsChunk(after.chunks, sealed, page, after, cursor, receipt)

    def _type(self, tenant: str, name: str) -> InfoType:
        if tenant not in self._policy.tenants:
            raise InvalidRequest("tenant: the policy has no tenant of this name")
        info_type = self._policy.types.get(name)
        if info_type is None:
            raise InvalidRequest("type: the policy has no information type of this name")
        if info_type.mode != "deterministic":
            raise InvalidRequest("type: it is random, and its tokens follow from no key")
        if info_type.prf_key == FIRST_PRF_KEY:
            raise InvalidRequest("type: its prf_key is the first; give it another one before its tokens move")
        return info_type

    def _walk(self, run: Run, progress: Progress, walk_id: str | None) -> TokenWalk:
        """The walk, at the page behind the cursor. After its first page a run is bound to the walk of it: one
        that was begun again for the same run may put its pages down at other places."""
        walk = self._walks.find(run.tenant, run.type)
        if walk is None or walk.run != run.run or walk_id not in (None, walk.walk_id):
            raise InvalidRequest("cursor: another run of this type began; begin anew", "/cursor")
        if walk.revision != progress.chunks + 1:
            raise InvalidRequest("cursor: the walk stands at another page", "/cursor")
        return walk

    @staticmethod
    def _event(run: Run, request_id: str) -> AuditEvent:
        return AuditEvent(
            run.tenant,
            OPERATOR,
            "retokenize",
            request_id,
            export=run.run,
            recipient=run.recipient.fingerprint,
        )
