"""A use case that dies at each of its calls to AWS in turn, and what a look at its tokens shows."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from tests.support.mortal import Mortal, When

WHEN: tuple[When, ...] = ("before", "after")


def every_death(account: Mortal, prepare: Callable[[int], Callable[[], Any]]) -> Iterator[int]:
    """For each way to die in a use case its number, once the death is behind us.

    `prepare` is given a number that no other try has, and returns the use case as it is carried out on it.
    """
    numbers = count(1)
    calls = account.count(prepare(next(numbers)))
    assert calls > 1
    for at in range(1, calls + 1):
        for when in WHEN:
            number = next(numbers)
            account.die(prepare(number), at, when)
            yield number


def revealed(account: Mortal, made: list[str]) -> list[str | None]:
    """The value of each token, None where it is not found. Any other error is a failure."""
    results = account.detokenize(*made).body["results"]
    assert {entry["error"]["code"] for entry in results if "error" in entry} <= {"token_not_found"}
    return [entry.get("value") for entry in results]
