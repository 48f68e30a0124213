"""A second person's approvals in one Region: asked for, decided on, and used by a reveal."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.caller import ApprovalRule, Caller
from chalicelib.errors import RecordCorrupt
from chalicelib.service.approvals import Approvals, ShownApproval
from chalicelib.service.revealer import DetokenizeRequest, Result, Revealer
from chalicelib.service.signed_approvals import SignedApprovals
from chalicelib.vault.approvals import ApprovalStore
from tests.support import policies

VALID_SECONDS = 3600


def signed(store: ApprovalStore) -> SignedApprovals:
    """The approvals of a store. KMS, which signs them, is left out: a digest stands for its signature."""

    def verify(message: bytes, signature: bytes) -> None:
        if _digest(message) != signature:
            raise RecordCorrupt("an approval is not what was signed")

    return SignedApprovals(policies.VAULT_ID, store, _digest, verify)


class RegionApprovals:
    """What a container does for a client whose reveals all need approval, and for who may approve them."""

    def __init__(self, approvals: Approvals, revealer: Revealer, caller: Caller) -> None:
        self._approvals, self._revealer = approvals, revealer
        self._asking = replace(caller, client="desk", approval=ApprovalRule(caller.types, VALID_SECONDS))
        self._approving = replace(caller, client="officer", actions=frozenset({"approve"}))

    def ask(self, tokens: Sequence[str]) -> ShownApproval:
        """See `Approvals.ask`."""
        return self._approvals.ask(self._asking, tokens, "test", "request")

    def decide(self, approval: str, approves: bool) -> ShownApproval:
        """See `Approvals.decide`."""
        return self._approvals.decide(self._approving, approval, approves, "request")

    def reveal(self, tokens: Sequence[str], approval: str | None) -> list[Result]:
        """See `Revealer.detokenize`."""
        request = DetokenizeRequest(tuple(tokens), "full", "test", "request", approval=approval)
        return self._revealer.detokenize(self._asking, request)


def _digest(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()
