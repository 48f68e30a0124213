"""The use case of sealing records again under the newest version of their key: what rotation ends with.

Only the revealing function can do it, since records have to be opened for it. It asks for none by itself: it
takes the page that a walk of the maintenance function put down (ADR 12).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from chalicelib.audit.events import AuditEvent, AuditTrail
from chalicelib.crypto.request_secret import OpenedSecrets
from chalicelib.errors import (
    InvalidRequest,
    RecordCorrupt,
    StoreUnavailable,
    TokenNotFound,
    TokenvaultError,
    error_of_all,
)
from chalicelib.items import Item
from chalicelib.service.events import OPERATOR
from chalicelib.service.results import item_result
from chalicelib.service.walker import WRITERS_SECONDS
from chalicelib.sources import Clock
from chalicelib.vault.keyring import RevealingKeyring
from chalicelib.vault.keys import WrappedBranchKey
from chalicelib.vault.records import OpenSealer, RecordSealer, Secrets, open_whole, require_active, secrets_of
from chalicelib.vault.subjects import SubjectStore
from chalicelib.vault.token_items import parse_facts
from chalicelib.vault.tokens import (
    Put,
    RecordReplacer,
    StoredToken,
    TokenKey,
    UnreadableRecord,
    UnverifiedRecord,
)
from chalicelib.vault.walks import WalkStore


@dataclass(frozen=True)
class Rewrapped:
    """What became of the records of a page.

    `moved`: sealed again. `passed`: nothing was to be done, since they name the version of the walk or a
    newer one, or somebody erased or moved them meanwhile. `closed`: their secret was destroyed, so that they
    open nowhere, and go by themselves. `waiting`: their secret has not arrived here. `corrupt`: somebody
    changed them.
    """

    moved: int = 0
    passed: int = 0
    closed: int = 0
    waiting: int = 0
    corrupt: int = 0

    def as_counts(self) -> dict[str, int]:
        """The numbers by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


class Rewrapper:
    """Opens records and seals them again. Values are held for one page, and shown to nobody."""

    def __init__(
        self,
        *,
        walks: WalkStore,
        store: RecordReplacer,
        subjects: SubjectStore,
        keys: RevealingKeyring,
        open_sealer: OpenSealer,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._walks, self._store, self._subjects = walks, store, subjects
        self._keys, self._open_sealer = keys, open_sealer
        self._audit, self._clock = audit, clock

    def rewrap(self, tenant: str, request_id: str, part: int | None = None) -> Rewrapped:
        """Seals the records of the tenant's page again, on record first. Done twice, it changes nothing more.

        The page is that of the walk over the whole table, or over one segment as its `part`.

        No record goes back: whatever version a walk says, only records of older ones are sealed again.
        Raises `StoreUnavailable` or `KeyUnavailable`; what was done stays done, and the same call goes on.
        Raises `InvalidRequest` if the page was put down too long ago or the walk's version is retired,
        `RecordCorrupt` if its halves do not belong together.
        """
        walk = self._walks.find(tenant, part)
        if walk is None or not walk.page:
            return Rewrapped()
        if self._clock() > walk.put_down + WRITERS_SECONDS:
            # Since then another Region may have a newer version, found no record of this one, and retired it.
            raise InvalidRequest("walk: its page waited too long; begin again")
        self._audit.record(AuditEvent(tenant, OPERATOR, "rewrap", request_id))
        # As the walk has it: what this container knows of the newest version may be older than the walk.
        target = self._target(tenant, walk.newest)
        found = self._store.find([TokenKey(tenant, token) for token in walk.page])
        old = self._older(found, target)
        secrets = secrets_of(self._subjects, tenant, old)
        # With its private half, which whoever may write key items cannot make for a public half of their own.
        with self._open_sealer(self._keys.key(tenant, target.key_id).tokenizing) as sealer:
            opened = OpenedSecrets()
            results = [item_result(self._sealed_again, record, secrets, opened, sealer) for record in old]
        return self._written(len(found), results)

    def _target(self, tenant: str, key_id: str) -> WrappedBranchKey:
        """The version to seal under, read anew: what a container holds does not say that it was retired."""
        target = self._keys.stored(tenant, key_id)
        if target.retired is not None:
            raise InvalidRequest("walk: its version is retired; begin again")
        return target

    def _older(self, found: Sequence[StoredToken], target: WrappedBranchKey) -> list[StoredToken]:
        """The records that name an older version, and the changed ones: opening them says what is wrong."""
        readable = [record for record in found if isinstance(record, UnverifiedRecord)]
        named = {record.sealed.key_id for record in readable}
        old = {key_id for key_id in named if not self._stays(key_id, target)}
        changed = [record for record in found if isinstance(record, UnreadableRecord)]
        return [*changed, *(record for record in readable if record.sealed.key_id in old)]

    def _stays(self, key_id: str, target: WrappedBranchKey) -> bool:
        """Whether records of a version stay as they are: a version that there is not keeps none."""
        try:
            return self._keys.stored(target.tenant, key_id).age >= target.age
        except RecordCorrupt:
            return False

    def _sealed_again(
        self, record: StoredToken, secrets: Secrets, opened: OpenedSecrets, sealer: RecordSealer
    ) -> tuple[Item, Item]:
        """The record as it stands, and as it is to stand."""
        active = require_active(record)
        whole = open_whole(active, secrets, self._keys, self._clock(), opened)
        parse_facts(active.key, whole.item)
        return active.sealed.item, sealer.seal_again(whole)

    def _written(self, asked: int, results: Sequence[tuple[Item, Item] | TokenvaultError]) -> Rewrapped:
        puts = self._store.replace([change for change in results if not isinstance(change, TokenvaultError)])
        if failures := [put for put in puts if isinstance(put, StoreUnavailable)]:
            raise error_of_all(failures)
        errors = [error for error in results if isinstance(error, TokenvaultError)]
        closed = sum(isinstance(error, TokenNotFound) for error in errors)
        corrupt = sum(isinstance(error, RecordCorrupt) for error in errors)
        return Rewrapped(
            moved=puts.count(Put.WRITTEN),
            passed=asked - len(results) + puts.count(Put.TAKEN),
            closed=closed,
            waiting=len(errors) - closed - corrupt,
            corrupt=corrupt,
        )
