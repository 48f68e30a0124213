"""Many items as requests of at most a hundred, a few at a time, with results in the items' order."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, TypeVar

from tokenvault_client.errors import ProblemError
from tokenvault_client.results import ItemError
from tokenvault_client.side_by_side import Answer, Answered, Request, Sender, in_turn, side_by_side

MAX_ITEMS: Final = 100
"""Most items of one request."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def cut(items: Iterable[Item], size: int = MAX_ITEMS) -> Iterator[list[Item]]:
    """The items in pieces of this size."""
    left = iter(items)
    while piece := list(islice(left, size)):
        yield piece


def run(
    items: Iterable[Item], request: Request[Item, Result | ItemError], parallel: int
) -> list[Result | ItemError]:
    """The results of all items, in order.

    After a request that failed as a whole no other is begun. What others had done is not lost: the items
    of requests that failed or were not sent hold the error. If none succeeded, it is raised.
    """
    given = list(items)
    answers = list(stream(given, request, parallel))
    failed = [answer for _, answer in answers if isinstance(answer, ProblemError)]
    if failed and len(failed) == len(answers):
        raise failed[0]
    results = [result for batch, answer in answers for result in _aligned(batch, answer)]
    return results + (_aligned(given[len(results) :], failed[0]) if failed else [])


def stream(
    items: Iterable[Item], request: Request[Item, Result], parallel: int, size: int = MAX_ITEMS
) -> Answered[Item, Result]:
    """Each batch with what became of it, in order, as soon as it and those before it are done.

    Items are read as they are needed, and may come slowly. After a request that failed as a whole no other
    is begun. If reading fails or the caller is interrupted while it waits, the batches that were sent come
    out first, and then that error.
    """
    sender, batches = Sender(request), enumerate(cut(items, size))
    first = next(batches, None)
    if first is None:
        return
    if parallel < 2 or len(first[1]) < size:
        yield first[1], sender.send(*first)
        yield from in_turn(batches, sender)
    else:
        yield from side_by_side(chain([first], batches), sender, parallel)


def _aligned(batch: Sequence[Item], answer: Answer[Result | ItemError]) -> list[Result | ItemError]:
    if isinstance(answer, ProblemError):
        return [ItemError(answer.code, answer.problem.explanation)] * len(batch)
    return answer
