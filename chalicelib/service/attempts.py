"""Items of a batch fail on their own; what would fail all of them is raised."""

from collections.abc import Callable
from typing import Final, TypeVar

from chalicelib.errors import StoreUnavailable, TokenvaultError
from chalicelib.formats import capacity
from chalicelib.model import TokenFacts, TokenRecord
from chalicelib.vault.store import Put

T = TypeVar("T")

MAX_PROBES: Final = capacity.MAX_PROBES
"""How often a free place is looked for. In a half full space this fails for one value in 16; a space
that is used so far is too small for its type, and the caller is told so before it gets slow."""

Result = TokenFacts | TokenvaultError
"""What became of one item."""


def attempt(work: Callable[[], T]) -> T | TokenvaultError:
    """The result, or the error of this one item. A missing key or store concerns the whole request."""
    try:
        return work()
    except TokenvaultError as error:
        if error.retry:
            raise
        return error


def told(record: TokenRecord, put: Put) -> Result:
    """What became of a record that was written, or was not."""
    if put is Put.FAILED:
        return StoreUnavailable("the store did not take this value; send it again")
    return TokenFacts(record.token, record.type, record.created, record.expires_at, record.metadata)
