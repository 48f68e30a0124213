"""What only the client for asyncio promises: of cancelled tasks, event loops, and many tasks at once."""

import asyncio
import fcntl
import os
import re
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from ssl import create_default_context
from typing import Any

import pytest
from tokenvault_client import ConfigurationError, Retries, TokenizeItem, Unavailable
from tokenvault_client.aio import AsyncClient
from tokenvault_client.aio.tasks import run
from tokenvault_client.aio.transport import MOST_CONNECTIONS

from tests.client import tool
from tests.client.children import ended, in_child
from tests.client.service import Service, problem

KEY = "k" * 22


def items(number: int) -> list[TokenizeItem]:
    return [TokenizeItem("text", f"value-{n}") for n in range(number)]


async def until(true: Callable[[], bool]) -> None:
    """Waits until it is, for ten seconds at most."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


def waiting(go_on: threading.Event) -> Callable[[], None]:
    def wait() -> None:
        go_on.wait(10)

    return wait


def opened(path: Path) -> int:
    """How often this process has a file open."""
    return sum(os.path.realpath(link) == str(path) for link in Path("/proc/self/fd").iterdir())


@contextmanager
def held(service: Service) -> Iterator[threading.Event]:
    """Requests are taken, and answered at the end of the block or once the event is set."""
    go_on = threading.Event()
    service.on_request = waiting(go_on)
    try:
        yield go_on
    finally:
        go_on.set()
        service.on_request = lambda: None


def test_a_cancelled_call_leaves_nothing_half_open(service: Service) -> None:
    """Its connection is closed, the one to the token endpoint stays, and the client goes on."""

    async def main() -> None:
        async with AsyncClient(service.settings()) as client:
            with held(service):
                call = asyncio.create_task(client.tokenize(items(1), idempotency_key=KEY))
                await until(lambda: len(service.seen) == 1)
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
            await until(lambda: service.open_connections == 1)
            assert len(await client.tokenize(items(1), idempotency_key=KEY)) == 1
        await until(lambda: service.open_connections == 0)

    asyncio.run(main())
    first, second = service.seen
    assert (first.raw, first.headers["Idempotency-Key"]) == (second.raw, KEY)


def test_all_requests_of_a_call_end_with_it(service: Service) -> None:
    """A batch in a task of its own does not outlive the call, whatever ends it."""

    async def main() -> None:
        async with AsyncClient(service.settings(), parallel=3) as client:
            with held(service):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.3):
                        await client.tokenize(items(900))
                assert asyncio.all_tasks() == {asyncio.current_task()}
                assert len(service.seen) == 3
            await until(lambda: service.open_connections == 1)

    asyncio.run(main())


def test_a_client_that_is_closed_ends_its_calls(service: Service) -> None:
    """With an error, at once, and no connection of theirs is left."""

    async def main() -> None:
        client = AsyncClient(service.settings())
        with held(service):
            call = asyncio.create_task(client.types())
            await until(lambda: len(service.seen) == 1)
            await client.aclose()
            with pytest.raises(Unavailable, match="the client was closed"):
                async with asyncio.timeout(5):
                    await call
        await until(lambda: service.open_connections == 0)

    asyncio.run(main())
    assert len(service.seen) == 1


def test_a_sibling_that_fails_ends_a_call(service: Service) -> None:
    """As a TaskGroup has it."""

    async def fail() -> None:
        await until(lambda: len(service.seen) == 1)
        raise ZeroDivisionError

    async def both(client: AsyncClient) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(client.types())
            group.create_task(fail())

    async def main() -> None:
        async with AsyncClient(service.settings()) as client:
            with held(service), pytest.raises(ExceptionGroup):
                await both(client)
            assert await client.types()

    asyncio.run(main())


def test_who_asks_for_an_access_token_may_be_cancelled(service: Service) -> None:
    """The next of those who wait for it asks, and the others wait for that one."""
    go_on = threading.Event()
    begun: list[None] = []

    def take() -> None:
        begun.append(None)
        go_on.wait(10)

    service.on_token_request = take

    async def main() -> list[Any]:
        async with AsyncClient(service.settings()) as client:
            calls = [asyncio.create_task(client.types()) for _ in range(10)]
            await until(lambda: len(begun) == 1)
            calls[0].cancel()
            await until(lambda: len(begun) == 2)
            go_on.set()
            return await asyncio.gather(*calls, return_exceptions=True)

    first, *others = asyncio.run(main())
    assert isinstance(first, asyncio.CancelledError)
    assert all(isinstance(types, list) for types in others)
    assert len(begun) == 3  # one given up, one with all scopes, one for the side


def test_waiting_for_another_process_can_be_cancelled(service: Service, tmp_path: Path) -> None:
    """That holds the lock of the shared access tokens: no file stays open, and the loop goes on meanwhile."""

    async def main() -> None:
        async with AsyncClient(service.settings(token_cache=str(tmp_path))) as client:
            await client.types()
            [lock] = tmp_path.glob("*.lock")
            for file in tmp_path.glob("*.json"):
                file.unlink()
        async with AsyncClient(service.settings(token_cache=str(tmp_path))) as client:
            with lock.open() as holder:
                fcntl.flock(holder, fcntl.LOCK_EX)
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await client.types()
                assert opened(lock) == 1
            assert await client.types()

    asyncio.run(main())


def test_many_tasks_share_access_tokens_and_connections(service: Service) -> None:
    """More at once than that: two access tokens, and no more connections than there may be."""

    async def main() -> None:
        async with AsyncClient(service.settings()) as client:
            await asyncio.gather(*(client.facts(f"t{n}") for n in range(MOST_CONNECTIONS + 20)))

    asyncio.run(main())
    assert (len(service.seen), len(service.asked)) == (MOST_CONNECTIONS + 20, 2)
    assert service.connections <= MOST_CONNECTIONS + 1


def test_waits_do_not_hold_up_the_event_loop(service: Service) -> None:
    """Others run while a call waits for its next attempt."""
    service.script.append(problem(503, "store_unavailable", retry_after="0.2"))

    async def main() -> int:
        async with AsyncClient(service.settings(), retries=Retries(draw=lambda: 0.0)) as client:
            call, turns = asyncio.create_task(client.types()), 0
            while not call.done():
                await asyncio.sleep(0.01)
                turns += bool(service.seen)
            return turns

    assert asyncio.run(main()) > 5


def test_another_event_loop_is_told(service: Service) -> None:
    """Of a thread beside, or after the first one ended; once it is closed, a client begins anew."""
    client = AsyncClient(service.settings())

    def elsewhere(call: Callable[[], Awaitable[Any]]) -> None:
        async def main() -> None:
            with pytest.raises(ConfigurationError, match="belongs to another event loop; close it there"):
                await call()

        thread = threading.Thread(target=lambda: noted(main))
        thread.start()
        thread.join()

    failures: list[BaseException] = []

    def noted(main: Callable[[], Any]) -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001  # raised below, in the thread of the test
            failures.append(error)

    async def first() -> None:
        await client.types()
        await asyncio.to_thread(elsewhere, client.types)
        await asyncio.to_thread(elsewhere, client.aclose)
        assert await client.types()

    async def again() -> None:
        async with client:
            assert await client.types()

    asyncio.run(first())
    elsewhere(client.types)
    assert failures == []
    asyncio.run(client.aclose())
    asyncio.run(again())
    asyncio.run(again())
    assert len(service.asked) == 2


def test_without_an_event_loop_nothing_is_begun(service: Service) -> None:
    """A client may be made where none runs, as a module is imported."""
    client = AsyncClient.from_env(service.environment())
    with pytest.raises(RuntimeError, match="no running event loop"):
        client.types().send(None)
    assert asyncio.run(client.types())
    assert service.connections == 2


def test_the_readmes_example_runs(service: Service) -> None:
    """As it stands there."""
    *_, code = re.findall(r"```python\n(.*?)```", (tool.SOURCE.parent / "README.md").read_text(), re.S)
    command, environment = [sys.executable, "-c", code], {"PYTHONPATH": str(tool.SOURCE)}
    done = subprocess.run(
        command, env={**environment, **service.environment()}, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(service.seen) == 2


def test_a_fault_of_our_own_is_raised_as_it_is() -> None:
    """Not in a group, which nobody expects of one call."""

    async def request(name: str, batch: Any) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(run([b"{}"] * 300, request, 3))


def test_each_process_has_its_own_connections(secured: Service, certificate: Path) -> None:
    """A client that was used before a fork works on both sides of it; TLS goes on for the parent alone."""
    context = create_default_context(cafile=str(certificate))
    context.load_cert_chain(certificate)
    client = AsyncClient(secured.settings(), ssl_context=context)

    async def ask() -> None:
        for _ in range(5):
            await client.types()

    async def parent() -> None:
        await client.types()
        child = in_child(lambda: asyncio.new_event_loop().run_until_complete(ask()), forked)
        await ask()
        assert await asyncio.to_thread(ended, child) == 0
        await client.aclose()

    def forked() -> int:
        child = os.fork()
        if child == 0:
            with suppress(RuntimeError):
                asyncio._set_running_loop(None)
        return child

    asyncio.run(parent())
    assert len(secured.seen) == 11
    assert secured.connections == 3
