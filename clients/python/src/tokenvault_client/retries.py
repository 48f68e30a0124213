"""Trying again: what passes by itself is sent anew, a little later each time."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tokenvault_client import problems
from tokenvault_client.errors import ConfigurationError, Unavailable
from tokenvault_client.http import ConnectionFailed, Response

_PASSING: Final = frozenset({429, 502, 503, 504})
_DAILY: Final = "quota_exceeded"
"""API Gateway's quota of a day: trying again within seconds is of no use."""

Send = Callable[[], Response]


def never(answer: Response) -> bool:
    """No success is worth another try."""
    return False


@dataclass(frozen=True)
class Retries:
    """How often and how patiently. Times are in seconds.

    A wait is drawn between nothing and a limit that doubles each time ("full jitter",
    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/), on top of what the
    service asked for. Where it asks for more than `longest_wait`, its answer is final: the caller knows
    better what to do meanwhile.
    """

    attempts: int = 4
    first_wait: float = 0.2
    longest_wait: float = 20.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    draw: Callable[[], float] = field(default=random.random, repr=False)

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ConfigurationError("attempts must be at least 1")

    def run(self, send: Send, again: Callable[[Response], bool] = never) -> Response:
        """The first answer that is not worth another try, or the last one.

        `again` says of a success whether to send the same request once more. Raises `Unavailable` where no
        answer came; any answer is returned, also one that is no success.
        """
        for attempt in range(self.attempts - 1):
            answer = _sent(send)
            asked = _asked_seconds(answer)
            if isinstance(answer, Response) and not (_passes(answer) or again(answer)):
                return answer
            if asked > self.longest_wait:
                break
            self.sleep(asked + self.draw() * min(self.longest_wait, self.first_wait * 2**attempt))
        else:
            answer = _sent(send)
        if isinstance(answer, Response):
            return answer
        raise Unavailable.of(
            "unreachable", f"no answer came ({answer}); whether it was carried out is unknown"
        )


def _sent(send: Send) -> Response | ConnectionFailed:
    try:
        return send()
    except ConnectionFailed as error:
        return error


def _passes(answer: Response) -> bool:
    return answer.status in _PASSING and problems.problem(answer).code != _DAILY


def _asked_seconds(answer: Response | ConnectionFailed) -> float:
    """How long the service wants to be left alone."""
    if isinstance(answer, ConnectionFailed) or answer.status < 400:
        return 0.0
    return problems.problem(answer).retry_after or 0.0
