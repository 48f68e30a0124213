"""Trying again: what passes by itself is sent anew, a little later each time, until the call's time is up."""

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from tokenvault_client import problems
from tokenvault_client.deadlines import Deadline
from tokenvault_client.errors import ConfigurationError
from tokenvault_client.http import ConnectionFailed, Response

_MOST_DOUBLINGS: Final = 30

Try = Callable[[float], Awaitable[Response]]
"""Sends a request, and waits so many seconds for its answer at most. Raises `ConnectionFailed`."""

Pause = Callable[[float], Awaitable[None]]
"""Waits so many seconds."""


def never(answer: Response) -> bool:
    """No success is worth another try."""
    return False


@dataclass(frozen=True)
class Retries:
    """How patiently a request is sent again within the time of its call. Times are in seconds.

    A wait is drawn between nothing and a limit that doubles each time ("full jitter",
    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/), on top of what the
    service asked for. If it asks for more than `longest_wait`, or for more than is left of the call's time,
    its answer is final: the caller knows better what to do meanwhile. A single attempt that gets no answer
    is given up after `attempt_seconds`, so that a lost connection does not use up the whole call.
    `attempts` bounds the number of attempts as well; None leaves it to the time.

    `sleep` is how the blocking client waits, `pause` how the async one does (None: `asyncio.sleep`).
    """

    attempts: int | None = None
    first_wait: float = 0.2
    longest_wait: float = 20.0
    attempt_seconds: float = 12.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    pause: Pause | None = field(default=None, repr=False)
    draw: Callable[[], float] = field(default=random.random, repr=False)

    def __post_init__(self) -> None:
        if self.attempts is not None and self.attempts < 1:
            raise ConfigurationError("attempts must be at least 1")
        if not self.attempt_seconds > 0:
            raise ConfigurationError("attempt_seconds must be more than 0")

    async def run(
        self,
        send: Try,
        pause: Pause,
        deadline: Deadline,
        again: Callable[[Response], bool] = never,
    ) -> Response:
        """The first answer that is not worth another try, or the last one before the deadline.

        `again` says of a success whether to send the same request once more. Any answer is returned, also
        one that is no success. Raises `Unavailable` if no answer came.
        """
        tries = 0
        while True:
            answer, tries = await self._sent(send, deadline), tries + 1
            if tries == self.attempts or not _passes(answer, again):
                break
            wait = self._wait(answer, tries, deadline)
            if wait is None:
                break
            await pause(wait)
        if isinstance(answer, Response):
            return answer
        raise answer.error

    def seconds(self, deadline: Deadline) -> float:
        """How long an attempt may take that is begun now; 0 if it is too late for one."""
        return min(self.attempt_seconds, deadline.left())

    async def _sent(self, send: Try, deadline: Deadline) -> Response | ConnectionFailed:
        seconds = self.seconds(deadline)
        if seconds <= 0:
            return ConnectionFailed("TimeoutError", retryable=False)
        try:
            return await send(seconds)
        except ConnectionFailed as error:
            return error

    def _wait(self, answer: Response | ConnectionFailed, tries: int, deadline: Deadline) -> float | None:
        """How long to wait before the next attempt; None if none is worth it."""
        asked = _asked_seconds(answer)
        left = deadline.left() - asked
        if asked > self.longest_wait or left < self.first_wait:
            return None
        limit = min(self.longest_wait, self.first_wait * 2.0 ** min(tries - 1, _MOST_DOUBLINGS))
        # At most half of what is left, so that the last part of the time is tried as well.
        return asked + self.draw() * min(limit, left / 2)


def _passes(answer: Response | ConnectionFailed, again: Callable[[Response], bool]) -> bool:
    """Whether the same request may succeed a little later."""
    if isinstance(answer, ConnectionFailed):
        return answer.retryable
    return problems.passes(answer) or again(answer)


def _asked_seconds(answer: Response | ConnectionFailed) -> float:
    """How long the service wants to be left alone."""
    if isinstance(answer, ConnectionFailed) or answer.status < 400:
        return 0.0
    return problems.problem(answer).retry_after or 0.0
