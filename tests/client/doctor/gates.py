"""An API that lets in whom it should, on the fake service; and the ways in which it may fail to."""

import re
from collections.abc import Callable

from tests.client.service import Answer, Seen, Service, problem

TYPES = {"types": [{"type": "note", "format": "text", "mode": "random", "max_ttl_seconds": 60}]}
MADE = {
    "token": "tok",
    "type": "note",
    "created": "2026-01-02T03:04:05Z",
    "expires_at": "2026-01-02T03:05:05Z",
}
_METADATA_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")  # chalicelib/service/accepting.py
REFUSED = problem(403, "not_permitted")

Gate = Callable[[Seen], Answer]


def sound(seen: Seen) -> Answer:
    """The API as it should be."""
    if seen.path == "/v1/health":
        return Answer(200, {})
    if not seen.headers.get("Authorization", "").startswith("Bearer e30."):
        return problem(401, "unauthenticated")
    if "x-api-key" not in seen.headers:
        return problem(403, "invalid_api_key")
    if seen.path in ("/v1/detokenize", "/v1/search"):
        return REFUSED
    return _tokenized(seen) if seen.path == "/v1/tokenize" else Answer(200, TYPES)


def _tokenized(seen: Seen) -> Answer:
    """As the service: items with names of metadata that it refuses fail by themselves."""
    fits = all(_METADATA_NAME.fullmatch(name) for item in seen.body["items"] for name in item["metadata"])
    return Answer(200, {"results": [MADE if fits else {"error": {"code": "invalid_value"}}]})


def but(path: str, instead: Answer, *, when: Callable[[Seen], bool] = lambda seen: True) -> Gate:
    """The sound API with another answer at one path, in some cases."""
    return lambda seen: instead if seen.path == path and when(seen) else sound(seen)


def settle(service: Service, gate: Gate, scopes: str) -> None:
    """Has the service answer so, for a client with these scopes."""
    service.usual, service.scopes = gate, scopes
