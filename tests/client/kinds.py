"""Both kinds of client, used alike: the calls of the async one are run to their end, one by one."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tokenvault_client import Client, Retries, Settings
from tokenvault_client.aio import AsyncClient

KINDS = ("async", "blocking")


class InTurn:
    """An `AsyncClient` with an event loop of its own, whose methods block."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        self._loop, self.client = asyncio.Runner(), AsyncClient(settings, **options)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.client, name)
        return lambda *given, **named: self._loop.run(method(*given, **named))

    def __repr__(self) -> str:
        return repr(self.client)

    def at_once(self, calls: int, name: str, *given: Any) -> list[Any]:
        """The results of so many calls that run at the same time, or their errors."""

        async def together() -> list[Any]:
            begun = (getattr(self.client, name)(*given) for _ in range(calls))
            return await asyncio.gather(*begun, return_exceptions=True)

        return self._loop.run(together())

    def close(self) -> None:
        self._loop.run(self.client.aclose())

    def end(self) -> None:
        self.close()
        self._loop.close()


class Blocking(Client):
    """A `Client` that several threads use."""

    def at_once(self, calls: int, name: str, *given: Any) -> list[Any]:
        with ThreadPoolExecutor(calls) as pool:
            begun = [pool.submit(getattr(self, name), *given) for _ in range(calls)]
        return [future.exception() or future.result() for future in begun]

    def end(self) -> None:
        self.close()


@contextmanager
def clients(kind: str) -> Iterator[Callable[..., Any]]:
    """Makes clients of a kind, which are closed at the end of the block.

    They do not wait between their attempts, of which there are four, unless told otherwise; `waits` gets what
    they would have waited.
    """
    made: list[Any] = []

    def make(settings: Settings, *, waits: list[float] | None = None, **options: Any) -> Any:
        noted: list[float] = [] if waits is None else waits

        async def pause(seconds: float) -> None:
            noted.append(seconds)

        patient = options.pop("retries", None) or Retries(attempts=4, draw=lambda: 0.0)
        retries = replace(patient, sleep=noted.append, pause=pause)
        made.append((InTurn if kind == "async" else Blocking)(settings, retries=retries, **options))
        return made[-1]

    try:
        yield make
    finally:
        for client in made:
            client.end()
