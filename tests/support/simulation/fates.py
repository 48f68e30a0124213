"""What becomes of the calls of a container: each may fail, come late, be its last, or take so long that
something else happens before it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from chalicelib.errors import StoreUnavailable

T = TypeVar("T")

STRIKES = ("waits", "waits", "is refused", "loses its answer", "comes late", "dies before", "dies after")


class Died(BaseException):
    """The process of a container ends. Not an `Exception`: nothing in the process gets to handle it."""


@dataclass
class Fate:
    """How often a call meets something, and by which die; `meanwhile` is what happens while one waits."""

    dice: random.Random
    meanwhile: Callable[[], None]
    rate: float = 0.0
    late: list[Callable[[], object]] = field(default_factory=list)

    def of(self, call: Callable[[], T], *, writes: bool = False) -> T:
        """Makes a call, or does not. Raises `StoreUnavailable` or `Died`."""
        strike = self.dice.choice(STRIKES) if self.dice.random() < self.rate else None
        match strike:
            case "waits":
                self.meanwhile()
            case "is refused":
                raise _unavailable()
            case "dies before":
                raise Died
            case "comes late" if writes:
                self.late.append(call)
                raise _unavailable()
        answer = call()
        if strike == "loses its answer":
            raise _unavailable()
        if strike == "dies after":
            raise Died
        return answer

    def deliver_late(self) -> None:
        """What was on its way to a table arrives."""
        late, self.late = self.late, []
        for call in late:
            call()


def _unavailable() -> StoreUnavailable:
    return StoreUnavailable("the simulated table did not answer")
