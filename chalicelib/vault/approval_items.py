"""Approvals as items of the budgets table, and what is signed of them. Pure."""

import hashlib
from collections.abc import Iterable
from typing import Final

from chalicelib.actors import Actor
from chalicelib.crypto.context import frame
from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item, primary_key
from chalicelib.vault.approvals import ApprovalRequest, Decision, ExportTerms, StoredApproval

PARTITION: Final = "~approvals#"
"""Begins the partitions of approvals: no tenant's own, since names begin with a letter. Roles name it."""

KEPT_SECONDS: Final = 24 * 3600
"""How long an approval can be looked at after its time is up."""

EXPORT: Final = "export"
"""What only a request for an export has."""

REQUEST: Final = "request"
DECISION: Final = "decision"
USE: Final = "use"


def partition(tenant: str, approval_id: str) -> str:
    """Where the items of an approval lie."""
    return f"{PARTITION}{tenant}#{approval_id}"


def message(vault_id: str, request: ApprovalRequest, decision: Decision | None = None) -> bytes:
    """What is signed: all of the request, and all of the decision where there is one."""
    asked = _asked(vault_id, request)
    if decision is None:
        return frame("approval", hashlib.sha256(asked).digest())
    decided = frame(
        "approval-decision",
        *(*_parts(decision.decided_by), "approve" if decision.approves else "refuse", str(decision.at)),
    )
    return frame("approval", hashlib.sha256(asked).digest(), hashlib.sha256(decided).digest())


def _asked(vault_id: str, request: ApprovalRequest) -> bytes:
    """A reveal and an export have labels of their own: neither can pass for the other."""
    named = vault_id, request.tenant, request.approval_id, *_parts(request.asked_by)
    times = str(request.asked), str(request.expires_at)
    if (export := request.export) is not None:
        shown = export.recipient, *times, *export.types
        return frame("approval-request-of-export", *named, request.purpose, *shown)
    types = [part for name in sorted(request.types) for part in (name, str(request.types[name]))]
    return frame("approval-request", *named, request.purpose, request.tokens_sha256, *times, *types)


def request_item(request: ApprovalRequest, signature: bytes) -> Item:
    """The item that holds what was asked for."""
    return {
        **_place(request, REQUEST),
        **_actor(request.asked_by),
        "purpose": {"S": request.purpose},
        "tokens_sha256": {"S": request.tokens_sha256},
        "types": {"M": {name: {"N": str(count)} for name, count in request.types.items()}},
        "asked": {"N": str(request.asked)},
        "expires_at": {"N": str(request.expires_at)},
        "signature": {"B": signature},
        **_export(request.export),
    }


def decision_item(request: ApprovalRequest, decision: Decision, signature: bytes) -> Item:
    """The item that holds a decision."""
    return {
        **_place(request, DECISION),
        **_actor(decision.decided_by),
        "approves": {"BOOL": decision.approves},
        "at": {"N": str(decision.at)},
        "signature": {"B": signature},
    }


def use_item(request: ApprovalRequest, attempt: str, at: int) -> Item:
    """The item that says that an approval is used up. Not signed: who makes it up only takes one away."""
    return {**_place(request, USE), "attempt": {"S": attempt}, "at": {"N": str(at)}}


def parse_approval(tenant: str, approval_id: str, items: Iterable[Item]) -> StoredApproval | None:
    """The approval that the items of its partition hold; None without a request.

    Raises `RecordCorrupt` if they hold none.
    """
    by_kind = {item["sk"]["S"]: item for item in items}
    try:
        if REQUEST not in by_kind:
            return None
        request = _request(tenant, approval_id, by_kind[REQUEST])
        used = int(by_kind[USE]["at"]["N"]) if USE in by_kind else None
        decided = by_kind.get(DECISION)
        signature = bytes((decided or by_kind[REQUEST])["signature"]["B"])
        return StoredApproval(request, signature, _decision(decided) if decided else None, used)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RecordCorrupt("a stored approval does not parse") from None


def _request(tenant: str, approval_id: str, item: Item) -> ApprovalRequest:
    return ApprovalRequest(
        tenant,
        approval_id,
        _asker(item),
        item["purpose"]["S"],
        item["tokens_sha256"]["S"],
        {name: int(count["N"]) for name, count in item["types"]["M"].items()},
        int(item["asked"]["N"]),
        int(item["expires_at"]["N"]),
        _export_terms(item),
    )


def _export(export: ExportTerms | None) -> Item:
    if export is None:
        return {}
    types = {"L": [{"S": name} for name in export.types]}
    return {EXPORT: {"M": {"types": types, "recipient": {"S": export.recipient}}}}


def _export_terms(item: Item) -> ExportTerms | None:
    if EXPORT not in item:
        return None
    terms = item[EXPORT]["M"]
    return ExportTerms(tuple(name["S"] for name in terms["types"]["L"]), terms["recipient"]["S"])


def _decision(item: Item) -> Decision:
    return Decision(_asker(item), bool(item["approves"]["BOOL"]), int(item["at"]["N"]))


def _asker(item: Item) -> Actor:
    texts = {name: item[name]["S"] if name in item else None for name in ("user_sub", "username")}
    return Actor(item["client"]["S"], texts["user_sub"], texts["username"])


def _place(request: ApprovalRequest, kind: str) -> Item:
    ttl = {"N": str(request.expires_at + KEPT_SECONDS)}
    return {**primary_key(partition(request.tenant, request.approval_id), kind), "ttl": ttl}


def _actor(actor: Actor) -> Item:
    named = {"client": actor.client, "user_sub": actor.sub, "username": actor.username}
    return {name: {"S": text} for name, text in named.items() if text is not None}


def _parts(actor: Actor) -> tuple[str, str, str]:
    return actor.client, actor.sub or "", actor.username or ""
