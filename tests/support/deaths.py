"""A use case that dies at each of its calls to AWS in turn, and what a look at its tokens shows."""

import os
from collections.abc import Callable, Iterator
from itertools import count, product
from typing import Any

from tests.support.mortal import Mortal, When

WHEN: tuple[When, ...] = ("before", "after")


def every_death(
    account: Mortal, prepare: Callable[[int], Callable[[], Any]], *, by_day: int = 1
) -> Iterator[int]:
    """For each way to die in a use case its number, once the death is behind us.

    `prepare` is given a number that no other try has, and returns the use case as it is carried out on it.
    Of a use case with many calls, each of which takes long, only one death in `by_day` is tried by day; every
    night all are.
    """
    numbers = count(1)
    calls = account.count(prepare(next(numbers)))
    assert calls > 1
    step = 1 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else by_day
    for at, when in list(product(range(1, calls + 1), WHEN))[::step]:
        number = next(numbers)
        account.die(prepare(number), at, when)
        yield number


def revealed(account: Mortal, made: list[str]) -> list[str | None]:
    """The value of each token, None where it is not found. Any other error is a failure."""
    results = account.detokenize(*made).body["results"]
    assert {entry["error"]["code"] for entry in results if "error" in entry} <= {"token_not_found"}
    return [entry.get("value") for entry in results]
