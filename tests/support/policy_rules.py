"""Policies changed in the places that a test is about, and what is wrong with them."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from chalicelib.auth import policy
from chalicelib.auth.policy import Policy
from chalicelib.errors import ConfigurationError
from chalicelib.formats import registry
from tests.support.policies import VAULT_ID, text_and_digest

CLIENT = {
    "identities": [{"issuer": "https://pool", "client_id": "id", "api_key_id": "key"}],
    "actions": ["tokenize"],
    "types": ["text"],
}
TEXT = {"format": "text"}


def written(
    client: Mapping[str, Any] | None = None,
    types: Mapping[str, Any] | None = None,
    tenants: Mapping[str, Any] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A policy of one tenant with one client, changed in the places that are given."""
    return {
        "version": 1,
        "vault_id": VAULT_ID,
        "types": types or {"text": TEXT},
        "tenants": tenants or {"shop": {"clients": {"checkout": CLIENT | dict(client or {})}}},
        **changes,
    }


def loaded(document: Any, slot_share: Fraction = Fraction(1)) -> Policy:
    return policy.load(*text_and_digest(document), VAULT_ID, registry.build, slot_share)


def problems(document: Any) -> tuple[str, ...]:
    """Everything that is wrong with a policy; nothing for a good one."""
    try:
        loaded(document)
    except ConfigurationError as error:
        return error.problems
    return ()


def type_problems(**written_type: Any) -> tuple[str, ...]:
    return problems(written(types={"text": TEXT | written_type}))
