"""What an export is: to whom, of which types, for what, by whom; and who may ask for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.actors import Actor
from chalicelib.auth.permissions import require_export, require_type
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller
from chalicelib.crypto.exports import Recipient, read_recipient
from chalicelib.errors import InvalidRequest, NotPermitted
from chalicelib.service.budgets import Budgets
from chalicelib.service.export_parts import PARTS
from chalicelib.vault.approvals import ExportTerms


@dataclass(frozen=True)
class ExportRequest:
    """What a caller asks to have: all living tokens of `types`, None for all that it may use and that may be
    kept, sealed to `recipient`, for a purpose. `approval` is the id of a second person's approval; it says
    nothing of `parts`, since whoever has all of them has the same as in one."""

    recipient: Recipient
    types: tuple[str, ...] | None
    purpose: str
    approval: str | None = None
    parts: int = 1


@dataclass(frozen=True)
class Export:
    """An export that was begun, as its signed opening says. Times are Unix times in whole seconds.

    `approval` is the id of the approval that it was begun under, if any, which `approved_by` gave.
    """

    export_id: str
    tenant: str
    asked_by: Actor
    terms: ExportTerms
    recipient: Recipient
    purpose: str
    begun: int
    approval: str | None = None
    approved_by: Actor | None = None
    parts: int = 1


def export_request(
    recipient: str,
    types: Sequence[str] | None,
    purpose: str,
    approval: str | None = None,
    parts: int = 1,
) -> ExportRequest:
    """A request, with a recipient's key in PEM. Raises `InvalidRequest` for what is none, and for a number
    of parts that does not cut the vault evenly."""
    if parts not in PARTS:
        raise InvalidRequest(f"parts: one of {', '.join(map(str, PARTS))}", "/parts")
    return ExportRequest(
        read_recipient(recipient), None if types is None else tuple(types), purpose, approval, parts
    )


def export_terms(caller: Caller, policy: Policy, budgets: Budgets, request: ExportRequest) -> ExportTerms:
    """What the caller would get.

    Raises `NotPermitted`, `InvalidRequest` for a type whose values may not be kept: a file keeps them, or
    `BudgetExceeded` where no hour gives a token of it: an approval shall not be used up for nothing.
    """
    caller = require_export(caller, request.purpose)
    for name in request.types or ():
        require_type(caller, name)
        if name not in policy.types or policy.types[name].is_short_lived:
            raise InvalidRequest(
                "types: values of one of them may not be kept, and are never exported", "/types"
            )
    types = tuple(sorted(set(request.types))) if request.types else _all(caller, policy)
    if not types:
        raise NotPermitted("this client may use no type whose values may be kept", rule="type")
    budgets.require_any(caller, "reveals", types)
    return ExportTerms(types, request.recipient.fingerprint)


def require_still(caller: Caller, policy: Policy, export: Export) -> Caller:
    """The caller as it goes on with an export: what it may do is asked of the policy at each page.

    Raises `NotPermitted`.
    """
    if export.tenant != caller.tenant or not Actor.of(caller).is_the_same_as(export.asked_by):
        raise NotPermitted("this export was begun by somebody else", rule="begun_by")
    acting = require_export(caller, export.purpose)
    for name in export.terms.types:
        require_type(acting, name)
    if any(policy.types[name].is_short_lived for name in export.terms.types):
        raise NotPermitted("a type of this export has values that may no longer be kept", rule="type")
    if caller.approval is not None and export.approval is None:
        raise NotPermitted(
            "exports of this client need an approval by now, and this one was begun without", rule="approval"
        )
    return acting


def _all(caller: Caller, policy: Policy) -> tuple[str, ...]:
    return tuple(sorted(name for name in caller.types if not policy.types[name].is_short_lived))
