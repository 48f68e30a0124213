"""The client for asyncio: one method a route."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

from tokenvault_client import capturing, forks, operations, results
from tokenvault_client.access_tokens import AccessTokenSource
from tokenvault_client.aio import tasks
from tokenvault_client.aio.person import InThread
from tokenvault_client.aio.transport import HttpxTransport
from tokenvault_client.approvals import Approval, Approvals
from tokenvault_client.calling import Caller
from tokenvault_client.client_base import ClientBase, Io
from tokenvault_client.errors import ConfigurationError
from tokenvault_client.exports import BegunExport, ExportPage, Exports
from tokenvault_client.http import Send
from tokenvault_client.operations import Many, One
from tokenvault_client.people import PersonTokens

Result = TypeVar("Result")


@dataclass(frozen=True)
class _Opened:
    """What belongs to one event loop of one process."""

    loop: asyncio.AbstractEventLoop
    process: int
    transports: list[HttpxTransport]
    caller: Caller


class AsyncClient(ClientBase):
    """A client of a tokenvault service for asyncio. Any number of tasks of one event loop may use it at once.

    Its arguments, its methods and their errors are those of `Client`. A call that is cancelled closes its
    connections; what had been sent may have been carried out all the same. For `tokenize` that is a token
    that nobody was told: the same call under the same `idempotency_key` gets it. What has begun to renew a
    person's access token is finished in its thread, since the refresh token for the next one comes along.

    It belongs to the event loop in which it was first used, until `aclose` or the end of `async with`. Then
    it may be used in another one, and so may a process that was forked. Its access tokens are kept.
    """

    def _start(self) -> None:
        self.approvals: Approvals[Awaitable[Approval]] = Approvals(self._one)
        self.exports: Exports[Awaitable[Approval], Awaitable[BegunExport], Awaitable[ExportPage]] = Exports(
            self._one
        )
        self._opened: _Opened | None = None
        self._lock = threading.Lock()
        forks.watch(self)

    async def tokenize(
        self,
        items: Iterable[results.TokenizeItem],
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> list[results.TokenizeResult]:
        """As `Client.tokenize`."""
        return await self._many(operations.tokenize(items, idempotency_key), timeout)

    async def import_tokens(
        self,
        items: Iterable[results.ImportItem],
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> list[results.TokenizeResult]:
        """As `Client.import_tokens`."""
        return await self._many(operations.import_tokens(items, idempotency_key), timeout)

    async def detokenize(
        self,
        tokens: Iterable[str],
        *,
        purpose: str | None = None,
        reveal: results.Reveal = "full",
        on_behalf_of: str | None = None,
        assertion: str | None = None,
        fields: Sequence[results.Field] | None = None,
        approval: str | None = None,
        timeout: float | None = None,
    ) -> list[results.DetokenizeResult]:
        """As `Client.detokenize`."""
        asked = operations.detokenize(
            tokens,
            purpose,
            reveal,
            on_behalf_of,
            assertion=assertion,
            fields=fields,
            approval=approval,
        )
        return await self._many(asked, timeout)

    async def capture_session(
        self,
        *,
        types: Iterable[str],
        origin: str,
        max_values: int = 1,
        ttl_seconds: int = 600,
        single_use: bool = True,
        subject: str | None = None,
        timeout: float | None = None,
    ) -> capturing.CaptureSession:
        """As `Client.capture_session`."""
        asked = capturing.capture_session(
            types,
            origin,
            max_values=max_values,
            ttl_seconds=ttl_seconds,
            single_use=single_use,
            subject=subject,
        )
        return await self._one(asked, timeout)

    async def search(
        self, items: Iterable[results.SearchItem], *, timeout: float | None = None
    ) -> list[results.TokenizeResult]:
        """As `Client.search`."""
        return await self._many(operations.search(items), timeout)

    async def facts(self, token: str, *, timeout: float | None = None) -> results.TokenFacts:
        """As `Client.facts`."""
        return await self._one(operations.facts(token), timeout)

    async def erase_token(self, token: str, *, timeout: float | None = None) -> None:
        """As `Client.erase_token`."""
        return await self._one(operations.erase_token(token), timeout)

    async def subject_tokens(self, subject: str, *, timeout: float | None = None) -> results.SubjectTokens:
        """As `Client.subject_tokens`."""
        return await self._caller().subject_tokens(subject, self._time(timeout))

    async def erase_subject(self, subject: str, *, timeout: float | None = None) -> results.SignedReceipt:
        """As `Client.erase_subject`."""
        return await self._one(operations.erase_subject(subject), timeout)

    async def types(self, *, timeout: float | None = None) -> list[results.InfoType]:
        """As `Client.types`."""
        return await self._one(operations.types(), timeout)

    async def aclose(self) -> None:
        """Closes all connections, those of calls under way too, and lets go of the event loop."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is None or opened.process != os.getpid() or opened.loop.is_closed():
            return
        if opened.loop is not asyncio.get_running_loop():
            self._opened = opened
            raise _elsewhere()
        for transport in opened.transports:
            await transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    def after_fork(self) -> None:
        """Forgets the parent's connections. Closing them properly would end their TLS for the parent too."""
        self._lock, self._opened = threading.Lock(), None

    def _caller(self) -> Caller:
        """What carries out calls in the running event loop. Raises `ConfigurationError` in another one."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._opened is None or self._opened.process != os.getpid():
                self._opened = self._open(loop)
            if self._opened.loop is not loop:
                raise _elsewhere()
            return self._opened.caller

    def _of_person(self, source: AccessTokenSource) -> AccessTokenSource:
        return InThread(source) if isinstance(source, PersonTokens) else source

    def _open(self, loop: asyncio.AbstractEventLoop) -> _Opened:
        transports: list[HttpxTransport] = []

        def connect(url: str) -> Send:
            transports.append(HttpxTransport(url, self._context, self._settings.proxy_for(url)))
            return transports[-1].send

        io = Io(connect, self._retries.pause or asyncio.sleep, tasks.TaskTurns)
        return _Opened(loop, os.getpid(), transports, self._caller_over(io))

    async def _one(self, operation: One[Result], timeout: float | None) -> Result:
        return await self._caller().one(operation, self._time(timeout).request())

    async def _many(self, operation: Many[Result], timeout: float | None) -> list[Result | results.ItemError]:
        caller, time = self._caller(), self._time(timeout)
        return await tasks.run(
            operation.items,
            lambda name, batch: caller.batch(operation, name, batch, time.request()),
            self._parallel,
        )


def _elsewhere() -> ConfigurationError:
    return ConfigurationError(
        "this AsyncClient belongs to another event loop; close it there (`async with`, or `aclose`) before "
        "it is used in this one, or make one for each"
    )
