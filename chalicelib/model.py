"""The words of the vault as types. Frozen, and free of behaviour that needs the outside world."""

from dataclasses import dataclass, field
from typing import Literal

from chalicelib.formats.base import TokenFormat
from chalicelib.sensitive import Sensitive

Mode = Literal["random", "deterministic"]
RevealMode = Literal["full", "masked"]


@dataclass(frozen=True)
class InfoType:
    """What kind of value: its name in the policy, its format, and the limits the policy sets.

    Times are in seconds. `max_ttl_seconds` of None means that tokens may live without a limit.
    """

    name: str
    format: TokenFormat = field(repr=False)
    mode: Mode = "random"
    default_ttl_seconds: int | None = None
    max_ttl_seconds: int | None = None


@dataclass(frozen=True)
class Caller:
    """A client of a tenant, as the policy and a verified access token describe it.

    `actions` are those that the policy grants and the access token carries a scope for.
    """

    tenant: str
    client: str
    actions: frozenset[str]
    types: frozenset[str]
    purposes: frozenset[str]


@dataclass(frozen=True)
class TokenRecord:
    """A token and what it stands for. `created` and `expires_at` are Unix times in whole seconds."""

    tenant: str
    token: str
    type: str
    value: Sensitive[str]
    created: int
    expires_at: int | None = None


@dataclass(frozen=True)
class TokenFacts:
    """What may be told about a token without its value."""

    token: str
    type: str
    created: int
    expires_at: int | None
