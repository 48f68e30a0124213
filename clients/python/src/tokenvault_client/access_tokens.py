"""Access tokens by client credentials (RFC 6749, 4.4), and which side of the API each is for."""

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Final, Protocol

from tokenvault_client.deadlines import Deadline

REVEALING: Final = frozenset(
    {"detokenize", "detokenize.masked", "subjects.read", "erase", "approve", "export"}
)
"""Actions of the revealing side. The tokenizing function refuses an access token with a scope for any of
them: an attacker in that function could replay it against the revealing one."""

TOKENIZING: Final = frozenset({"tokenize", "import", "capture", "search", "read"})

ANY: Final = REVEALING | TOKENIZING


@dataclass(frozen=True)
class AccessToken:
    """An access token, its scopes, and until when (by the clock of who holds it) it is used."""

    text: str = field(repr=False)
    scopes: frozenset[str]
    use_until: float

    def actions(self) -> frozenset[str]:
        """What its scopes allow: `vault/tokenize` allows `tokenize`."""
        return frozenset(action_of(scope) for scope in self.scopes)


class AccessTokenSource(Protocol):
    """Has the access token for an action: `HeldTokens` for a service, `PersonTokens` for a person."""

    async def get(self, actions: Set[str], deadline: Deadline) -> AccessToken: ...

    async def forget(self, refused: AccessToken, deadline: Deadline) -> None: ...


def action_of(scope: str) -> str:
    """The action that a scope allows."""
    return scope.rpartition("/")[2]
