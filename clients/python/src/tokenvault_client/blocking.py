"""How the blocking client runs what it shares with the async one: coroutines whose I/O never suspends.

What a call does is written once, as coroutines that are given their I/O. Here that I/O is blocking, so a
coroutine runs from its start to its end at the first step, and there is no event loop.
"""

import time
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from tokenvault_client.deadlines import Clock
from tokenvault_client.held_tokens import Asking
from tokenvault_client.http import Transport
from tokenvault_client.retries import Retries
from tokenvault_client.turns import ThreadTurns

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


def finished(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine returns, or raises, that waits for nothing but functions of `at_once`."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    coroutine.close()
    raise RuntimeError("a coroutine of the blocking client waited for an event loop")


def at_once(function: Callable[Arguments, Result]) -> Callable[Arguments, Coroutine[Any, Any, Result]]:
    """A blocking function as one to await, which blocks."""

    async def called(*arguments: Arguments.args, **options: Arguments.kwargs) -> Result:
        return function(*arguments, **options)

    return called


def asking(endpoint: Transport, retries: Retries, clock: Clock = time.monotonic) -> Asking:
    """How the threads of a process ask a token endpoint."""
    return Asking(at_once(endpoint.send), at_once(retries.sleep), retries, ThreadTurns(), clock)
