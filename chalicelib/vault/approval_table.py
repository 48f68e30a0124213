"""Approvals in the budgets table: what a client may ask for with a second person, in one Region."""

from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item
from chalicelib.vault.approval_items import (
    decision_item,
    parse_approval,
    partition,
    request_item,
    use_item,
)
from chalicelib.vault.approvals import ApprovalRequest, Decision, StoredApproval
from chalicelib.vault.dynamodb import DynamoDbClient, put_stands, query_all


class ApprovalTable:
    """The budgets table, as an `ApprovalStore`."""

    def __init__(self, client: DynamoDbClient, table: str) -> None:
        self._client, self._table = client, table

    def ask(self, request: ApprovalRequest, signature: bytes) -> None:
        """One conditional write. Raises `RecordCorrupt` if something else stands there."""
        if not self._put(request_item(request, signature)):
            raise RecordCorrupt("another approval has an id that was drawn for a new one")

    def find(self, tenant: str, approval_id: str) -> StoredApproval | None:
        """One strongly consistent query; see `ApprovalStore.find`."""
        request = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": partition(tenant, approval_id)}},
            "ConsistentRead": True,
        }
        return parse_approval(tenant, approval_id, query_all(self._client, request))

    def decide(self, request: ApprovalRequest, decision: Decision, signature: bytes) -> bool:
        """One conditional write; see `ApprovalStore.decide`."""
        return self._put(decision_item(request, decision, signature))

    def use(self, request: ApprovalRequest, attempt: str, at: int) -> bool:
        """One conditional write; see `ApprovalStore.use`."""
        return self._put(use_item(request, attempt, at))

    def _put(self, item: Item) -> bool:
        return put_stands(self._client, self._table, item)
