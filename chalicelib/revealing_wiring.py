"""What the revealing function serves, put together: a part of the composition root."""

import secrets
import time

from chalicelib.account import Account
from chalicelib.api.approving import approving
from chalicelib.api.handler import Service
from chalicelib.api.revealing import revealing
from chalicelib.auth.policy import Policy
from chalicelib.crypto.kms import SigningKey
from chalicelib.service.approvals import Approvals
from chalicelib.service.approved_reveals import ApprovedReveals
from chalicelib.service.canaries import Canaries
from chalicelib.service.eraser import Eraser, ReceiptSigner
from chalicelib.service.revealer import Revealer
from chalicelib.service.signed_approvals import SignedApprovals
from chalicelib.service.subject_reader import SubjectReader
from chalicelib.telemetry import Telemetry
from chalicelib.vault.approval_table import ApprovalTable


def build(account: Account, loaded: Policy, watch: Telemetry) -> Service:
    """What the revealing function serves."""
    settings, audit = account.settings, account.audit(watch)
    receipt_key = SigningKey(account.kms, str(settings.receipt_key_arn))
    approved = SignedApprovals(
        settings.vault_id,
        ApprovalTable(account.dynamodb, str(settings.budgets_table)),
        receipt_key.sign,
        receipt_key.verify,
    )
    canaries = Canaries(loaded.canaries, watch.canaries_revealed)
    approvals = Approvals(
        approvals=approved,
        store=account.tokens,
        subjects=account.subjects,
        keys=account.keys,
        audit=audit,
        canaries=canaries,
        clock=time.time,
        random_bytes=secrets.token_bytes,
    )
    keys = account.revealing_keys
    revealer = Revealer(
        policy=loaded,
        store=account.tokens,
        subjects=account.subjects,
        keys=keys,
        budgets=account.budgets,
        approvals=ApprovedReveals(approved, time.time, secrets.token_bytes),
        audit=audit,
        canaries=canaries,
        clock=time.time,
    )
    signer = ReceiptSigner(settings.vault_id, receipt_key.arn, receipt_key.sign, settings.backup_days)
    eraser = Eraser(
        policy=loaded,
        store=account.tokens,
        subjects=account.subjects,
        signer=signer,
        audit=audit,
        clock=time.time,
    )
    reader = SubjectReader(account.tokens, account.subjects, account.keys, audit, time.time)
    served = {
        **revealing(revealer, eraser, reader, loaded, watch),
        **approving(approvals),
    }
    if loaded.has_exporters:
        from chalicelib import export_wiring  # noqa: PLC0415  # where no client may export, it starts without

        served |= export_wiring.build(
            account,
            loaded,
            watch,
            audit=audit,
            keys=keys,
            receipt_key=receipt_key,
            approved=approved,
            canaries=canaries,
        )
    return Service(loaded, served, takes_revealing=True, restoring=settings.restoring)
