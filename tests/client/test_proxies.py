"""Out of a company's network: through its proxy, with a client certificate, and never for this machine."""

import base64
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from tokenvault_client import Client, ConfigurationError, Settings, Unavailable
from tokenvault_client.proxies import bypassed

from tests.client import tool
from tests.client.proxy import Proxy, proxying
from tests.client.service import Service

VALUE = "4111111111111111"
CREDENTIALS = b"Basic " + base64.b64encode(b"someone:a-password")


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy of its own for each test."""
    with proxying() as made:
        yield made


def behind(service: Service, certificate: Path) -> dict[str, str]:
    """The environment of a client that reaches the service by its name, with its certificate."""
    port = urlsplit(service.url).port
    return {
        **service.environment(),
        "TOKENVAULT_URL": f"https://vault.example:{port}",
        "TOKENVAULT_TOKEN_URL": f"https://vault.example:{port}/oauth2/token",
        "TOKENVAULT_CLIENT_CERT": str(certificate),
        "SSL_CERT_FILE": str(certificate),
    }


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_the_tool_goes_through_the_proxy(
    secured: Service, certificate: Path, proxy: Proxy, name: str
) -> None:
    """By CONNECT, with the proxy's credentials, for the API and for access tokens; TLS goes through it."""
    environment = {**behind(secured, certificate), name: proxy.url}
    ended = tool.run(environment, "types")
    assert (ended.code, ended.err) == (0, "")
    port = urlsplit(secured.url).port
    assert [head.split(b" HTTP/")[0] for head in proxy.asked] == [b"CONNECT vault.example:%d" % port] * 2
    assert all(b"Proxy-Authorization: " + CREDENTIALS in head for head in proxy.asked)
    assert secured.seen[0].path == "/v1/types"
    assert "Proxy-Authorization" not in secured.seen[0].headers


def test_the_proxy_reads_nothing(secured: Service, certificate: Path, proxy: Proxy) -> None:
    """Neither values nor credentials pass in the clear."""
    environment = {**behind(secured, certificate), "HTTPS_PROXY": proxy.url}
    ended = tool.run(environment, "tokenize", "--type", "text", stdin=f"{VALUE}\n")
    assert ended.lines == [VALUE[::-1]]
    everything = b"".join(proxy.passed + proxy.asked)
    assert len(everything) > 1000
    for secret in (VALUE, "a-secret", "an-api-key", "YW4taWQ6YS1zZWNyZXQ="):
        assert secret.encode() not in everything


def test_this_machine_is_reached_without_it(service: Service, proxy: Proxy) -> None:
    """The local stack, whatever the shell has set."""
    ended = tool.run({**service.environment(), "HTTPS_PROXY": proxy.url, "HTTP_PROXY": proxy.url}, "types")
    assert (ended.code, proxy.asked) == (0, [])


@pytest.mark.parametrize(
    ("host", "no_proxy", "directly"),
    [
        ("localhost", "", True),
        ("127.0.0.1", "", True),
        ("::1", "", True),
        ("vault.example", "", False),
        ("vault.example", "other.example,vault.example", True),
        ("vault.example", " .example ", True),
        ("vault.example", "ample", False),
        ("VAULT.example", "vault.EXAMPLE", True),
        ("vault.example", "*", True),
        ("vault.example", ",", False),
    ],
)
def test_hosts_of_no_proxy_are_reached_without_it(host: str, no_proxy: str, directly: bool) -> None:
    """By their names, or those of domains above them."""
    assert bypassed(host, no_proxy) is directly


@pytest.mark.parametrize("status", [403, 407])
def test_a_proxy_that_refuses_is_named(
    secured: Service, certificate: Path, proxy: Proxy, status: int
) -> None:
    """At once: waiting does not help. Its credentials are not repeated."""
    proxy.status, begun = status, time.monotonic()
    ended = tool.run({**behind(secured, certificate), "HTTPS_PROXY": proxy.url}, "types")
    assert (ended.code, f"the proxy answered {status}" in ended.err) == (4, True)
    assert "a-password" not in ended.err
    assert len(proxy.asked) == 1
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "url", ["https://proxy.example:1", "socks5://secret:1", "http://", "http://secret:port", "http://[secret"]
)
def test_a_proxy_that_cannot_be_used_is_refused(service: Service, url: str) -> None:
    """With what is needed, and not quoted."""
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY must be http://host:port") as raised:
        Settings.from_env({**service.environment(), "HTTPS_PROXY": url})
    assert "secret" not in str(raised.value)


def test_a_proxy_without_a_scheme_is_http(service: Service) -> None:
    """As curl takes it; the port is 80 if none is named."""
    settings = Settings.from_env({**service.environment(), "HTTPS_PROXY": "proxy.example"})
    found = settings.proxy_for("https://vault.example/")
    assert found
    assert (found.host, found.port, dict(found.headers)) == ("proxy.example", 80, {})
    assert "a-password" not in repr(
        Settings.from_env({**service.environment(), "HTTPS_PROXY": "x:a-password@h"})
    )


def test_a_client_certificate_comes_from_the_environment(secured: Service, certificate: Path) -> None:
    """From one file with its key, or from two."""
    whole = certificate.read_text()
    key = certificate.parent / "key.pem"
    begin = whole.index("-----BEGIN PRIVATE KEY")
    key.write_text(whole[begin:])
    alone = certificate.parent / "alone.pem"
    alone.write_text(whole[:begin])
    trust = {**secured.environment(), "SSL_CERT_FILE": str(certificate)}
    one_file = {"TOKENVAULT_CLIENT_CERT": str(certificate)}
    two_files = {"TOKENVAULT_CLIENT_CERT": str(alone), "TOKENVAULT_CLIENT_KEY": str(key)}
    for named in (one_file, two_files):
        assert tool.run({**trust, **named}, "types").code == 0
    assert len(secured.seen) == 2


def test_certificates_that_cannot_be_used_are_named(
    secured: Service, certificate: Path, tmp_path: Path
) -> None:
    """By their variables. An encrypted key is refused, not asked about at a terminal where nobody sits."""
    (tmp_path / "text").write_text("secret")
    private = load_pem_private_key(certificate.read_bytes(), None)
    locked = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    (tmp_path / "locked").write_bytes(locked)
    cases = {
        "cannot be read: No such file": {"TOKENVAULT_CLIENT_CERT": str(tmp_path / "none")},
        "are not a PEM certificate and its private key": {"TOKENVAULT_CLIENT_CERT": str(tmp_path / "text")},
        "TOKENVAULT_CLIENT_KEY is encrypted": {
            "TOKENVAULT_CLIENT_CERT": str(certificate),
            "TOKENVAULT_CLIENT_KEY": str(tmp_path / "locked"),
        },
        "is set without TOKENVAULT_CLIENT_CERT": {"TOKENVAULT_CLIENT_KEY": str(certificate)},
    }
    for said, named in cases.items():
        with pytest.raises(ConfigurationError, match=said) as raised:
            Client.from_env({**secured.environment(), **named})
        assert "secret" not in str(raised.value)


def test_a_context_of_ones_own_goes_first(secured: Service, certificate: Path) -> None:
    """It replaces what the environment names."""
    context = ssl.create_default_context(cafile=str(certificate))
    with pytest.raises(Unavailable):
        Client.from_env(
            {**secured.environment(), "TOKENVAULT_CLIENT_CERT": str(certificate)},
            ssl_context=context,
            timeout_seconds=1,
        ).types()
