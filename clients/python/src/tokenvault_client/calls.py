"""One call of the API, as it is sent, once or more."""

from collections.abc import Set
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Call:
    """One request to the API. `actions` are those of which its access token must allow one.

    One that `stays` may have been sent before, by another process: it goes to the first endpoint, as then.
    """

    method: str
    path: str
    actions: Set[str]
    body: bytes | None = field(default=None, repr=False)
    idempotency_key: str | None = field(default=None, repr=False)
    cursor: str | None = field(default=None, repr=False)
    stays: bool = False
