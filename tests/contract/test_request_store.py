"""One suite for every store of idempotent requests: the fake, and DynamoDB."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chalicelib.vault.request_table import RequestTable
from chalicelib.vault.requests import KEPT_SECONDS, RequestStore, StoredRequest
from tests.support.memory_subjects import MemoryRequests
from tests.support.world import world

FIRST = StoredRequest("0a" * 32, b"m" * 32, b"s" * 32, 1_800_000_000)


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[RequestStore]:
    if request.param == "memory":
        yield MemoryRequests()
        return
    with world() as account:
        yield RequestTable(account.client("dynamodb"), "idempotency")


def later(seconds: int, seed: bytes = b"other") -> StoredRequest:
    """The request again, with another body and another seed."""
    return replace(FIRST, body_mac=b"n" * 32, seed=seed, created=FIRST.created + seconds)


def test_the_first_stands(store: RequestStore) -> None:
    """Whoever comes later, with whatever body, is given the first; another key is another request."""
    other = replace(FIRST, key_hash="0b" * 32, seed=b"theirs")
    assert store.get_or_create(FIRST) == FIRST
    assert store.get_or_create(later(1)) == FIRST
    assert store.get_or_create(later(-1)) == FIRST
    assert store.get_or_create(FIRST) == FIRST
    assert store.get_or_create(other) == other


def test_for_a_day(store: RequestStore) -> None:
    """And as long as clocks may be apart, to the second; then the next one begins a day of its own."""
    store.get_or_create(FIRST)
    assert store.get_or_create(later(KEPT_SECONDS - 1)) == FIRST
    again = later(KEPT_SECONDS)
    assert store.get_or_create(again) == again
    assert store.get_or_create(later(KEPT_SECONDS + 1)) == again


@pytest.mark.parametrize("expired", [False, True], ids=["new", "after a day"])
def test_one_of_sixteen_threads_is_the_first(store: RequestStore, expired: bool) -> None:
    """All are given the same one, also where an old one is replaced."""
    if expired:
        store.get_or_create(FIRST)
    barrier = threading.Barrier(16)

    def send(number: int) -> StoredRequest:
        barrier.wait()
        return store.get_or_create(later(KEPT_SECONDS, bytes([number])))

    with ThreadPoolExecutor(16) as pool:
        given = list(pool.map(send, range(16)))
    assert len({request.seed for request in given}) == 1
    assert FIRST not in given
