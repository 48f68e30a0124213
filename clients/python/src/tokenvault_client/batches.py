"""Many items as requests of at most a hundred, a few at a time, with results in the items' order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, TypeVar

from tokenvault_client.errors import ProblemError
from tokenvault_client.results import ItemError
from tokenvault_client.side_by_side import Answer, Answered, Request, Sender, in_turn, side_by_side

MAX_ITEMS: Final = 100
"""Most items of one request."""

MAX_BODY_BYTES: Final = 960 * 1024
"""Most bytes of one body."""

_ROOM: Final = MAX_BODY_BYTES - 1024
"""What a body has for its items, in bytes; the rest is for a purpose and the names of fields."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def cut(items: Iterable[Item], size: int = MAX_ITEMS) -> Iterator[list[Item]]:
    """The items in pieces of this size."""
    left = iter(items)
    while piece := list(islice(left, size)):
        yield piece


def run(
    items: Iterable[bytes], request: Request[bytes, Result | ItemError], parallel: int
) -> list[Result | ItemError]:
    """The results of all items, each given in JSON, in order.

    After a request that failed as a whole no other is begun. What others had done is not lost: the items
    of requests that failed or were not sent hold the error. If none succeeded, it is raised.
    """
    given = list(items)
    return joined(given, list(stream(given, request, parallel, weigh=len)))


def joined(
    given: Sequence[bytes], answers: Sequence[tuple[Sequence[bytes], Answer[Result | ItemError]]]
) -> list[Result | ItemError]:
    """The results of all items from what became of the batches that were begun, in order.

    Raises the first failure if no batch succeeded.
    """
    failed = [answer for _, answer in answers if isinstance(answer, ProblemError)]
    if failed and len(failed) == len(answers):
        raise failed[0]
    results = [result for batch, answer in answers for result in _aligned(batch, answer)]
    return results + (_aligned(given[len(results) :], failed[0]) if failed else [])


def weighed(items: Iterable[Item], weigh: Callable[[Item], int]) -> Iterator[tuple[str, list[Item]]]:
    """Batches that the service takes, each with its name; `weigh` gives the bytes of an item in JSON."""
    return _named(cut(items), weigh)


def stream(
    items: Iterable[Item],
    request: Request[Item, Result],
    parallel: int,
    size: int = MAX_ITEMS,
    weigh: Callable[[Item], int] = lambda item: 0,
) -> Answered[Item, Result]:
    """Each batch with what became of it, in order, as soon as it and those before it are done.

    Items are read as they are needed, and may come slowly. After a request that failed as a whole no other
    is begun. If reading fails or the caller is interrupted while it waits, the batches that were sent come
    out first, and then that error. `weigh` gives the bytes of an item in JSON: no batch has too many for one
    body, except an item that has so by itself, which is for the service to refuse.
    """
    sender, batches = Sender(request), _named(cut(items, size), weigh)
    begun = list(islice(batches, 1))
    if begun and len(begun[0][1]) < size:
        # The last, or cut by its bytes: then the next one was read together with it.
        begun += islice(batches, 1)
    is_last = not begun or (len(begun) == 1 and len(begun[0][1]) < size)
    left = chain(begun, batches)
    yield from in_turn(left, sender) if parallel < 2 or is_last else side_by_side(left, sender, parallel)


def _named(pieces: Iterable[list[Item]], weigh: Callable[[Item], int]) -> Iterator[tuple[str, list[Item]]]:
    """Batches that the service takes, the parts of a piece having its number: 0, 0-1, 1.

    So a piece that fits has the same name whatever stands before it, and keeps its tokens under its key.
    """
    for number, piece in enumerate(pieces):
        for place, part in enumerate(_parts(piece, weigh)):
            yield (f"{number}-{place}" if place else str(number)), part


def _parts(piece: list[Item], weigh: Callable[[Item], int]) -> Iterator[list[Item]]:
    part, left = list[Item](), _ROOM
    for item in piece:
        weight = weigh(item) + 1  # The comma before the next.
        if part and weight > left:
            yield part
            part, left = [], _ROOM
        part.append(item)
        left -= weight
    yield part


def _aligned(batch: Sequence[Item], answer: Answer[Result | ItemError]) -> list[Result | ItemError]:
    if isinstance(answer, ProblemError):
        return [ItemError(answer.code, answer.problem.explanation)] * len(batch)
    return answer
