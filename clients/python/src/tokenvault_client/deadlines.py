"""The time that a call may take, whatever it is spent on."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

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

    def within(self, seconds: float) -> "Deadline":
        """The deadline so many seconds from now, or this one if it is sooner."""
        return replace(self, at=min(self.at, self.clock() + seconds))


@dataclass(frozen=True)
class CallTime:
    """The time of a method's call: `whole` for all of its requests, or if that is None `each` for one."""

    each: float
    whole: Deadline | None = None

    def request(self) -> Deadline:
        """The deadline of a request that begins now."""
        return self.whole or Deadline.after(self.each)
