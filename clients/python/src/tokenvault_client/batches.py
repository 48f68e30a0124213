"""Many items as requests of at most a hundred, a few at a time, with results in the items' order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import Final, Generic, TypeAlias, TypeVar

from tokenvault_client.errors import ProblemError
from tokenvault_client.results import ItemError

MAX_ITEMS: Final = 100
"""Most items of one request."""

Item = TypeVar("Item")
Result = TypeVar("Result")
Answer = list[Result] | ProblemError
Request = Callable[[int, Sequence[Item]], list[Result]]
"""Sends a batch, which has a number. Raises `ProblemError` if it fails as a whole."""
_Numbered: TypeAlias = Iterator[tuple[int, list[Item]]]
_Answered: TypeAlias = Iterator[tuple[list[Item], Answer[Result]]]


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


def stream(items: Iterable[Item], request: Request[Item, Result], parallel: int) -> _Answered[Item, Result]:
    """Each batch with what became of it, in order, as soon as it and those before it are done.

    Items are read as they are needed. After a request that failed as a whole no other is begun. If reading
    fails or is interrupted, the batches that were sent come out first, and then that error.
    """
    sender, batches = _Sender(request), enumerate(cut(items))
    first = next(batches, None)
    if first is None:
        return
    if parallel < 2 or len(first[1]) < MAX_ITEMS:
        yield first[1], sender.send(*first)
        yield from _in_turn(batches, sender)
    else:
        yield from _side_by_side(chain([first], batches), sender, parallel)


class _Sender(Generic[Item, Result]):
    """Sends batches until one fails as a whole; an error is given back, not raised."""

    def __init__(self, request: Request[Item, Result]) -> None:
        self._request = request
        self.failure: ProblemError | None = None

    def send(self, number: int, batch: Sequence[Item]) -> Answer[Result]:
        """What became of the batch; the first failure for all that come after it."""
        if self.failure is not None:
            return self.failure
        try:
            return self._request(number, batch)
        except ProblemError as error:
            self.failure = self.failure or error
            return error


def _in_turn(batches: _Numbered[Item], sender: _Sender[Item, Result]) -> _Answered[Item, Result]:
    while sender.failure is None and (numbered := next(batches, None)) is not None:
        yield numbered[1], sender.send(*numbered)


def _side_by_side(
    batches: _Numbered[Item], sender: _Sender[Item, Result], parallel: int
) -> _Answered[Item, Result]:
    begun: deque[tuple[list[Item], Future[Answer[Result]]]] = deque()
    pool = ThreadPoolExecutor(parallel)
    try:
        while True:
            while sender.failure is None and len(begun) < parallel and (numbered := next(batches, None)):
                begun.append((numbered[1], pool.submit(sender.send, *numbered)))
            if not begun:
                return
            yield _oldest(begun)
    except GeneratorExit:
        raise
    except BaseException:
        # What was sent may have been carried out: its results are given before the error.
        while begun:
            yield _oldest(begun)
        raise
    finally:
        # Nobody waits for what is still under way when the caller has given up.
        pool.shutdown(wait=False, cancel_futures=True)


def _oldest(begun: deque[tuple[list[Item], Future[Answer[Result]]]]) -> tuple[list[Item], Answer[Result]]:
    batch, answer = begun[0][0], begun[0][1].result()
    begun.popleft()
    return batch, answer


def _aligned(batch: Sequence[Item], answer: Answer[Result | ItemError]) -> list[Result | ItemError]:
    if isinstance(answer, ProblemError):
        return [ItemError(answer.code, answer.problem.explanation)] * len(batch)
    return answer
