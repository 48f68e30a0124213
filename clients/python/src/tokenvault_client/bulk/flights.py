"""Work side by side, whose results come out in the order in which it was begun."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from typing import TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")


def in_order(
    works: Iterator[Work],
    do: Callable[[Work], Result],
    parallel: int,
    waiting: Callable[[], None],
    *,
    ahead: int,
) -> Generator[tuple[Work, Result], None, None]:
    """Each piece of work with its result, in order, as soon as it and those before it are done.

    At most `ahead` pieces are begun and not yet given out, so that a slow one holds up a bounded number.
    While the oldest is waited for, `waiting` is called about once a second. Raises what reading or `do`
    raised, the latter in its place.
    """
    pool = ThreadPoolExecutor(parallel)
    begun: deque[tuple[Work, Future[Result]]] = deque()
    try:
        for work in works:
            begun.append((work, pool.submit(do, work)))
            while begun and (len(begun) >= ahead or begun[0][1].done()):
                yield _oldest(begun, waiting)
        while begun:
            yield _oldest(begun, waiting)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _oldest(begun: deque[tuple[Work, Future[Result]]], waiting: Callable[[], None]) -> tuple[Work, Result]:
    work, future = begun[0]
    while True:
        try:
            result = future.result(timeout=1.0)
        except TimeoutError:
            if future.done():
                raise
            waiting()
        else:
            begun.popleft()
            return work, result
