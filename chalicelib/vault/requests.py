"""Requests that carry an idempotency key: what is stored of them, and what is asked of a store."""

from dataclasses import dataclass, field
from typing import Final, Protocol

LIFETIME_SECONDS: Final = 24 * 3600
"""How long a retry is recognized; after that the same key begins a new request."""

CLOCKS_SECONDS: Final = 10
"""How far the clocks of two containers may be apart. Those of Lambda and DynamoDB are within milliseconds:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/set-time.html"""

KEPT_SECONDS: Final = LIFETIME_SECONDS + CLOCKS_SECONDS
"""How long a request is kept, so that a clock that is ahead ends no day too early."""


@dataclass(frozen=True)
class StoredRequest:
    """A request as it was first seen. `created` is a Unix time in whole seconds."""

    key_hash: str
    body_mac: bytes = field(repr=False)
    seed: bytes = field(repr=False)
    created: int


class RequestStore(Protocol):
    """Requests by the hash of their key, in one Region."""

    def get_or_create(self, request: StoredRequest) -> StoredRequest:
        """Stores the request, unless there is one already whose time is not up; returns the stored one.

        Raises `StoreUnavailable`.
        """
        ...
