"""What a test is told of the service that it runs with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TokenvaultDev:
    """Where the service answers, and its clients by name."""

    url: str
    token_url: str
    clients: Mapping[str, Mapping[str, Any]] = field(repr=False)

    def environment(self, client: str) -> dict[str, str]:
        """The variables that the Python client and the command line tool read. Raises `KeyError`."""
        if client not in self.clients:
            raise KeyError(f"the policy has no client {client}; it has {', '.join(sorted(self.clients))}")
        facts = self.clients[client]
        return {
            "TOKENVAULT_URL": self.url,
            "TOKENVAULT_TOKEN_URL": self.token_url,
            "TOKENVAULT_CLIENT_ID": facts["client_id"],
            "TOKENVAULT_CLIENT_SECRET": facts["client_secret"],
            "TOKENVAULT_API_KEY": facts["api_key"],
        }
