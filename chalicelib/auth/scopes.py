"""Actions of the policy, and the OAuth scopes that carry them in an access token."""

from typing import Final

from chalicelib.model import Action

RESOURCE_SERVER: Final = "vault"
"""Identifier of the Cognito resource server; a scope is written `vault/<action>`."""


def scope(action: Action) -> str:
    """The OAuth scope that an access token needs for an action."""
    return f"{RESOURCE_SERVER}/{action}"


REVEALING_ACTIONS: Final[tuple[Action, ...]] = (
    "detokenize",
    "detokenize.masked",
    "subjects.read",
    "erase",
    "approve",
    "export",
)

REVEALING_SCOPES: Final = frozenset(scope(action) for action in REVEALING_ACTIONS)
"""Scopes that must never reach the tokenizing function: an attacker who took that function over could
replay the access token against the revealing one."""
