"""Which client may do what, with which type, for which purpose: decided by the service's own rules."""

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

import msgspec

from chalicelib.auth.documents import ClientDocument, PolicyDocument
from chalicelib.auth.permissions import require_action, require_reveal, require_type
from chalicelib.caller import Caller
from chalicelib.errors import NotPermitted
from chalicelib.model import ACTIONS, Action
from tests.support.evidence.part import CannotHaveError, Part, Table

NAME: Final = "client-access"
TITLE: Final = "Clients: action, type, purpose"
EVERY_TYPE: Final = "every type"
"""Erasing does not look at the type: a tenant's client that may erase may erase all of its tokens."""


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
        {"tenant": caller.tenant, "client": caller.client, "action": action, "type": kind, "purpose": purpose}
        for caller, action, kind, purpose in asked
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


def _questions(document: PolicyDocument) -> Iterator[tuple[Caller, Action, str, str | None]]:
    purposes = {
        p for tenant in document.tenants.values() for c in tenant.clients.values() for p in c.purposes
    }
    for tenant_name, tenant in document.tenants.items():
        for name, client in tenant.clients.items():
            caller = _caller(tenant_name, name, client)
            for action in ACTIONS:
                types = [EVERY_TYPE] if action == "erase" else _types(document, action)
                reveals = action.startswith("detokenize")
                for kind, purpose in product(types, [None, *sorted(purposes)] if reveals else [None]):
                    yield caller, action, kind, purpose


def _types(document: PolicyDocument, action: Action) -> list[str]:
    """Those that an action could be allowed for: few types take tokens from elsewhere."""
    return sorted(
        name
        for name, written in document.types.items()
        if action != "import" or written.imported_tokens is not None
    )


def _caller(tenant: str, name: str, client: ClientDocument) -> Caller:
    return Caller(
        tenant,
        name,
        frozenset(client.actions),
        frozenset(client.types),
        frozenset(client.purposes),
        client.budgets,
    )


def _may(caller: Caller, action: Action, kind: str, purpose: str | None) -> bool:
    try:
        if action == "detokenize":
            require_reveal(caller, "full", purpose)
        elif action == "detokenize.masked":
            require_reveal(caller, "masked", purpose)
        else:
            require_action(caller, action)
        if kind != EVERY_TYPE:
            require_type(caller, kind)
    except NotPermitted:
        return False
    return True


def client_access(policy: dict[str, Any], source: str) -> Part:
    """The part: what clients may do, their budgets, fields that they are held to, and whose word is taken."""
    allowed, asked = grants(policy)
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
            "on_behalf_of": naming,
            "assertions": asserting,
            "fields": held,
        },
        [
            _table(allowed),
            _budget_table(policy),
            _fields_table(held),
            _naming_table(naming),
            _asserting_table(asserting),
        ],
    )


def _table(allowed: list[dict[str, str | None]]) -> Table:
    rows: dict[tuple[str, ...], list[str]] = {}
    for grant in allowed:
        key = f"{grant['tenant']}/{grant['client']}", str(grant["action"]), str(grant["type"])
        unnamed = "without one" if key[1].startswith("detokenize") else "not asked for"
        rows.setdefault(key, []).append(grant["purpose"] or unnamed)
    return Table(
        "What clients may do. What is not here is denied.",
        ["client", "action", "type", "purpose"],
        [[*key, ", ".join(purposes)] for key, purposes in rows.items()],
    )


def _budgets(policy: dict[str, Any]) -> dict[str, dict[str, int | None]]:
    kinds = ("reveals_per_hour", "searches_per_hour", "deterministic_tokens_per_hour")
    return {
        f"{tenant_name}/{name}": {kind: client.get(kind) for kind in kinds}
        for tenant_name, tenant in policy["tenants"].items()
        for name, client in tenant["clients"].items()
    }


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
    rows = [
        [client, *("no limit" if limit is None else str(limit) for limit in limits.values())]
        for client, limits in _budgets(policy).items()
    ]
    return Table("Budgets an hour", ["client", "reveals", "searches", "deterministic tokens"], rows)
