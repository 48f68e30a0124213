"""Approvals in memory: what the contract suite says they are."""

import threading

from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item, place
from chalicelib.vault.approval_items import decision_item, parse_approval, partition, request_item, use_item
from chalicelib.vault.approvals import ApprovalRequest, Decision, StoredApproval


class MemoryApprovals:
    """An `ApprovalStore` whose single-item writes are atomic, as DynamoDB's are."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], Item] = {}
        self._lock = threading.Lock()

    def ask(self, request: ApprovalRequest, signature: bytes) -> None:
        if not self._put(request_item(request, signature)):
            raise RecordCorrupt("another approval has the id")

    def find(self, tenant: str, approval_id: str) -> StoredApproval | None:
        lying = partition(tenant, approval_id)
        with self._lock:
            items = [item for (pk, _), item in self._items.items() if pk == lying]
        return parse_approval(tenant, approval_id, items)

    def decide(self, request: ApprovalRequest, decision: Decision, signature: bytes) -> bool:
        return self._put(decision_item(request, decision, signature))

    def use(self, request: ApprovalRequest, attempt: str, at: int) -> bool:
        return self._put(use_item(request, attempt, at))

    def _put(self, item: Item) -> bool:
        with self._lock:
            return self._items.setdefault(place(item), item) == item
