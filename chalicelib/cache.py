"""A small cache whose entries really expire."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from chalicelib.sources import Clock

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ExpiringCache(Generic[K, V]):
    """Holds what `load` returns for `seconds`, then forgets it.

    The library's `CachingMostRecentProvider` goes on decrypting after its time is up; here an
    entry past its time is never returned, also when loading it anew fails. Threads that miss
    the same key may load it twice; none waits for another.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._entries: dict[K, tuple[float, V]] = {}
        self._lock = threading.Lock()

    def get(self, key: K, load: Callable[[], V]) -> V:
        """The entry, loaded if there is none or its time is up. Errors of `load` pass through."""
        now = self._clock()
        with self._lock:
            self._forget_before(now)
            held = self._entries.get(key)
        if held is not None and held[0] > now:
            return held[1]
        value = load()
        with self._lock:
            self._entries.pop(key, None)
            self._entries[key] = (now + self._seconds, value)
        return value

    def _forget_before(self, now: float) -> None:
        """All entries live equally long, so the oldest is first, and only expired ones are looked at."""
        while self._entries:
            key, (until, _) = next(iter(self._entries.items()))
            if until > now:
                return
            del self._entries[key]
