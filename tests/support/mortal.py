"""An account in which a function can die at any of its calls to AWS."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from tests.support import policies
from tests.support.account import emulated
from tests.support.world import REGION, MakeCall, World

When = Literal["before", "after"]
"""Whether the call at which a function dies was carried out."""


class Died(BaseException):
    """The process ends. Not an `Exception`: nothing in the process gets to handle it."""


class Mortal(World):
    """An account that counts the calls made to it, and ends its caller at one of them."""

    def __init__(self, written: dict[str, Any]) -> None:
        self._lock = threading.Lock()
        self._made = self._last = 0
        self._when: When = "before"
        self._dead = False
        self._clients: dict[tuple[str, str], Any] = {}
        super().__init__(written)

    def client(self, service: str, region: str = REGION) -> Any:
        """One client for all containers: making one takes longer than a call does."""
        if (service, region) not in self._clients:
            self._clients[service, region] = super().client(service, region)
        return self._clients[service, region]

    def count(self, work: Callable[[], Any]) -> int:
        """How many calls this makes, in new containers."""
        self.restart()
        self._live(last=0)
        work()
        return self._made

    def die(self, work: Callable[[], Any], at: int, when: When) -> None:
        """Does this in new containers until the call of that number, counted from 1; then there are new ones.

        Calls that run side by side die with it: none is begun after the death.
        """
        self.restart()
        self._live(last=at)
        self._when = when
        try:
            work()
        except Died:
            pass
        else:
            raise AssertionError("nobody died: there are fewer calls than were counted")
        finally:
            self._live(last=0)
        self.restart()

    def _live(self, last: int) -> None:
        self._made, self._last, self._dead = 0, last, False

    def _call(self, name: str, given: dict[str, Any], make_call: MakeCall) -> Any:
        with self._lock:
            self._made += 1
            number = self._made
        self._strike("before", number)
        try:
            return super()._call(name, given, make_call)
        finally:
            self._strike("after", number)

    def _strike(self, when: When, number: int) -> None:
        self._dead = self._dead or (when == self._when and number == self._last)
        if self._dead:
            raise Died


@contextmanager
def mortal(written: dict[str, Any] | None = None) -> Iterator[Mortal]:
    """A fresh account with the policy of the tests, or another one."""
    with emulated():
        yield Mortal(policies.document() if written is None else written)
