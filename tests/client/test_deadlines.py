"""A call has one deadline, whatever its time is spent on: an access token, attempts, waits, a slow answer."""

import socket
import time

import pytest
from tokenvault_client import Client, ItemError, Retries, TokenFacts, TokenizeItem, Unavailable, http
from tokenvault_client.blocking import at_once, finished
from tokenvault_client.deadlines import Deadline
from tokenvault_client.http import ConnectionFailed, HttpTransport, Response

from tests.client.service import Answer, Service, problem
from tests.client.silent import silent


class Time:
    """Time that passes while somebody sleeps or waits for an answer."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def hang(self, seconds: float) -> Response:
        """A server that takes a request and never answers."""
        self.asked.append(seconds)
        self.now += seconds
        raise ConnectionFailed("TimeoutError")


def test_the_time_of_a_call_is_spent_on_attempts_and_waits() -> None:
    """Attempts that hang are given up in time for others, and the last one ends with the call."""
    passed = Time()
    retries = Retries(draw=lambda: 0.5)
    with pytest.raises(Unavailable, match="no answer came"):
        finished(retries.run(at_once(passed.hang), at_once(passed.sleep), Deadline.after(30, passed.clock)))
    assert passed.asked[:2] == [12, 12]
    assert 2 < len(passed.asked) < 8
    assert 29 < passed.now <= 30


@pytest.mark.parametrize("draw", [0.0, 0.5, 0.999])
def test_a_cut_of_some_seconds_is_survived(draw: float) -> None:
    """Whatever is drawn: a connection that is refused at once for four seconds, and then answers."""
    passed, tries = Time(), list[float]()

    def send(seconds: float) -> Response:
        tries.append(passed.now)
        passed.now += 0.01
        if passed.now < 4:
            raise ConnectionFailed("ConnectionRefusedError")
        return Response(200, {}, b"{}")

    retries = Retries(draw=lambda: draw)
    answer = finished(retries.run(at_once(send), at_once(passed.sleep), Deadline.after(30, passed.clock)))
    assert answer.status == 200
    assert passed.now < 15


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\n", b"x"], ids=["nothing", "headers", "noise"])
def test_a_server_that_hangs_ends_with_the_call(service: Service, sent: bytes) -> None:
    """Also one that sends a little again and again, which a time limit of each read would allow for ever."""
    with silent(sent) as url:
        client = Client(service.settings(url=url), timeout_seconds=0.6)
        started = time.monotonic()
        with pytest.raises(Unavailable):
            client.types()
        assert time.monotonic() - started < 2


def test_a_body_that_trickles_ends_with_the_call() -> None:
    """The answer has begun, and never ends."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    with silent(head) as url:
        started = time.monotonic()
        with pytest.raises(ConnectionFailed):
            HttpTransport(url, 0.5).send("GET", "/", {}, None)
        assert time.monotonic() - started < 2


def test_the_token_endpoint_counts(service: Service) -> None:
    """A call that gets no access token in its time is not sent at all; threads do not wait one by one."""
    with silent() as url:
        client = Client(service.settings(token_url=url), timeout_seconds=0.6, parallel=8)
        started = time.monotonic()
        with pytest.raises(Unavailable):
            client.tokenize([TokenizeItem("text", f"v{n}") for n in range(1000)])
        assert time.monotonic() - started < 3
    assert service.seen == []


def test_what_is_asked_for_beyond_the_call_is_left_to_the_caller(service: Service) -> None:
    """A wait that does not fit into the call's time is not begun."""
    service.script.append(problem(429, "throttled", retry_after="5"))
    client = Client(service.settings(), timeout_seconds=3)
    started = time.monotonic()
    with pytest.raises(Exception, match="throttled") as raised:
        client.types()
    assert time.monotonic() - started < 1
    assert raised.value.retryable  # type: ignore[attr-defined]  # a ProblemError


@pytest.mark.parametrize("page", [Answer(503, b"<html>"), Answer(502, b""), problem(504, "function_timeout")])
def test_items_say_whether_a_retry_may_help(service: Service, page: Answer) -> None:
    """Those of a request that met a passing failure, whatever answered; an invalid value never passes."""
    client = service.client(attempts=1, parallel=1)
    service.on_request = lambda: service.script.append(page)
    made = client.tokenize([TokenizeItem("text", f"v{n}") for n in range(101)])
    assert isinstance(made[0], TokenFacts)
    assert isinstance(made[100], ItemError)
    assert made[100].retryable
    assert not ItemError("invalid_value", "no").retryable
    assert not ItemError("internal_error", "a disabled key").retryable


def test_a_certificate_that_nobody_vouches_for_is_not_tried_again(secured: Service) -> None:
    """Thirty seconds would not change it."""
    started = time.monotonic()
    with pytest.raises(Unavailable, match="SSLCertVerificationError"):
        Client(secured.settings()).types()
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (socket.gaierror(socket.EAI_NONAME, "no such name"), False),
        (socket.gaierror(socket.EAI_AGAIN, "no name server answers"), True),
        (ConnectionRefusedError(), True),
    ],
)
def test_a_name_that_does_not_exist_is_not_tried_again(error: OSError, retryable: bool) -> None:
    """A name server that says so is not one that does not answer."""
    assert http.failure(error).retryable is retryable


def test_time_retries_and_parallel_are_options_of_from_env(service: Service) -> None:
    """As of the class itself."""
    client = Client.from_env(
        service.environment(), timeout_seconds=0.5, parallel=2, retries=Retries(attempts=1)
    )
    service.script.append(problem(503, "store_unavailable"))
    with pytest.raises(Unavailable):
        client.types()
    assert len(service.seen) == 1
