"""The access tokens of a person, for tasks: file, lock and renewal block a thread, and not the event loop."""

import asyncio
from collections.abc import Set

from tokenvault_client.access_tokens import AccessToken
from tokenvault_client.aio.tasks import TaskTurns
from tokenvault_client.blocking import finished
from tokenvault_client.deadlines import Deadline
from tokenvault_client.errors import Unavailable
from tokenvault_client.people import PersonTokens


class InThread:
    """`PersonTokens` for the tasks of one event loop.

    They take turns before one of them gets a thread: a renewal that hangs must not use up the threads in
    which the loop looks up the names of hosts.
    """

    def __init__(self, source: PersonTokens) -> None:
        self._source, self._turns = source, TaskTurns()

    async def get(self, actions: Set[str], deadline: Deadline) -> AccessToken:
        """As `PersonTokens.get`. Raises as that does."""
        try:
            async with self._turns.alone(deadline):
                return await asyncio.to_thread(finished, self._source.get(actions, deadline))
        except TimeoutError:
            raise Unavailable.of(
                "token_endpoint_unavailable", "no access token was to be had in time"
            ) from None

    async def forget(self, refused: AccessToken, deadline: Deadline) -> None:
        """As `PersonTokens.forget`, which waits for nothing."""
        await self._source.forget(refused, deadline)
