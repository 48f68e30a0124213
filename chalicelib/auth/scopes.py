"""Actions of the policy, and the OAuth scopes that carry them in an access token."""

from typing import Final

RESOURCE_SERVER: Final = "vault"
"""Identifier of the Cognito resource server; a scope is written `vault/<action>`."""

ACTIONS: Final = ("tokenize", "detokenize", "detokenize.masked", "search", "read", "erase")
"""Everything that a client of a tenant may be allowed to do."""


def scope(action: str) -> str:
    """The OAuth scope that an access token needs for an action."""
    return f"{RESOURCE_SERVER}/{action}"


ANY_SCOPE: Final = tuple(scope(action) for action in ACTIONS)

REVEALING_SCOPES: Final = frozenset(scope(a) for a in ("detokenize", "detokenize.masked", "erase"))
"""Scopes that must never reach the tokenizing function: whoever took that function over could
replay the access token against the revealing one."""
