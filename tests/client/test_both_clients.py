"""What the blocking and the async client promise, each of it tried with both."""

import logging
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tokenvault_client import (
    ConfigurationError,
    ItemError,
    NotFound,
    NotPermitted,
    ProblemError,
    Refused,
    Retries,
    SearchItem,
    Throttled,
    TokenFacts,
    TokenizeItem,
    Unauthenticated,
    Unavailable,
)

from tests.client.kinds import KINDS, clients
from tests.client.proxy import Proxy, proxying
from tests.client.service import ALL, HANG_UP, RECEIPT, Answer, Service, problem
from tests.client.test_deadlines import silent

Make = Callable[..., Any]
VALUE = "4111111111111111"
SUBJECT = "subject-of-mine"
ONCE = Retries(attempts=1)


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes clients of one kind."""
    with clients(request.param) as made:
        yield made


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy of its own for each test."""
    with proxying() as made:
        yield made


def items(number: int) -> list[TokenizeItem]:
    return [TokenizeItem("text", f"value-{n}") for n in range(number)]


def test_each_method_asks_and_answers(service: Service, make: Make) -> None:
    """The same requests, and the same results, whichever client it is."""
    client = make(service.settings())
    [made] = client.tokenize([TokenizeItem("text", "ab", "s", ttl_seconds=5)], idempotency_key="k" * 22)
    [shown] = client.detokenize(["ba"], purpose="refund", reveal="masked", on_behalf_of="anna")
    [found] = client.search([SearchItem("text", "ab")])
    assert (made.token, shown.value.reveal(), found.token) == ("ba", "ab", "ba")
    assert client.facts("t/1").metadata == {"order": "7"}
    assert client.erase_token("..") is None
    assert [facts.token for facts in client.subject_tokens("a b").tokens] == ["t1", "t2"]
    assert client.erase_subject("s").claims == RECEIPT
    assert [known.type for known in client.types()] == ["text"]
    assert [(seen.method, seen.path) for seen in service.seen] == [
        ("POST", "/v1/tokenize"),
        ("POST", "/v1/detokenize"),
        ("POST", "/v1/search"),
        ("GET", "/v1/tokens/t%2F1"),
        ("DELETE", "/v1/tokens/%2E%2E"),
        ("GET", "/v1/subjects/a%20b"),
        ("GET", "/v1/subjects/a%20b"),
        ("DELETE", "/v1/subjects/s"),
        ("GET", "/v1/types"),
    ]
    body = {"items": [{"token": "ba"}], "purpose": "refund", "on_behalf_of": "anna", "reveal": "masked"}
    assert service.seen[1].body == body
    assert service.seen[0].headers["Idempotency-Key"] == "k" * 22
    assert service.seen[6].headers["Page-Cursor"] == "dDE"
    assert all(seen.headers["x-api-key"] == "an-api-key" for seen in service.seen)
    assert all(seen.headers["User-Agent"].startswith("tokenvault-client/") for seen in service.seen)


@pytest.mark.parametrize("answer", [problem(503, "store_unavailable"), HANG_UP], ids=["503", "cut"])
def test_what_passes_is_sent_again_under_the_same_key(service: Service, make: Make, answer: Answer) -> None:
    """The very same request, until it is answered; then the last answer is the error."""
    client = make(service.settings())
    service.script += [answer] * 3
    client.tokenize(items(1))
    assert len({(seen.raw, seen.headers["Idempotency-Key"]) for seen in service.seen}) == 1
    assert len(service.seen) == 4
    service.script += [answer] * 4
    with pytest.raises(Unavailable) as raised:
        client.tokenize(items(1))
    assert raised.value.retryable


@pytest.mark.parametrize("status", [429, 503])
def test_what_the_service_asks_for_is_waited_for(service: Service, make: Make, status: int) -> None:
    """Seven seconds; half an hour is left to the caller, and so is what a call has no time for."""
    waits: list[float] = []
    client = make(service.settings(), waits=waits)
    code = "throttled" if status == 429 else "store_unavailable"
    service.script.append(problem(status, code, retry_after="7"))
    client.types()
    assert waits == [7]
    for asked, timeout in (("1800", None), ("7", 3)):
        service.script.append(problem(status, code, retry_after=asked))
        with pytest.raises((Throttled, Unavailable)) as raised:
            client.types(timeout=timeout)
        assert raised.value.problem.retry_after == float(asked)
    assert waits == [7]


ERRORS: dict[type[ProblemError], int] = {NotPermitted: 403, NotFound: 404, Refused: 307, Unavailable: 500}


