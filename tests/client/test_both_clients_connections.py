"""What both clients promise of time, connections and secrets, each of it tried with both."""

import logging
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tokenvault_client import (
    ConfigurationError,
    ProblemError,
    Retries,
    SearchItem,
    TokenFacts,
    TokenizeItem,
    Unavailable,
)

from tests.client.proxy import Proxy, proxying
from tests.client.service import HANG_UP, Answer, Service, problem
from tests.client.silent import silent

Make = Callable[..., Any]
VALUE = "4111111111111111"
SUBJECT = "subject-of-mine"
ONCE = Retries(attempts=1)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy of its own for each test."""
    with proxying() as made:
        yield made


def items(number: int) -> list[TokenizeItem]:
    return [TokenizeItem("text", f"value-{n}") for n in range(number)]


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
)
def test_a_server_that_hangs_ends_with_the_call(service: Service, make: Make, sent: bytes) -> None:
    """Before its answer, within its headers and within its body, which it goes on sending."""
    with silent(sent) as url:
        client, started = make(service.settings(url=url)), time.monotonic()
        with pytest.raises(Unavailable, match="whether it was carried out is unknown"):
            client.types(timeout=0.3)
        assert time.monotonic() - started < 2


def test_a_timeout_is_for_the_whole_of_a_call(service: Service, make: Make) -> None:
    """All its requests together, not each; and a call that gets no access token in its time is not sent."""
    service.on_request = lambda: time.sleep(0.12)
    started = time.monotonic()
    made = make(service.settings(), parallel=1, timeout_seconds=0.5).tokenize(items(1000), timeout=0.4)
    assert time.monotonic() - started < 1
    assert isinstance(made[0], TokenFacts)
    assert made[999].retryable
    seen = len(service.seen)
    with silent() as url:
        failed = make(service.settings(token_url=url), timeout_seconds=0.3).at_once(8, "types")
    assert {type(error) for error in failed} == {Unavailable}
    assert len(service.seen) == seen
    with pytest.raises(ConfigurationError, match="timeout must be more than 0"):
        make(service.settings()).types(timeout=0)


def test_whether_anything_was_sent_is_told(service: Service, make: Make) -> None:
    """Nobody listens on port 1; a connection that is cut after the request may have carried it."""
    with pytest.raises(Unavailable, match=r"ConnectionRefusedError\); nothing was sent"):
        make(service.settings(url="http://127.0.0.1:1"), retries=ONCE).types()
    service.script.append(HANG_UP)
    with pytest.raises(Unavailable, match="whether it was carried out is unknown"):
        make(service.settings(), retries=ONCE).types()


def test_connections_are_kept_until_the_client_is_closed(service: Service, make: Make) -> None:
    """One to the API, one to the token endpoint; a closed client can be used again."""
    client = make(service.settings())
    for _ in range(5):
        client.types()
    assert service.connections == 2
    client.close()
    client.types()
    assert service.connections == 3
    assert len(service.asked) == 2


def test_mutual_tls(secured: Service, make: Make, certificate: Path) -> None:
    """A context of one's own, or the certificate that the settings name; without one there is no answer."""
    context = ssl.create_default_context(cafile=str(certificate))
    with pytest.raises(Unavailable):
        make(secured.settings(), ssl_context=context, retries=ONCE).types()
    context.load_cert_chain(certificate)
    assert make(secured.settings(), ssl_context=context).types()


def test_a_server_that_nobody_vouches_for_gets_nothing(secured: Service, make: Make) -> None:
    """It is asked once: time would not change it."""
    with pytest.raises(Unavailable, match=r"SSLCertVerificationError\); nothing was sent"):
        make(secured.settings(), waits=(waits := [])).types()
    assert (secured.asked, secured.seen, waits) == ([], [], [])


def named(service: Service, certificate: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Settings that reach the service by a name that only the proxy knows."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    url = f"https://vault.example:{urlsplit(service.url).port}"
    known = {"url": url, "token_url": f"{url}/oauth2/token", "client_certificate": str(certificate)}
    return service.settings(**known, proxy=proxy.url)


def test_a_proxy_is_gone_through_and_reads_nothing(
    secured: Service, make: Make, certificate: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By CONNECT, with its credentials, which the service does not see."""
    client = make(named(secured, certificate, proxy, monkeypatch))
    assert client.tokenize([TokenizeItem("text", VALUE)])[0].token == VALUE[::-1]
    assert all(b"Proxy-Authorization: Basic " in head.replace(b"proxy-a", b"Proxy-A") for head in proxy.asked)
    assert len(proxy.asked) == 2
    everything = b"".join(proxy.passed + proxy.asked)
    assert not any(secret in everything for secret in (VALUE.encode(), b"a-secret", b"an-api-key"))
    assert "Proxy-Authorization" not in secured.seen[0].headers


def test_a_proxy_that_refuses_is_named(
    secured: Service, make: Make, certificate: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, since waiting does not help, and without its credentials."""
    proxy.status = 403
    with pytest.raises(Unavailable, match=r"the proxy answered 403\); nothing was sent") as raised:
        make(named(secured, certificate, proxy, monkeypatch)).types()
    assert "a-password" not in "".join(traceback.format_exception(raised.value))
    assert len(proxy.asked) == 1


def test_a_proxy_that_hangs_up_has_passed_nothing_on(
    secured: Service, make: Make, certificate: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was sent is its own CONNECT: the request may go anywhere else."""
    proxy.status = 0
    with pytest.raises(Unavailable, match="nothing was sent"):
        make(named(secured, certificate, proxy, monkeypatch), retries=ONCE).types()
    assert len(proxy.asked) == 1


def test_the_environment_of_the_process_is_not_asked(
    service: Service, make: Make, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a library below would read by itself: this machine is reached without a proxy."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    assert make(service.settings()).types()
    assert proxy.asked == []


def test_nothing_shows_a_value_a_secret_or_a_subject(
    service: Service, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a repr, nor a traceback, nor what the libraries below log, however much they are let to."""
    caplog.set_level(logging.DEBUG)
    client, tracebacks = make(service.settings(), retries=ONCE), list[str]()
    [shown] = client.detokenize([VALUE[::-1]])
    calls: list[Callable[[], Any]] = [
        lambda: client.tokenize([TokenizeItem("text", VALUE, SUBJECT)]),
        lambda: client.search([SearchItem("text", VALUE)]),
        lambda: client.erase_subject(SUBJECT),
        lambda: client.tokenize([TokenizeItem("text", {"a": {VALUE}})]),
    ]
    for call in calls:
        for answer in (HANG_UP, Answer(200, VALUE.encode()), problem(403, "not_permitted")):
            service.script.append(answer)
            try:
                call()
            except (ProblemError, TypeError) as error:
                tracebacks += traceback.format_exception(error)
            service.script.clear()
    everything = f"{client!r} {shown!r} {tracebacks} {caplog.text}"
    assert len(tracebacks) > 20
    for secret in (VALUE, SUBJECT, "a-secret", "an-api-key", "YW4taWQ6YS1zZWNyZXQ="):
        assert secret not in everything


def test_a_client_goes_on_after_a_connection_was_cut(service: Service, make: Make) -> None:
    """What was kept beside it is not used, and nothing is left open."""
    client = make(service.settings())
    client.at_once(3, "types")
    service.script.append(HANG_UP)
    client.types()
    client.close()
    until = time.monotonic() + 5
    while service.open_connections and time.monotonic() < until:
        with suppress(TimeoutError):
            threading.Event().wait(0.01)
    assert service.open_connections == 0
