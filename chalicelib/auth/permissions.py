"""May this caller do this? One question, one place."""

from collections.abc import Collection

from chalicelib.errors import ApprovalRequired, NotPermitted
from chalicelib.formats.base import Field
from chalicelib.model import ApprovalRule, Caller, RevealMode


def require_action(caller: Caller, action: str) -> None:
    """Raises `NotPermitted` unless policy and access token both grant the action."""
    if action not in caller.actions:
        raise NotPermitted(f"this client may not {action}, or its access token lacks the scope for it")


def require_type(caller: Caller, type_name: str) -> None:
    """Raises `NotPermitted` unless the caller may use the information type.

    Types that the policy does not have are not known here: looking one up is refused before this.
    """
    if type_name not in caller.types:
        raise NotPermitted("this client may not use this information type")


def require_reveal(caller: Caller, mode: RevealMode, purpose: str | None) -> None:
    """Raises `NotPermitted` unless the caller may reveal in this mode, for this purpose.

    A full reveal needs a purpose; a masked one may name one. A client that may reveal in full may also mask.
    """
    if mode == "full":
        require_action(caller, "detokenize")
    elif not caller.actions & {"detokenize", "detokenize.masked"}:
        require_action(caller, "detokenize.masked")
    if purpose is None and mode == "full":
        raise NotPermitted("a full reveal needs a purpose")
    if purpose is not None and purpose not in caller.purposes:
        raise NotPermitted("this client may not reveal for this purpose")


def require_fields(caller: Caller, mode: RevealMode, fields: Collection[Field] | None) -> None:
    """Raises `NotPermitted` for a caller that is held to some fields, and asks for more of a value in full.

    `fields` are those that it asks for, None for whole values. Masks show what the policy shows to all.
    """
    if caller.fields is None or mode == "masked":
        return
    if fields is None:
        raise NotPermitted("this client may reveal no whole value, only fields that it names (fields)")
    if not set(fields) <= caller.fields:
        raise NotPermitted("this client may not reveal each of these fields (fields)")


def require_on_behalf_of(caller: Caller, claimed: str | None) -> None:
    """Raises `NotPermitted` for a caller that names whom it asks for and whose word does not count."""
    if claimed is not None and not caller.on_behalf_of:
        raise NotPermitted("this client may not say whom it reveals for (on_behalf_of)")


def require_no_approval(caller: Caller, type_name: str) -> None:
    """Raises `ApprovalRequired` if full reveals of the type need a second person's approval."""
    if caller.approval is not None and type_name in caller.approval.types:
        raise ApprovalRequired("a second person has to approve reveals of this type: ask at /v1/approvals")


def approval_rule(caller: Caller) -> ApprovalRule:
    """What the policy says of the caller's approvals. Raises `NotPermitted` if it never needs one."""
    if caller.approval is None:
        raise NotPermitted("reveals of this client need no approval")
    return caller.approval
