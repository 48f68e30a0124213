"""A cache whose entries expire: none is handed out past its time, and none lies about after it."""

import gc
import weakref
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.cache import ExpiringCache

SECONDS = 300


class Key:
    """A thing that one can see go."""


def loading(value: object) -> Callable[[], object]:
    return lambda: value


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-400, 400)), max_size=40))
def test_an_entry_is_as_old_as_it_may_be_and_no_older(steps: list[tuple[int, int]]) -> None:
    """In whatever order entries are asked for, also where the clock is set back."""
    now = [10_000.0]
    cache: ExpiringCache[int, float] = ExpiringCache(SECONDS, lambda: now[0])
    loaded: dict[int, float] = {}
    for key, passed in steps:
        now[0] += passed

        def load(key: int = key) -> float:
            loaded[key] = now[0]
            return now[0]

        held = cache.get(key, load)
        assert held == loaded[key]
        assert now[0] < held + SECONDS


def test_what_is_past_its_time_is_forgotten_when_another_is_asked_for() -> None:
    """Keys of a tenant that sends nothing any more do not stay in memory."""
    now = [0.0]
    cache: ExpiringCache[str, object] = ExpiringCache(SECONDS, lambda: now[0])
    gone = weakref.ref(cache.get("one", Key))
    cache.get("another", Key)
    now[0] = SECONDS
    cache.get("a third", Key)
    gc.collect()
    assert gone() is None


def test_an_entry_past_its_time_is_not_handed_out_when_loading_fails() -> None:
    """An outage of KMS does not make an old key last."""
    now = [0.0]
    cache: ExpiringCache[str, object] = ExpiringCache(SECONDS, lambda: now[0])
    cache.get("one", loading(1))
    now[0] = SECONDS

    def fail() -> object:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        cache.get("one", fail)


def test_an_error_is_not_kept() -> None:
    """The next to ask loads again."""
    cache: ExpiringCache[str, object] = ExpiringCache(SECONDS, lambda: 0.0)

    def fail() -> object:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        cache.get("one", fail)
    assert cache.get("one", loading(1)) == 1
