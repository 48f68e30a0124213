"""The stores of a Region, each of whose calls meets its fate: as DynamoDB, one item at a time."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from chalicelib.audit.events import AuditEvent, Checkpoint
from chalicelib.errors import StoreUnavailable
from chalicelib.items import Item
from chalicelib.vault.approvals import ApprovalRequest, Decision, StoredApproval
from chalicelib.vault.budgets import Spending
from chalicelib.vault.keys import TenantKeys, WrappedBranchKey
from chalicelib.vault.requests import StoredRequest
from chalicelib.vault.tokens import Put, PutResult, StoredToken, TokenKey, Tombstone
from chalicelib.vault.walks import ScannedPage, Walk
from tests.support.memory_approvals import MemoryApprovals
from tests.support.memory_budgets import MemoryBudgets
from tests.support.memory_keys import MemoryKeys
from tests.support.memory_store import MemoryStore
from tests.support.memory_subjects import MemoryRequests, MemorySubjects
from tests.support.memory_walks import Items, MemoryScanner, MemoryWalks
from tests.support.simulation.fates import Fate


class FatedStore(MemoryStore):
    """The vault table. An item whose write failed has its error, as in the table."""

    def __init__(self, items: Items, fate: Fate) -> None:
        super().__init__(items)
        self._fate = fate

    def find(self, keys: Sequence[TokenKey]) -> list[StoredToken]:
        return self._fate.of(partial(super().find, keys))

    def put_opaque(self, items: Sequence[Item]) -> list[PutResult]:
        return [self._overwritten(item) for item in items]

    def expired(self, now: int) -> Iterator[Tombstone]:
        return self._fate.of(partial(super().expired, now))

    def of_subject(self, tenant: str, subject: str) -> Iterator[TokenKey]:
        return self._fate.of(partial(super().of_subject, tenant, subject))

    def overwrite(self, item: Item) -> None:
        self._fate.of(partial(super().overwrite, item), writes=True)

    def _overwritten(self, item: Item) -> PutResult:
        try:
            self.overwrite(item)
        except StoreUnavailable as error:
            return error
        return Put.WRITTEN

    def _add(self, item: Item) -> PutResult:
        try:
            return self._fate.of(partial(super()._add, item), writes=True)
        except StoreUnavailable as error:
            return error

    def _replace(self, old: Item, new: Item) -> PutResult:
        try:
            return self._fate.of(partial(super()._replace, old, new), writes=True)
        except StoreUnavailable as error:
            return error


class FatedSubjects(MemorySubjects):
    """The subjects table."""

    def __init__(self, items: Items, fate: Fate) -> None:
        super().__init__(items)
        self._fate = fate

    def overwrite(self, item: Item) -> None:
        self._fate.of(partial(super().overwrite, item), writes=True)

    def _put_new(self, item: Item) -> Item | None:
        return self._fate.of(partial(super()._put_new, item), writes=True)

    def _change_note(self, note: Item, changed: Item | None) -> None:
        self._fate.of(partial(super()._change_note, note, changed), writes=True)

    def _under(self, partition: str) -> list[Item]:
        return self._fate.of(partial(super()._under, partition))

    def _delete(self, item: Item) -> None:
        self._fate.of(partial(super()._delete, item), writes=True)


class FatedKeys(MemoryKeys):
    """The keys table."""

    def __init__(self, items: Items, fate: Fate) -> None:
        super().__init__(items)
        self._fate = fate

    def tenant_keys(self, tenant: str) -> TenantKeys:
        return self._fate.of(partial(super().tenant_keys, tenant))

    def branch_key(self, tenant: str, key_id: str) -> WrappedBranchKey | None:
        return self._fate.of(partial(super().branch_key, tenant, key_id))

    def _put(self, item: Item) -> None:
        self._fate.of(partial(super()._put, item), writes=True)

    def _add(self, item: Item) -> None:
        self._fate.of(partial(super()._add, item), writes=True)


class FatedWalks(MemoryWalks):
    """The walks of a Region, in its keys table."""

    def __init__(self, items: Items, region: str, fate: Fate) -> None:
        super().__init__(items, region)
        self._fate = fate

    def find(self, tenant: str, part: int | None = None) -> Walk | None:
        return self._fate.of(partial(super().find, tenant, part))

    def parts(self, tenant: str) -> list[Walk]:
        return self._fate.of(MemoryWalks(self._items, self._region).parts, tenant)

    def save(self, walk: Walk, before: Walk | None) -> bool:
        save = partial(MemoryWalks(self._items, self._region).save, walk, before)
        return self._fate.of(save, writes=True)


class FatedScanner(MemoryScanner):
    """The vault table, as a walk goes through it."""

    def __init__(self, items: Items, fate: Fate) -> None:
        super().__init__(items)
        self._fate = fate

    def scan(self, tenant: str, segment: int, position: Mapping[str, Any] | None, limit: int) -> ScannedPage:
        return self._fate.of(partial(super().scan, tenant, segment, position, limit))


class FatedRequests:
    """A `RequestStore` over the requests of a Region."""

    def __init__(self, requests: MemoryRequests, fate: Fate) -> None:
        self._requests, self._fate = requests, fate

    def get_or_create(self, request: StoredRequest) -> StoredRequest:
        return self._fate.of(partial(self._requests.get_or_create, request), writes=True)


class FatedApprovals:
    """An `ApprovalStore` over the approvals of a Region."""

    def __init__(self, approvals: MemoryApprovals, fate: Fate) -> None:
        self._approvals, self._fate = approvals, fate

    def ask(self, request: ApprovalRequest, signature: bytes) -> None:
        self._fate.of(partial(self._approvals.ask, request, signature), writes=True)

    def find(self, tenant: str, approval_id: str) -> StoredApproval | None:
        return self._fate.of(partial(self._approvals.find, tenant, approval_id))

    def decide(self, request: ApprovalRequest, decision: Decision, signature: bytes) -> bool:
        return self._fate.of(partial(self._approvals.decide, request, decision, signature), writes=True)

    def use(self, request: ApprovalRequest, attempt: str, at: int) -> bool:
        return self._fate.of(partial(self._approvals.use, request, attempt, at), writes=True)


class FatedBudgets:
    """A `BudgetStore` over what was spent in a Region."""

    def __init__(self, spent: MemoryBudgets, fate: Fate) -> None:
        self._spent, self._fate = spent, fate

    def spend(self, spending: Spending) -> bool:
        return self._fate.of(partial(self._spent.spend, spending), writes=True)


class FatedTrail:
    """An `AuditTrail` over what is on record in a Region."""

    def __init__(self, recorded: list[AuditEvent | Checkpoint], fate: Fate) -> None:
        self._recorded, self._fate = recorded, fate

    def record(self, event: AuditEvent | Checkpoint) -> None:
        self._fate.of(partial(self._recorded.append, event), writes=True)
