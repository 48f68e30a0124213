"""Requests that carry an idempotency key: what is stored of them, and what is asked of a store. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from chalicelib.errors import RecordCorrupt

LIFETIME_SECONDS: Final = 24 * 3600
"""How long a retry is known as one; then the same key begins a new request."""


@dataclass(frozen=True)
class StoredRequest:
    """A request as it was first seen. `created` is a Unix time in whole seconds."""

    key_hash: str
    body_mac: bytes = field(repr=False)
    seed: bytes = field(repr=False)
    created: int


class RequestStore(Protocol):
    """Requests by the hash of their key, in one Region."""

    def first(self, request: StoredRequest) -> StoredRequest:
        """Stores the request, unless one stands there whose time is not up; returns what stands.

        Raises `StoreUnavailable`.
        """
        ...


def request_item(request: StoredRequest) -> dict[str, Any]:
    """The item that holds a request."""
    return {
        "pk": {"S": request.key_hash},
        "sk": {"S": "request"},
        "body_mac": {"B": request.body_mac},
        "seed": {"B": request.seed},
        "created": {"N": str(request.created)},
        "ttl": {"N": str(request.created + LIFETIME_SECONDS)},
    }


def parse_request(item: Mapping[str, Any]) -> StoredRequest:
    """The request that an item holds. Raises `RecordCorrupt` where it holds none."""
    try:
        return StoredRequest(
            item["pk"]["S"],
            bytes(item["body_mac"]["B"]),
            bytes(item["seed"]["B"]),
            int(item["created"]["N"]),
        )
    except (KeyError, TypeError, ValueError):
        raise RecordCorrupt("a stored request does not parse") from None
