"""Items of a batch fail on their own; what would fail all of them is raised."""

from collections.abc import Callable
from typing import TypeVar

from chalicelib.errors import TokenvaultError

T = TypeVar("T")


def attempt(work: Callable[[], T]) -> T | TokenvaultError:
    """The result, or the error of this one item. A missing key or store concerns the whole request."""
    try:
        return work()
    except TokenvaultError as error:
        if error.retry:
            raise
        return error
