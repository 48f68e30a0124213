"""Many items as requests of at most a hundred, a few at a time, with results in the items' order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final, TypeVar

from tokenvault_client.errors import ProblemError
from tokenvault_client.results import ItemError

MAX_ITEMS: Final = 100
"""Most items of one request."""

Item = TypeVar("Item")
Result = TypeVar("Result")
Request = Callable[[int, Sequence[Item]], list[Result | ItemError]]
"""Sends one batch, which has a number. Raises `ProblemError` where it fails as a whole."""
Answer = list[Result | ItemError] | ProblemError


def cut(items: Iterable[Item], size: int = MAX_ITEMS) -> Iterator[list[Item]]:
    """The items in pieces of this size."""
    left = iter(items)
    while piece := list(islice(left, size)):
        yield piece


def run(items: Iterable[Item], request: Request[Item, Result], parallel: int) -> list[Result | ItemError]:
    """The results of all items, in order.

    After a request that failed as a whole no other is begun. What others had done is not lost: the items
    of requests that failed or were not sent hold the error. Where none succeeded, it is raised.
    """
    pieces = list(cut(items))
    send = _until_one_fails(request)
    if len(pieces) < 2 or parallel < 2:
        answers = [send(number, piece) for number, piece in enumerate(pieces)]
    else:
        with ThreadPoolExecutor(min(parallel, len(pieces))) as pool:
            answers = list(pool.map(send, range(len(pieces)), pieces))
    failed = [answer for answer in answers if isinstance(answer, ProblemError)]
    if failed and len(failed) == len(answers):
        raise failed[0]
    return [one for piece, answer in zip(pieces, answers, strict=True) for one in _aligned(piece, answer)]


def _until_one_fails(request: Request[Item, Result]) -> Callable[[int, Sequence[Item]], Answer[Result]]:
    """The same, giving its error back; after the first one nothing is sent any more."""
    first: list[ProblemError] = []

    def send(number: int, batch: Sequence[Item]) -> Answer[Result]:
        if first:
            return first[0]
        try:
            return request(number, batch)
        except ProblemError as error:
            first.append(error)
            return error

    return send


def _aligned(batch: Sequence[Item], answer: Answer[Result]) -> list[Result | ItemError]:
    if isinstance(answer, ProblemError):
        return [ItemError(answer.code, answer.problem.explanation)] * len(batch)
    return answer
