"""A running stack, and calls to it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from local.caller import Answer, access_token, call
from local.stack import Stack

_RENEWED_SECONDS: Final = 120
"""How long an access token is used; all of a stack's tests may take longer than one lasts."""


@dataclass
class Running:
    """A running stack, and calls to it."""

    stack: Stack
    _tokens: dict[tuple[str, tuple[str, ...]], tuple[str, float]] = field(default_factory=dict, repr=False)

    def client(self, name: str) -> dict[str, Any]:
        """What a client needs to call the API."""
        return next(client for client in self.stack.clients if client["name"] == name)

    def environment(self, name: str) -> dict[str, str]:
        """What `stack.env` and `clients.json` say of a client, as the variables of the client's own tool."""
        client = self.client(name)
        return {
            "TOKENVAULT_URL": self.stack.places.url,
            "TOKENVAULT_TOKEN_URL": self.stack.token_url,
            "TOKENVAULT_CLIENT_ID": client["client_id"],
            "TOKENVAULT_CLIENT_SECRET": client["client_secret"],
            "TOKENVAULT_API_KEY": client["api_key"],
        }

    def access_token(self, name: str, scopes: Sequence[str] = ()) -> str:
        """An access token of a client, asked for once in a while."""
        key = name, tuple(scopes)
        token, since = self._tokens.get(key, ("", 0.0))
        if not token or time.monotonic() - since > _RENEWED_SECONDS:
            token = access_token(self.stack.token_url, self.client(name), scopes)
            self._tokens[key] = token, time.monotonic()
        return token

    def call(self, method: str, path: str, name: str, scopes: Sequence[str] = (), body: Any = None) -> Answer:
        """A request of a client with its own credentials."""
        token, key = self.access_token(name, scopes), self.client(name)["api_key"]
        return self.raw(method, path, token, key, body)

    def raw(self, method: str, path: str, token: str | None, key: str | None, body: Any = None) -> Answer:
        """A request with whatever credentials."""
        return call(f"{self.stack.places.url}{path}", method, token, key, body)

    def log(self, function: str) -> str:
        """What a function has said, wherever it runs."""
        file = self.stack.places.logs / f"{function}.log"
        if file.exists():
            return file.read_text(errors="replace")
        group = f"/aws/lambda/{self.stack.outputs['function_names'][function]}"
        pages = self.stack.account.client("logs").get_paginator("filter_log_events")
        return "\n".join(
            event["message"] for page in pages.paginate(logGroupName=group) for event in page["events"]
        )

    def tokenize(self, *items: dict[str, Any]) -> Answer:
        """Tokenizes for the shop."""
        return self.call("POST", "/v1/tokenize", "checkout", ["vault/tokenize"], {"items": list(items)})

    def detokenize(self, *tokens: str, **more: Any) -> Answer:
        """Detokenizes in full for the shop."""
        body = {"items": [{"token": token} for token in tokens], "purpose": "refund", **more}
        return self.call("POST", "/v1/detokenize", "settlement", ["vault/detokenize"], body)
