"""Whoever signed in, through the client for asyncio: tasks go on while an access token is renewed."""

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tokenvault_client import Unavailable
from tokenvault_client.aio import AsyncClient
from tokenvault_client.people import PersonTokens, SignIn, Store
from tokenvault_client.people.opening import endpoint_of
from tokenvault_client.settings import Settings

from tests.client.service import Service, problem


class Person:
    """Somebody whose access token has just ended, and the service that renews it."""

    def __init__(self, service: Service, folder: Path) -> None:
        environment = {**service.environment(), "TOKENVAULT_TOKEN_CACHE": str(folder)}
        self.settings = Settings.from_env(environment, for_person=True)
        self.store = Store(folder, self.settings.token_url, self.settings.client_id)
        self.store.write([SignIn("old", "refresh-1", ("vault/read",), use_until=0)])
        self.service, usual = service, service._access_token
        service._access_token = lambda seen: _with_refresh_token(usual(seen))  # type: ignore[method-assign]
        self.usual, service.usual = service.usual, lambda seen: self.usual(_of_services(seen))

    def client(self) -> AsyncClient:
        return AsyncClient(self.settings, access_tokens=PersonTokens(self.store, endpoint_of(self.settings)))


def _with_refresh_token(answer: Any) -> Any:
    answer.body["refresh_token"] = "refresh-2"
    return answer


def _of_services(seen: Any) -> Any:
    return replace(seen, path=seen.path.removeprefix("/people"))


@pytest.fixture
def person(service: Service, tmp_path: Path) -> Person:
    service.scopes = "vault/read"
    return Person(service, tmp_path / "cache")


@pytest.fixture
def renewing(service: Service) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The token endpoint says when it is asked, and answers once it is told to, by a loop that goes on."""
    asked, go_on, told = threading.Event(), threading.Event(), list[bool]()

    def wait() -> None:
        asked.set()
        told.append(go_on.wait(5))

    service.on_token_request = wait
    yield asked, go_on
    assert told == [True]


def test_the_loop_goes_on_while_an_access_token_is_renewed(person: Person, renewing: Sequence[Any]) -> None:
    """Many tasks wait for one renewal, and others run; the refresh token that came along is kept."""
    asked, go_on = renewing

    async def main() -> list[Any]:
        async with person.client() as client:
            calls = [asyncio.create_task(client.facts("9490")) for _ in range(40)]
            assert await asyncio.to_thread(asked.wait, 10)
            assert not any(call.done() for call in calls)
            go_on.set()
            return await asyncio.gather(*calls)

    assert {facts.token for facts in asyncio.run(main())} == {"9490"}
    assert len(person.service.asked) == 1
    assert {seen.path for seen in person.service.seen} == {"/people/v1/tokens/9490"}
    assert [kept.refresh_token for kept in person.store.read()] == ["refresh-2"]


def test_a_renewal_outlives_the_call_that_began_it(person: Person, renewing: Sequence[Any]) -> None:
    """Cancelled half way, it would have used the refresh token up and lost the next one."""
    asked, go_on = renewing

    async def main() -> None:
        async with person.client() as client:
            call = asyncio.create_task(client.facts("9490"))
            assert await asyncio.to_thread(asked.wait, 10)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            go_on.set()
            assert (await client.facts("9490")).token == "9490"

    asyncio.run(main())
    assert len(person.service.asked) == 1
    assert [kept.refresh_token for kept in person.store.read()] == ["refresh-2"]


def test_who_waits_for_a_renewal_waits_until_the_deadline(person: Person, renewing: Sequence[Any]) -> None:
    """Behind another task's turn, too, and the error is the one of a service's access tokens."""
    asked, go_on = renewing

    async def main() -> None:
        async with person.client() as client:
            call = asyncio.create_task(client.facts("9490"))
            assert await asyncio.to_thread(asked.wait, 10)
            with pytest.raises(Unavailable) as late:
                await client.facts("9490", timeout=0.05)
            assert late.value.code == "token_endpoint_unavailable"
            go_on.set()
            await call

    asyncio.run(main())


def test_a_refused_access_token_is_renewed_once(person: Person) -> None:
    """As the blocking client does it, in another event loop too."""
    person.service.script.append(problem(401, "unauthenticated"))

    async def main(client: AsyncClient) -> None:
        async with client:
            assert (await client.facts("9490")).token == "9490"

    client = person.client()
    asyncio.run(main(client))
    asyncio.run(main(client))
    assert len(person.service.asked) == 2
    assert json.dumps([kept.use_until > 0 for kept in person.store.read()]) == "[true]"
