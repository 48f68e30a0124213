"""The policy of the tests: the tenants of `environments/local.tfvars`, without Terraform."""

import hashlib
import json
from copy import deepcopy
from fractions import Fraction
from typing import Any

from chalicelib.auth.policy import Policy, load
from chalicelib.formats import registry
from chalicelib.model import ACTIONS

VAULT_ID = "test-vault"
ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_TESTPOOL"
PURPOSES = {"settlement": ["settlement", "refund"], "intake": ["treatment"]}
CLIENTS = {
    "shop": {
        "checkout": ["tokenize", "read", "capture"],
        "settlement": ["detokenize"],
        "support": ["detokenize.masked", "read"],
        "privacy": ["erase", "search", "subjects.read"],
    },
    "clinic": {"intake": ["tokenize", "detokenize", "search", "read", "subjects.read", "erase"]},
}
APPROVERS = ("officer", "deputy")
TYPES: dict[str, dict[str, Any]] = {
    "card_number": {"format": "card_number", "options": {"keep_last": 4}},
    "text": {"format": "text"},
    "card_known": {"format": "card_number", "mode": "deterministic"},
    "text_known": {"format": "text", "mode": "deterministic", "derivation": "cached"},
    "short_lived": {"format": "text", "default_ttl_seconds": 60, "max_ttl_seconds": 3600},
}


def document(types: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """A policy document of its own, which a test may change; every client may use every type."""
    types = deepcopy(TYPES if types is None else types)
    return {
        "version": 1,
        "vault_id": VAULT_ID,
        "types": types,
        "tenants": {
            tenant: {
                "clients": {name: _client(name, actions, list(types)) for name, actions in clients.items()}
            }
            for tenant, clients in CLIENTS.items()
        },
    }


def limited(tenant: str, client: str, **limits: int) -> dict[str, Any]:
    """The policy with budgets for one client."""
    written = document()
    written["tenants"][tenant]["clients"][client] |= limits
    return written


IMPORTED: dict[str, dict[str, Any]] = {
    "card_number": {"pattern": "old_[A-Za-z0-9]{8}|[0-9]{16}", "own_shape": True},
    "text": {"pattern": "old_[A-Za-z0-9]{8}", "values": True},
    "short_lived": {"pattern": "old_[A-Za-z0-9]{8}", "values": True},
}
"""How tokens from elsewhere look that are imported, by type."""


def importing() -> dict[str, Any]:
    """The policy in which the clients `migration` of `shop` and `clinic_migration` of `clinic` may import."""
    written = document()
    for name, said in IMPORTED.items():
        written["types"][name]["imported_tokens"] = dict(said)
    return migrating(written)


def migrating(written: dict[str, Any]) -> dict[str, Any]:
    """The policy with those clients."""
    for of, name in (("shop", "migration"), ("clinic", "clinic_migration")):
        written["tenants"][of]["clients"][name] = _client(name, ["import"], list(written["types"]))
    return written


def naming(*clients: str, types: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """The policy in which these clients of `shop` may say whom they reveal for."""
    written = document(types)
    for client in clients:
        written["tenants"]["shop"]["clients"][client] |= {"on_behalf_of": True}
    return written


def approving(types: dict[str, dict[str, Any]] | None = None, /, **rule: Any) -> dict[str, Any]:
    """The policy in which reveals of `settlement` need the approval of `officer`, by default over 2 an hour.

    The clients `officer` and `deputy` may approve, and so may `settlement`: people sign in to it.
    """
    written = document(types)
    clients = written["tenants"]["shop"]["clients"]
    for name in APPROVERS:
        clients[name] = _client(name, ["approve"], list(TYPES if types is None else types))
    clients["settlement"]["actions"] += ["approve"]
    clients["settlement"]["approval"] = {"over_per_hour": 2, **rule}
    return written


def with_people(**groups: dict[str, Any]) -> dict[str, Any]:
    """The policy with a client `desk` of `shop` for people, who are in these groups."""
    written = document()
    types, purposes = list(written["types"]), PURPOSES["settlement"]
    identity = {"issuer": ISSUER, "client_id": "id-of-desk"}
    actions = [action for action in ACTIONS if action not in ("import", "capture")]
    allowed = {"actions": actions, "types": types, "purposes": purposes}
    written["tenants"]["shop"]["clients"]["desk"] = allowed | {"identities": [identity], "kind": "browser"}
    written["tenants"]["shop"]["groups"] = {
        name: {"types": types, "purposes": [], **group} for name, group in groups.items()
    }
    return written


def exporting(
    written: dict[str, Any] | None = None, /, approval: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The policy in which `mover` of `shop` and `clinic_mover` of `clinic` may export.

    With an `approval`, exports of `mover` need one, and `officer` and `deputy` may give it.
    """
    written = document() if written is None else written
    for of, name in (("shop", "mover"), ("clinic", "clinic_mover")):
        client = _client(name, ["export"], list(written["types"]))
        written["tenants"][of]["clients"][name] = client | {"purposes": ["moving"]}
    if approval is not None:
        clients = written["tenants"]["shop"]["clients"]
        clients["mover"]["approval"] = {"over_per_hour": 0, **approval}
        for name in APPROVERS:
            clients[name] = _client(name, ["approve"], list(written["types"]))
    return written


def identity(name: str) -> dict[str, Any]:
    """How the account of the tests knows a client."""
    return {"issuer": ISSUER, "client_id": f"id-of-{name}", "api_key_id": f"key-of-{name}"}


def _client(name: str, actions: list[str], types: list[str]) -> dict[str, Any]:
    purposes = list(PURPOSES.get(name, []))
    return {"identities": [identity(name)], "actions": list(actions), "types": types, "purposes": purposes}


def text_and_digest(written: dict[str, Any]) -> tuple[str, str]:
    """The text as stored, and the digest that the functions are deployed with."""
    text = json.dumps(written)
    return text, hashlib.sha256(text.encode()).hexdigest()


def loaded(types: dict[str, dict[str, Any]], slot_share: Fraction = Fraction(1)) -> Policy:
    """The policy of these types as a function loads it. Raises `ConfigurationError`."""
    return load(*text_and_digest(document(types)), VAULT_ID, registry.build, slot_share)
