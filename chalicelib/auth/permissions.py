"""May this caller do this? One question, one place.

A person has a grant for each group. So the first question, whether the action is allowed, is answered with
the caller as it is for that action: only the types and budgets of groups that allow it count.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import get_args

from chalicelib.caller import ApprovalRule, Caller, Grant
from chalicelib.errors import ApprovalRequired, NotPermitted
from chalicelib.formats.base import Field
from chalicelib.model import BudgetKind, RevealMode


def require_admitted(caller: Caller) -> None:
    """Raises `NotPermitted` if the caller may do nothing with this request."""
    if caller.refused is not None:
        raise caller.refused


def require_action(caller: Caller, action: str) -> Caller:
    """The caller as it does this. Raises `NotPermitted` unless policy and access token both grant it."""
    require_admitted(caller)
    if action not in caller.actions:
        raise _refused(caller, action)
    return _acting(caller, lambda grant: action in grant.actions)


def require_type(caller: Caller, type_name: str) -> None:
    """Raises `NotPermitted` unless the caller may use the information type for the action that it was let do.

    Types that the policy does not have are not known here: looking one up is refused before this.
    """
    if caller.grants or type_name not in caller.types:
        raise wrong_type()


def wrong_type(pointer: str | None = None) -> NotPermitted:
    """The error of a type that a caller may not use."""
    return NotPermitted("this client may not use this information type", pointer, rule="type")


def require_reveal(caller: Caller, mode: RevealMode, purpose: str | None) -> Caller:
    """The caller as it reveals. Raises `NotPermitted` unless it may in this mode, for this purpose.

    A full reveal needs a purpose; a masked one may name one. A client that may reveal in full may also mask.
    Of a person's groups, one has to allow both.
    """
    if mode == "full":
        require_action(caller, "detokenize")
    elif not caller.actions & {"detokenize", "detokenize.masked"}:
        require_action(caller, "detokenize.masked")
    if purpose is None and mode == "full":
        raise NotPermitted("a full reveal needs a purpose", rule="purpose")
    if purpose is not None and purpose not in caller.purposes:
        raise NotPermitted("this client may not reveal for this purpose", rule="purpose")
    reveals = {"detokenize"} if mode == "full" else {"detokenize", "detokenize.masked"}
    return _acting(
        caller, lambda grant: bool(grant.actions & reveals) and (purpose is None or purpose in grant.purposes)
    )


def require_export(caller: Caller, purpose: str) -> Caller:
    """The caller as it exports. Raises `NotPermitted` unless it may, for this purpose.

    An export gives whole values, and names no person but the one who signed in.
    """
    require_action(caller, "export")
    if purpose not in caller.purposes:
        raise NotPermitted("this client may not export for this purpose", rule="purpose")
    if caller.fields is not None or (caller.assertions is not None and caller.assertions.required):
        raise NotPermitted(
            "this client may not export: it is held to fields or to assertions", rule="whole_values"
        )
    return _acting(caller, lambda grant: "export" in grant.actions and purpose in grant.purposes)


def require_fields(caller: Caller, mode: RevealMode, fields: Collection[Field] | None) -> None:
    """Raises `NotPermitted` for a caller that is held to some fields, and asks for more of a value in full.

    `fields` are those that it asks for, None for whole values. Masks show what the policy shows to all.
    """
    if caller.fields is None or mode == "masked":
        return
    if fields is None:
        raise NotPermitted(
            "this client may reveal no whole value, only fields that it names (fields)", rule="fields"
        )
    if not set(fields) <= caller.fields:
        raise NotPermitted("this client may not reveal each of these fields (fields)", rule="fields")


def require_on_behalf_of(caller: Caller, claimed: str | None) -> None:
    """Raises `NotPermitted` for a caller that names whom it asks for and whose word does not count."""
    if claimed is not None and not caller.on_behalf_of:
        raise NotPermitted("this client may not say whom it reveals for (on_behalf_of)", rule="on_behalf_of")


def require_no_approval(caller: Caller, type_name: str) -> None:
    """Raises `ApprovalRequired` if full reveals of the type need a second person's approval."""
    if caller.approval is not None and type_name in caller.approval.types:
        raise ApprovalRequired("a second person has to approve reveals of this type: ask at /v1/approvals")


def approval_rule(caller: Caller) -> ApprovalRule:
    """What the policy says of the caller's approvals. Raises `NotPermitted` if it never needs one."""
    if caller.approval is None:
        raise NotPermitted("reveals of this client need no approval", rule="approval")
    return caller.approval


def _refused(caller: Caller, action: str) -> NotPermitted:
    """Of a person it is not told apart whether groups, the client or the access token lack the action."""
    if caller.user is None:
        return NotPermitted(
            f"this client may not {action}, or its access token lacks the scope for it", rule="action"
        )
    return NotPermitted(
        f"no group of this person may {action}, or the client or its access token may not", rule="groups"
    )


def _acting(caller: Caller, allows: Callable[[Grant], bool]) -> Caller:
    """The caller with what those of its grants have that allow something."""
    if not caller.grants:
        return caller
    allowing = [grant for grant in caller.grants if allows(grant)]
    if not allowing:
        raise NotPermitted("no group of this person may do this for this purpose", rule="groups")
    acting = replace(caller.of_grants(allowing), grants=())
    return replace(acting, own_budgets={name: _largest(name, allowing) for name in acting.types})


def _largest(type_name: str, grants: Sequence[Grant]) -> Mapping[BudgetKind, int]:
    """The largest budget of each kind that one of the groups gives for the type; none where one of those that
    have the type sets no limit. A group lifts no limit of types that it does not have."""
    having = [grant for grant in grants if type_name in grant.types]
    return {
        kind: max(grant.budgets[kind] for grant in having)
        for kind in get_args(BudgetKind)
        if all(kind in grant.budgets for grant in having)
    }
