"""Approvals as only the revealing function makes them: signed, and verified each time they are read.

Who writes to the table can make an approval, a decision or the use of one unseen, and neither make one up
nor change one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.crypto.jws import Sign
from chalicelib.vault.approval_items import message
from chalicelib.vault.approvals import (
    APPROVAL_ID,
    ApprovalRequest,
    ApprovalStore,
    Decision,
    StoredApproval,
)

Verify = Callable[[bytes, bytes], None]
"""Raises `RecordCorrupt` unless the vault made this signature (second) of this message (first)."""


@dataclass(frozen=True)
class SignedApprovals:
    """A store of approvals, with a signature on each request and each decision.

    Methods raise what those of `ApprovalStore` do, and `KeyUnavailable`.
    """

    vault_id: str
    store: ApprovalStore
    sign: Sign
    verify: Verify

    def ask(self, request: ApprovalRequest) -> StoredApproval:
        """Stores a new request."""
        signature = self.sign(message(self.vault_id, request))
        self.store.ask(request, signature)
        return StoredApproval(request, signature)

    def find(self, tenant: str, approval_id: str) -> StoredApproval | None:
        """What stands now. Raises `RecordCorrupt` if it is not what was signed."""
        if not APPROVAL_ID.fullmatch(approval_id):
            return None
        stored = self.store.find(tenant, approval_id)
        if stored is not None:
            self.verify(message(self.vault_id, stored.request, stored.decision), stored.signature)
        return stored

    def decide(self, request: ApprovalRequest, decision: Decision) -> StoredApproval | None:
        """Stores a decision; None, and nothing is stored, if there is one already."""
        signature = self.sign(message(self.vault_id, request, decision))
        stored = self.store.decide(request, decision, signature)
        return StoredApproval(request, signature, decision) if stored else None

    def use(self, request: ApprovalRequest, attempt: str, at: int) -> bool:
        """Uses an approval up, once."""
        return self.store.use(request, attempt, at)
