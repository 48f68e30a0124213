"""Taking turns among tasks, and batches that go out side by side in tasks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from tokenvault_client import batches
from tokenvault_client.deadlines import Deadline
from tokenvault_client.errors import ProblemError
from tokenvault_client.results import ItemError
from tokenvault_client.side_by_side import Answer

Result = TypeVar("Result")
Request = Callable[[str, Sequence[bytes]], Awaitable[list[Result | ItemError]]]


class TaskTurns:
    """One task at a time."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def alone(self, deadline: Deadline) -> AsyncIterator[None]:
        """Waits for its turn. Raises `TimeoutError` if there is none before the deadline."""
        async with asyncio.timeout(deadline.left()):
            await self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()


async def run(items: Iterable[bytes], request: Request[Result], parallel: int) -> list[Result | ItemError]:
    """As `batches.run`, in tasks. None of them outlives it, however it ends."""
    given = list(items)
    cut = list(batches.weighed(given, weigh=len))
    begun: list[tuple[list[bytes], Answer[Result | ItemError]]] = []
    left, failures = iter(cut), list[ProblemError]()

    async def work() -> None:
        while not failures and (named := next(left, None)) is not None:
            name, batch = named
            place = len(begun)
            begun.append((batch, []))
            try:
                begun[place] = (batch, await request(name, batch))
            except ProblemError as error:
                failures.append(error)
                begun[place] = (batch, error)

    await _together(work, min(parallel, len(cut)))
    return batches.joined(given, begun)


async def _together(work: Callable[[], Coroutine[Any, Any, None]], parallel: int) -> None:
    if parallel < 2:
        return await work()
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(parallel):
                group.create_task(work())
    except BaseExceptionGroup as failed:
        # The first fault, as the blocking client raises it.
        raise failed.exceptions[0] from None
    return None
