"""How many requests are under way at once: as many as the service bears.

Additive increase, multiplicative decrease (RFC 5681, 3.1, has it for TCP): each answer lets a little more
through, a refusal for want of capacity halves it, and nobody asks before the service's Retry-After is over.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_FIRST_WAIT: Final = 0.2
_LONGEST_WAIT: Final = 20.0
_POLL_SECONDS: Final = 0.1
_MOST_DOUBLINGS: Final = 10


class Stopped(Exception):
    """The import has ended, so nothing is sent any more."""


class Pace:
    """Lets requests through, at most `most` at a time. Safe to use from several threads. Times in seconds."""

    def __init__(
        self,
        most: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._most, self._clock, self._draw = most, clock, draw
        self._changed = threading.Condition()
        self.allowed = float(min(most, 4))
        """How many may be under way at present."""
        self._active, self._refusals = 0, 0
        self.resume_at, self._cut_at = 0.0, 0.0
        """Before this moment of the clock nothing goes out."""
        self._answered_at, self.has_answered = clock(), False
        self._stopped = False

    @contextmanager
    def turn(self) -> Iterator[float]:
        """Waits until a request may go out, and gives the time at which it does. Raises `Stopped`."""
        with self._changed:
            while not self._stopped and not self._is_free():
                self._changed.wait(_POLL_SECONDS)
            if self._stopped:
                raise Stopped
            self._active += 1
        try:
            yield self._clock()
        finally:
            with self._changed:
                self._active -= 1
                self._changed.notify_all()

    def answered(self) -> None:
        """A request was carried out."""
        with self._changed:
            self.allowed = min(float(self._most), self.allowed + 1 / self.allowed)
            self._refusals, self._answered_at, self.has_answered = 0, self._clock(), True
            self._changed.notify_all()

    def refused(self, began: float, asked: float | None) -> float:
        """A request that began then was refused for want of capacity, or got no answer.

        Gives for how long nothing has been carried out. `asked` is what the service wants as a pause.
        """
        with self._changed:
            now = self._clock()
            # Those that were under way together are refused together, and count once.
            if began >= self._cut_at:
                self.allowed, self._cut_at = max(1.0, self.allowed / 2), now
                self._refusals += 1
            limit = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(self._refusals, _MOST_DOUBLINGS))
            self.resume_at = max(self.resume_at, now + (asked or 0.0) + self._draw() * limit)
            return now - self._answered_at

    def stop(self) -> None:
        """Nothing goes out any more; who waits is sent away."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _is_free(self) -> bool:
        return self._active < int(self.allowed) and self._clock() >= self.resume_at
