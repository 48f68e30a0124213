"""Taking turns among threads."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tokenvault_client import forks
from tokenvault_client.deadlines import Deadline


class ThreadTurns:
    """One thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        forks.watch(self)

    @asynccontextmanager
    async def alone(self, deadline: Deadline) -> AsyncIterator[None]:
        """Waits for its turn. Raises `TimeoutError` if there is none before the deadline."""
        lock = self._lock
        if not lock.acquire(timeout=deadline.left()):
            raise TimeoutError
        try:
            yield
        finally:
            lock.release()

    def after_fork(self) -> None:
        """A thread of the parent may have held the lock, and would never let go of it here."""
        self._lock = threading.Lock()
