"""Which client may do what, with which type, for which purpose: decided by the service's own rules."""

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

import msgspec

from chalicelib.auth.approval_policy import ApprovalDocument
from chalicelib.auth.documents import ClientDocument, PolicyDocument
from chalicelib.auth.permissions import require_action, require_export, require_reveal, require_type
from chalicelib.auth.policy import grant
from chalicelib.caller import Caller
from chalicelib.errors import NotPermitted
from chalicelib.model import ACTIONS, Action
from tests.support.evidence.part import CannotHaveError, Part, Table

NAME: Final = "client-access"
TITLE: Final = "Clients and groups of people: action, type, purpose"

Question = tuple[Caller, str | None, Action, str, str | None]
"""A caller, the group that makes it a person's, an action, a type and a purpose."""


def grants(policy: dict[str, Any]) -> tuple[list[dict[str, str | None]], int]:
    """What is allowed, of all that a policy document could allow; and how many questions were asked.

    Identities may be missing. Raises `CannotHaveError` for what is no policy document.
    """
    try:
        document = msgspec.convert(_with_identities(policy), PolicyDocument)
    except (msgspec.ValidationError, KeyError, TypeError, AttributeError) as error:
        raise CannotHaveError(f"the policy document does not parse: {error}") from None
    asked = list(_questions(document))
    return [
        {
            "tenant": caller.tenant,
            "client": caller.client,
            "group": group,
            "action": action,
            "type": kind,
            "purpose": purpose,
        }
        for caller, group, action, kind, purpose in asked
        if _may(caller, action, kind, purpose)
    ], len(asked)


def _with_identities(policy: dict[str, Any]) -> dict[str, Any]:
    return {
        **policy,
        "tenants": {
            name: {
                **tenant,
                "clients": {c: {"identities": [], **client} for c, client in tenant["clients"].items()},
            }
            for name, tenant in policy["tenants"].items()
        },
    }


def _questions(document: PolicyDocument) -> Iterator[Question]:
    purposes = {
        p for tenant in document.tenants.values() for c in tenant.clients.values() for p in c.purposes
    }
    for caller, group in _callers(document):
        for action in ACTIONS:
            reveals = action.startswith("detokenize") or action == "export"
            named = [None, *sorted(purposes)] if reveals else [None]
            for kind, purpose in product(_types(document, action), named):
                yield caller, group, action, kind, purpose


def _callers(document: PolicyDocument) -> Iterator[tuple[Caller, str | None]]:
    """Each service, and each client for people as somebody of each group uses it: without one, nobody may do
    anything there, and who is in two may do what either allows, not what they would together."""
    for tenant_name, tenant in document.tenants.items():
        for name, client in tenant.clients.items():
            caller = _caller(tenant_name, name, client)
            if client.kind == "service":
                yield caller, None
                continue
            for group, written in tenant.groups.items():
                yield caller.in_groups([grant(written)]), group


def _types(document: PolicyDocument, action: Action) -> list[str]:
    """Those that an action could be allowed for: few types take tokens from elsewhere."""
    return sorted(
        name
        for name, written in document.types.items()
        if action != "import" or written.imported_tokens is not None
    )


def _caller(tenant: str, name: str, client: ClientDocument) -> Caller:
    allowed = grant(client)
    return Caller(tenant, name, allowed.actions, allowed.types, allowed.purposes, allowed.budgets)


def _may(caller: Caller, action: Action, kind: str, purpose: str | None) -> bool:
    try:
        if action == "detokenize":
            caller = require_reveal(caller, "full", purpose)
        elif action == "export":
            caller = require_export(caller, purpose or "")
        elif action == "detokenize.masked":
            caller = require_reveal(caller, "masked", purpose)
        else:
            caller = require_action(caller, action)
        require_type(caller, kind)
    except NotPermitted:
        return False
    return True


def client_access(policy: dict[str, Any], source: str) -> Part:
    """The part: what clients and people may do, their budgets, which reveals a second person approves, fields
    that they are held to, and whose word is taken."""
    allowed, asked = grants(policy)
    approved = _approved(policy)
    naming, asserting, held = _naming(policy), _asserting(policy), _held_to_fields(policy)
    return Part(
        NAME,
        TITLE,
        "recorded",
        f"of {asked} questions {len(allowed)} are allowed, all others denied; from {source}",
        {
            "source": source,
            "asked": asked,
            "allowed": allowed,
            "budgets": _budgets(policy),
            "budgets_of_each_person": _budgets(policy, "groups"),
            "approval": approved,
            "on_behalf_of": naming,
            "assertions": asserting,
            "fields": held,
        },
        [
            _table(allowed),
            _budget_table(policy),
            _approval_table(approved),
            _fields_table(held),
            _naming_table(naming),
            _asserting_table(asserting),
        ],
    )


