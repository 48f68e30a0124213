"""The time that a call may take, whatever it is spent on."""

import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]


@dataclass(frozen=True)
class Deadline:
    """A moment by a clock that only goes forward. Times are in seconds."""

    at: float
    clock: Clock = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Clock = time.monotonic) -> "Deadline":
        """The deadline so many seconds from now."""
        return cls(clock() + seconds, clock)

    def left(self) -> float:
        """The seconds until then; never negative."""
        return max(0.0, self.at - self.clock())
