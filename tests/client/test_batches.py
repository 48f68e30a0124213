"""More than a hundred items are several requests, with results in the items' order."""

import threading

import pytest
from tokenvault_client import (
    ConfigurationError,
    ItemError,
    NotPermitted,
    TokenFacts,
    TokenizeItem,
    Unavailable,
)

from tests.client.service import Service, problem

KEY = "k" * 22


def items(number: int) -> list[TokenizeItem]:
    return [TokenizeItem("text", f"value-{n}") for n in range(number)]


@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("number", [0, 1, 100, 101, 1234])
def test_results_stand_in_the_items_order(service: Service, number: int, parallel: int) -> None:
    """Each value has its own token, however many requests it took."""
    made = service.client(parallel=parallel).tokenize(iter(items(number)))
    assert [facts.token for facts in made if isinstance(facts, TokenFacts)] == [
        f"value-{n}"[::-1] for n in range(number)
    ]
    sizes = sorted(len(seen.body["items"]) for seen in service.seen)
    assert sum(sizes) == number
    assert all(0 < size <= 100 for size in sizes)
    assert len(sizes) == -(-number // 100)


def test_a_replacement_character_goes_out_escaped(service: Service) -> None:
    """Raw, the service would refuse the whole request: a gateway makes it of bytes that are no UTF-8."""
    service.client().tokenize([TokenizeItem("text", "M\ufffdller")])
    [seen] = service.seen
    assert b"M\\ufffdller" in seen.raw
    assert seen.body["items"][0]["value"] == "M\ufffdller"


def test_each_request_has_a_key_of_its_own_that_follows_from_the_callers(service: Service) -> None:
    """The same items under the same key are the same requests again."""
    for _ in range(2):
        service.client(parallel=1).tokenize(items(250), idempotency_key=KEY)
    sent = [(seen.headers["Idempotency-Key"], seen.raw) for seen in service.seen]
    assert sent[:3] == sent[3:]
    assert [key for key, _ in sent[:3]] == [KEY, f"{KEY}-1", f"{KEY}-2"]


@pytest.mark.parametrize("key", ["short", "k" * 113, "k" * 21 + " ", "k" * 21 + "\n"])
def test_a_key_that_the_service_would_refuse_is_refused_here(service: Service, key: str) -> None:
    """Nothing is sent."""
    with pytest.raises(ConfigurationError, match="idempotency key must be"):
        service.client().tokenize(items(1), idempotency_key=key)
    assert service.seen == []


def test_as_many_requests_at_once_as_asked_for(service: Service) -> None:
    """Three: each waits until the others of its round are there, and no fourth comes."""
    together, under_way, most = threading.Barrier(3, timeout=10), [0], [0]

    def wait() -> None:
        with service.lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        together.wait()
        with service.lock:
            under_way[0] -= 1

    service.on_request = wait
    assert len(service.client(parallel=3).tokenize(items(900))) == 900
    assert most == [3]


def test_a_request_that_fails_does_not_lose_the_others(service: Service) -> None:
    """Its items and those not sent hold the error; nothing is begun after it."""
    client = service.client(parallel=1, attempts=1)

    def fail_the_next() -> None:
        service.script.append(problem(503, "store_unavailable"))

    service.on_request = fail_the_next
    made = client.tokenize(items(300))
    assert all(isinstance(facts, TokenFacts) for facts in made[:100])
    failed = ItemError("store_unavailable", "about store_unavailable; request id r-1")
    assert made[100:] == [failed] * 200
    assert failed.retryable
    assert len(made) == 300
    assert len(service.seen) == 2


@pytest.mark.parametrize("parallel", [1, 4])
def test_where_nothing_succeeded_the_error_is_raised(service: Service, parallel: int) -> None:
    """One error says more than a thousand items that hold it."""
    service.script += [problem(403, "not_permitted")] * 5
    with pytest.raises(NotPermitted):
        service.client(parallel=parallel).detokenize([f"t{n}" for n in range(500)])
    service.script.clear()
    service.script += [problem(503, "store_unavailable")] * 5
    with pytest.raises(Unavailable):
        service.client(attempts=1, parallel=parallel).detokenize([f"t{n}" for n in range(500)])
