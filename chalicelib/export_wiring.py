"""What exports are made with, put together: a part of the composition root.

Imported where a client of the policy may export, so that no other vault starts later for it.
"""

import secrets
import time
from typing import Any

from chalicelib.account import Account
from chalicelib.api import exporting, operations
from chalicelib.audit.events import AuditTrail
from chalicelib.auth.policy import Policy
from chalicelib.crypto.kms import SigningKey
from chalicelib.service.approved_reveals import ApprovedReveals
from chalicelib.service.canaries import Canaries
from chalicelib.service.export_approvals import ExportApprovals
from chalicelib.service.export_cursors import ExportCursors
from chalicelib.service.export_pages import ExportPages
from chalicelib.service.export_papers import ExportSigner
from chalicelib.service.exporter import Exporter
from chalicelib.service.signed_approvals import SignedApprovals
from chalicelib.telemetry import Telemetry
from chalicelib.vault.keyring import RevealingKeyring
from chalicelib.vault.walk_table import VaultScanner


def build(
    account: Account,
    loaded: Policy,
    watch: Telemetry,
    *,
    audit: AuditTrail,
    keys: RevealingKeyring,
    receipt_key: SigningKey,
    approved: SignedApprovals,
    canaries: Canaries,
) -> operations.Operations:
    """The operations of exports, with what the revealing function has already."""
    made: dict[str, Any] = {"clock": time.time, "random_bytes": secrets.token_bytes}
    cursors = ExportCursors(
        region=account.settings.region,
        sign=receipt_key.sign,
        verify=receipt_key.verify,
        newest=account.keys,
        keys=keys,
        random_bytes=secrets.token_bytes,
    )
    exporter = Exporter(
        policy=loaded,
        records=VaultScanner(account.dynamodb, account.settings.vault_table),
        pages=ExportPages(
            policy=loaded, store=account.tokens, subjects=account.subjects, keys=keys, clock=time.time
        ),
        cursors=cursors,
        signer=ExportSigner(account.settings.vault_id, receipt_key.arn, receipt_key.sign),
        approvals=ApprovedReveals(approved, time.time, secrets.token_bytes),
        budgets=account.budgets,
        audit=audit,
        canaries=canaries,
        **made,
    )
    approvals = ExportApprovals(
        policy=loaded, approvals=approved, budgets=account.budgets, audit=audit, **made
    )
    return exporting.exporting(exporter, approvals, watch)
