"""Per-item errors are returned; request-wide errors are raised."""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from chalicelib.errors import KeyUnavailable, Restoring, SecretNotArrived, StoreUnavailable, TokenvaultError
from chalicelib.formats import capacity
from chalicelib.model import TokenFacts, TokenRecord
from chalicelib.vault.tokens import PutResult

P = ParamSpec("P")
T = TypeVar("T")

MAX_PROBES: Final = capacity.MAX_PROBES
"""How many places are tried for a token. In a half full space they are all taken for one value in 16; a
space that is used so far is too small for its type, and the caller is told so before it gets slow."""

OF_THE_REQUEST: Final = (StoreUnavailable, KeyUnavailable, Restoring)
"""Errors that all items of a request would meet, whether they pass by themselves or not."""

Result = TokenFacts | TokenvaultError
"""What became of one item."""


def item_result(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | TokenvaultError:
    """The result, or the error of this one item.

    Raises errors of the store and of keys: they concern the whole request.
    A secret that has not arrived concerns one subject: were it raised, one secret lost for good would close
    every batch that has a token of its subject.
    """
    try:
        return work(*args, **kwargs)
    except TokenvaultError as error:
        if isinstance(error, OF_THE_REQUEST) and not isinstance(error, SecretNotArrived):
            raise
        return error


def step_result(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | TokenvaultError:
    """The result of a step that others must not wait for, or its error of whatever kind."""
    try:
        return work(*args, **kwargs)
    except TokenvaultError as error:
        return error


def write_result(record: TokenRecord, put: PutResult) -> Result:
    """What became of a record that was written, or was not."""
    return put if isinstance(put, StoreUnavailable) else record.facts