@pytest.mark.parametrize(("kind", "status"), ERRORS.items(), ids=[str(status) for status in ERRORS.values()])
def test_an_answer_becomes_an_error_of_its_kind(
    service: Service, make: Make, kind: type[ProblemError], status: int
) -> None:
    """Sent once; a redirect is not followed."""
    where = {"Location": f"{service.url}/elsewhere"}
    answer = problem(status, "some_code")
    service.script.append(replace(answer, headers={**answer.headers, **where}))
    with pytest.raises(kind) as raised:
        make(service.settings()).types()
    assert (type(raised.value), raised.value.code, len(service.seen)) == (kind, "some_code", 1)


def test_another_program_behind_the_address_is_not_repeated(service: Service, make: Make) -> None:
    """Neither its page nor what a parser says of it."""
    for page in (b"<html>" + VALUE.encode(), [VALUE], {"results": [{"error": VALUE}]}):
        service.script.append(Answer(200, page))
        with pytest.raises(Unavailable, match="unexpected_answer") as raised:
            make(service.settings()).tokenize([TokenizeItem("text", "ab")])
        assert VALUE not in "".join(traceback.format_exception(raised.value))


def test_an_access_token_is_asked_for_once(service: Service, make: Make) -> None:
    """However many begin at the same time: one with all scopes, and one for the side."""
    client = make(service.settings())
    assert len(client.at_once(20, "types")) == 20
    assert len(service.asked) == 2
    assert len({seen.access_token for seen in service.seen}) == 1
    service.script.append(problem(401, "unauthenticated"))
    client.types()
    assert len(service.asked) == 4
    service.script += [problem(401, "unauthenticated")] * 2
    with pytest.raises(Unauthenticated):
        client.types()


def test_no_access_token_that_reveals_comes_to_the_tokenizing_side(service: Service, make: Make) -> None:
    """Each side has its own, and what the client may not do is told without a request."""
    client = make(service.settings())
    client.tokenize(items(1))
    client.detokenize(["ab"])
    assert len({seen.access_token for seen in service.seen}) == 2
    service.scopes = ALL.replace("vault/search", "")
    with pytest.raises(NotPermitted, match="no scope for search; nothing was sent"):
        make(service.settings()).search([SearchItem("text", "ab")])


def test_a_token_cache_is_shared(service: Service, make: Make, tmp_path: Path) -> None:
    """By clients of both kinds, and a refused one is dropped for all."""
    service.scopes = "vault/read"
    for _ in range(2):
        make(service.settings(token_cache=str(tmp_path))).types()
    with clients("blocking") as blocking:
        blocking(service.settings(token_cache=str(tmp_path))).types()
    assert len(service.asked) == 1


def test_batches_keep_their_order_and_their_keys(service: Service, make: Make) -> None:
    """Named alike by both clients: a call that one of them began, the other can make again."""
    client = make(service.settings(), parallel=3)
    made = client.tokenize(items(450), idempotency_key="k" * 22)
    assert [facts.token for facts in made] == [f"value-{n}"[::-1] for n in range(450)]
    keys = {seen.headers["Idempotency-Key"] for seen in service.seen}
    assert keys == {"k" * 22, *(f"{'k' * 22}-{n}" for n in range(1, 5))}
    assert client.tokenize([]) == []


def test_as_many_requests_at_once_as_asked_for(service: Service, make: Make) -> None:
    """Three: each waits until the others of its round are there."""
    together = threading.Barrier(3, timeout=10)
    service.on_request = together.wait  # type: ignore[assignment]  # its number is of no use
    assert len(make(service.settings(), parallel=3).tokenize(items(900))) == 900


def test_a_request_that_fails_does_not_lose_the_others(service: Service, make: Make) -> None:
    """Its items and those not sent hold the error; where none succeeded, it is raised."""
    client = make(service.settings(), parallel=1, retries=ONCE)
    service.on_request = lambda: service.script.append(problem(503, "store_unavailable"))
    made = client.tokenize(items(300))
    assert all(isinstance(facts, TokenFacts) for facts in made[:100])
    assert made[100:] == [ItemError("store_unavailable", "about store_unavailable; request id r-1")] * 200
    assert len(service.seen) == 2
    with pytest.raises(Unavailable):
        make(service.settings(), retries=ONCE).tokenize(items(300))


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
    with silent() as url, pytest.raises(Unavailable):
        make(service.settings(token_url=url), timeout_seconds=0.3).at_once(8, "types")
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