def _table(allowed: list[dict[str, str | None]]) -> Table:
    rows: dict[tuple[str, ...], list[str]] = {}
    for each in allowed:
        group = f"{each['tenant']}/{each['group']}" if each["group"] else "a service"
        key = f"{each['tenant']}/{each['client']}", group, str(each["action"]), str(each["type"])
        unnamed = "without one" if key[2].startswith("detokenize") else "not asked for"
        rows.setdefault(key, []).append(each["purpose"] or unnamed)
    return Table(
        "What clients may do; at those for people, who is in the group. What is not here is denied. "
        "Two groups of one person do not add up.",
        ["client", "group", "action", "type", "purpose"],
        [[*key, ", ".join(purposes)] for key, purposes in rows.items()],
    )


def _budgets(policy: dict[str, Any], of: str = "clients") -> dict[str, dict[str, int | None]]:
    kinds = ("reveals_per_hour", "searches_per_hour", "deterministic_tokens_per_hour")
    return {
        f"{tenant_name}/{name}": {kind: said.get(kind) for kind in kinds}
        for tenant_name, tenant in policy["tenants"].items()
        for name, said in tenant.get(of, {}).items()
    }


def _approved(policy: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Clients whose full reveals a second person has to approve: over how many an hour, of which types."""
    return {
        f"{tenant_name}/{name}": {
            "over_per_hour": said.get("over_per_hour"),
            "types": sorted(said.get("types") or []),
            "valid_seconds": said.get("valid_seconds", ApprovalDocument().valid_seconds),
        }
        for tenant_name, tenant in policy["tenants"].items()
        for name, client in tenant["clients"].items()
        if (said := client.get("approval"))
    }


def _approval_table(approved: dict[str, dict[str, Any]]) -> Table:
    return Table(
        "Whose full reveals a second person has to approve: over so many values an hour, and of these types "
        "whatever the number. Who may approve has the action approve, above.",
        ["client", "over an hour", "always of types", "good for seconds"],
        [
            [
                client,
                "no limit" if said["over_per_hour"] is None else str(said["over_per_hour"]),
                ", ".join(said["types"]) or "none",
                str(said["valid_seconds"]),
            ]
            for client, said in approved.items()
        ]
        or [["nobody's", "no limit", "none", "never"]],
    )


def _naming(policy: dict[str, Any]) -> list[str]:
    """Clients that may say, on their word alone, for which person they reveal."""
    return [
        f"{tenant_name}/{name}"
        for tenant_name, tenant in policy["tenants"].items()
        for name, client in tenant["clients"].items()
        if client.get("on_behalf_of")
    ]


def _asserting(policy: dict[str, Any]) -> dict[str, list[str]]:
    """Clients that may pass on signed assertions: whose, and whether they reveal without one."""
    return {
        f"{tenant_name}/{name}": [said["issuer"], "always" if said.get("required") else "where there is one"]
        for tenant_name, tenant in policy["tenants"].items()
        for name, client in tenant["clients"].items()
        if (said := client.get("assertions"))
    }


def _asserting_table(asserting: dict[str, list[str]]) -> Table:
    return Table(
        "Whose signed word is taken for whom they reveal (assertions), and whether they reveal without it.",
        ["client", "issuer", "needed"],
        [[client, *said] for client, said in asserting.items()] or [["nobody", "none", "never"]],
    )


def _held_to_fields(policy: dict[str, Any]) -> dict[str, list[str]]:
    """Clients that reveal no whole value, and the fields that they may reveal."""
    return {
        f"{tenant_name}/{name}": sorted(client["fields"])
        for tenant_name, tenant in policy["tenants"].items()
        for name, client in tenant["clients"].items()
        if client.get("fields")
    }


def _fields_table(held: dict[str, list[str]]) -> Table:
    return Table(
        "Who may reveal in full no more than these fields of their types. Nobody else is held to any.",
        ["client", "fields"],
        [[client, ", ".join(fields)] for client, fields in held.items()] or [["nobody", "none"]],
    )


def _naming_table(naming: list[str]) -> Table:
    return Table(
        "Whose word is taken for whom they reveal (on_behalf_of). Nobody else may say it.",
        ["client"],
        [[client] for client in naming] or [["nobody's"]],
    )


def _budget_table(policy: dict[str, Any]) -> Table:
    named = _budgets(policy) | {
        f"each person of {group}": limits for group, limits in _budgets(policy, "groups").items()
    }
    rows = [
        [whose, *("no limit" if limit is None else str(limit) for limit in limits.values())]
        for whose, limits in named.items()
    ]
    return Table("Budgets an hour", ["whose", "reveals", "searches", "deterministic tokens"], rows)
